//! The long texts of `ztgit explain`.

use ztgit_cluster::report::Status;

/// What a code means.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// Why it is reported, an example, and what to do.
    pub text: &'static str,
}

/// Every code that has a text, sorted: the host's own, those of lint rules, and
/// what an object in a cluster can be.
/// Codes of plugins have the plugin's name in front, as in
/// `wireguard/peer-overlap`.
pub fn explanations() -> Vec<Explanation> {
    let rules = ztgit_lint::rules().iter().map(|rule| Explanation {
        code: rule.code,
        text: rule.text,
    });
    let statuses = Status::ALL.map(|status| Explanation {
        code: status.code(),
        text: status.explanation(),
    });
    let mut all: Vec<Explanation> = OWN.iter().copied().chain(rules).chain(statuses).collect();
    all.sort_by_key(|explanation| explanation.code);
    all
}

/// The text of a code.
pub fn explain(code: &str) -> Option<Explanation> {
    explanations()
        .into_iter()
        .find(|explanation| explanation.code == code)
}

macro_rules! texts {
    ($($code:literal),* $(,)?) => {
        &[$(Explanation {
            code: $code,
            text: include_str!(concat!("explain/", $code, ".md")),
        }),*]
    };
}

/// The host's own.
const OWN: &[Explanation] = texts![
    "ambiguous-peer",
    "ambiguous-scalar",
    "app-conflict",
    "app-consent",
    "app-unplaced",
    "cidr-overlap",
    "cluster-name",
    "cni-upgrade",
    "control-character",
    "duplicate-address",
    "duplicate-app",
    "duplicate-cluster",
    "duplicate-key",
    "duplicate-object",
    "enforce-and-allow",
    "fact-ambiguous",
    "fact-missing",
    "file-too-large",
    "float",
    "invalid-name",
    "invalid-object",
    "invalid-value",
    "merge-key",
    "missing-key",
    "namespace-label",
    "namespace-labels-needed",
    "namespace-manifest",
    "namespace-owner",
    "no-clusters",
    "node-outside-range",
    "not-a-document",
    "not-utf-8",
    "number-too-large",
    "plugin-name",
    "plugin-output",
    "plugin-source",
    "port-range",
    "recreate",
    "removal",
    "repeated-profile",
    "same-labels",
    "second-document",
    "secret",
    "too-many-findings",
    "unknown-key",
    "unknown-kind",
    "unknown-plugin",
    "unknown-profile",
    "unknown-reference",
    "unused-exception",
    "unused-grant",
    "wrong-kind",
    "yaml-anchor",
    "yaml-budget",
    "yaml-syntax",
    "yaml-tag",
];

#[cfg(test)]
mod tests;

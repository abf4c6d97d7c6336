//! The long texts of `ztgit explain`.

/// What a code means.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// Why it is reported, an example, and what to do.
    pub text: &'static str,
}

/// Every code of the host's own that has a text, sorted. Codes of plugins have
/// the plugin's name in front, as in `wireguard/peer-overlap`.
pub fn explanations() -> &'static [Explanation] {
    EXPLANATIONS
}

/// The text of a code.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    EXPLANATIONS
        .iter()
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

const EXPLANATIONS: &[Explanation] = texts![
    "ambiguous-peer",
    "ambiguous-scalar",
    "app-conflict",
    "app-consent",
    "app-unplaced",
    "cidr-overlap",
    "cluster-name",
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
    "wrong-kind",
    "yaml-anchor",
    "yaml-budget",
    "yaml-syntax",
    "yaml-tag",
];

#[cfg(test)]
mod tests;

//! A version of Cilium that gets no fixes any more.

use ztgit_plugin::Severity;
use ztgit_policy::CiliumVersion;

use crate::finding::{Found, Place};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "cilium-unsupported",
    severity: Severity::Warning,
    text: include_str!("unsupported_cilium.md"),
    find,
};

/// The lines that upstream maintains: the three newest. To be moved on with each
/// minor release (<https://github.com/cilium/cilium#stable-releases>).
const MAINTAINED: [CiliumVersion; 3] = [
    CiliumVersion::new(1, 18),
    CiliumVersion::new(1, 19),
    CiliumVersion::new(1, 20),
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let written = &subject.cluster.cni.version;
    let version: Option<CiliumVersion> = written.parse().ok();
    let old = version.filter(|version| subject.cluster.has_cilium() && *version < MAINTAINED[0]);
    let found = old.map(|_| {
        let maintained = MAINTAINED.map(|version| version.to_string()).join(", ");
        Found::new(
            "cni/version",
            Place::cluster(["cni", "version"]),
            format!("Cilium {written} is out of support: its holes are not fixed any more"),
            format!("upgrade, one minor version at a time; maintained are {maintained}"),
        )
    });
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Lint;

    fn version(version: &str) -> Lint {
        Lint::homelab().cluster(&json!({"cni": {"version": version}}))
    }

    #[test]
    fn the_versions_of_old_tutorials_are_found() {
        for old in ["1.14.0", "1.16.0", "1.17.4"] {
            version(old).finds(super::RULE, "cni/version");
        }
    }

    #[test]
    fn maintained_and_newer_ones_are_not() {
        for new in ["1.18.9", "1.20.2", "1.21.0"] {
            version(new).passes(super::RULE);
        }
    }

    #[test]
    fn another_cni_has_versions_of_its_own() {
        Lint::homelab()
            .cluster(&json!({"cni": {"name": "calico", "version": "1.2.0"}}))
            .passes(super::RULE);
    }
}

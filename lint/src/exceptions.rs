//! Findings that are accepted without anybody's asking: what the cluster itself
//! needs, in the baselines of ztgit's own plugins. Reports list them.

use crate::finding::{Finding, Place};
use crate::subject::{Origin, Subject};

struct Exception {
    code: &'static str,
    /// The object's name.
    name: &'static str,
    reason: &'static str,
}

const BUILT_IN: [Exception; 3] = [
    Exception {
        code: "fqdn-wide",
        name: "zt-allow-flux-sources",
        reason: "registries hand out their content under names that change",
    },
    Exception {
        code: "wide-entity",
        name: "zt-allow-dns-server",
        reason: "the cluster's DNS answers every pod and node",
    },
    Exception {
        code: "wide-range",
        name: "zt-allow-dns-server",
        reason: "the cluster's DNS asks whatever resolvers its node has, on port 53 alone",
    },
];

/// Accepts a finding that is built in. What the stack brings along by hand is judged
/// by the stack alone, whatever its name.
pub(crate) fn apply(mut finding: Finding, subject: &Subject<'_>) -> Finding {
    let Place::Object(index, _) = finding.place else {
        return finding;
    };
    let object = subject.object(index);
    let known = BUILT_IN
        .iter()
        .find(|exception| exception.code == finding.code && exception.name == object.name());
    let by_plugin = matches!(object.origin, Origin::Plugin(_));
    finding.accepted = known
        .filter(|_| by_plugin)
        .map(|exception| exception.reason);
    finding
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use ztgit_plugin::Phase;
    use ztgit_plugin::testing::homelab;

    use crate::subject::{Object, Origin, Subject};

    fn accepted(name: &str, origin: Origin<'_>) -> Vec<bool> {
        let cluster = serde_json::from_value(homelab()).expect("a cluster");
        let value = json!({
            "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
            "metadata": {"name": name, "namespace": "kube-system"},
            "spec": {"endpointSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}
        });
        let mut subject = Subject::new(&cluster, &[]);
        subject.add_object(Object {
            value: &value,
            phase: Phase::Allow,
            origin,
        });
        let findings = crate::lint(&subject).into_iter();
        findings
            .filter(|finding| finding.code == "wide-entity")
            .map(|finding| finding.accepted.is_some())
            .collect()
    }

    #[test]
    fn a_baseline_of_a_plugin_is_accepted() {
        let plugin = Origin::Plugin("cilium");
        assert_eq!(accepted("zt-allow-dns-server", plugin), [true]);
        assert_eq!(accepted("other", plugin), [false]);
    }

    #[test]
    fn a_policy_of_that_name_by_hand_is_not() {
        assert_eq!(
            accepted("zt-allow-dns-server", Origin::HandWritten),
            [false]
        );
    }
}

//! A list of names is void, because another rule opens DNS as a whole.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::rule::Rule;
use crate::shadow::shadows;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "dns-shadowed",
    severity: Severity::Warning,
    text: include_str!("shadowed.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let shadows = shadows(subject, |rules| !rules.dns().is_empty());
    let hint = "give the wider rule `rules.dns` with the names that all its pods need";
    shadows
        .iter()
        .map(|shadow| shadow.finding("DNS rules", hint))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, clusterwide, policy};

    fn lookup(rules: &Value) -> Value {
        json!({
            "toEndpoints": [{"matchLabels": {
                "k8s:io.kubernetes.pod.namespace": "kube-system",
                "k8s:k8s-app": "kube-dns"
            }}],
            "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": rules}]
        })
    }

    fn names() -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "egress": [lookup(&json!({"dns": [{"matchName": "api.example.com"}]}))]
        }))
    }

    #[test]
    fn dns_for_all_without_names_voids_the_list_of_one() {
        let everybody = json!({"endpointSelector": {}, "egress": [lookup(&Value::Null)]});
        Lint::homelab()
            .object(names())
            .object(clusterwide(&everybody))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn dns_for_all_with_names_does_not() {
        let inside = json!({"dns": [{"matchPattern": "*.*.svc.cluster.local"}]});
        let everybody = json!({"endpointSelector": {}, "egress": [lookup(&inside)]});
        Lint::homelab()
            .object(names())
            .object(clusterwide(&everybody))
            .passes(super::RULE);
    }

    #[test]
    fn dns_of_another_pod_does_not() {
        let other = json!({
            "endpointSelector": {"matchLabels": {"app": "my-frontend"}},
            "egress": [lookup(&Value::Null)]
        });
        Lint::homelab()
            .object(names())
            .object(policy(&other))
            .passes(super::RULE);
    }
}

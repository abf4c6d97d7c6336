//! Pods under a default deny that may not ask the cluster's DNS.

use std::collections::BTreeMap;

use ztgit_plugin::Severity;
use ztgit_policy::model::Protocol;

use crate::finding::Found;
use crate::isolation::{finding, isolated_by};
use crate::neighbourhood::DNS_SERVER;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "deny-without-dns",
    severity: Severity::Error,
    text: include_str!("unasked.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let neighbourhood = subject.neighbourhood();
    let mut cut_off: BTreeMap<_, &str> = BTreeMap::new();
    for pod in neighbourhood.pods() {
        let asked = neighbourhood.ask((pod, DNS_SERVER), (Protocol::Udp, 53));
        for rule in asked.iter().flat_map(|asked| isolated_by(&asked.egress)) {
            cut_off.entry(rule).or_insert(pod);
        }
    }
    cut_off
        .iter()
        .filter_map(|(rule, pod)| {
            let message =
                format!("`{pod}` may not ask the cluster's DNS, so it finds nothing by name");
            let hint =
                "allow port 53 of the pods `k8s-app: kube-dns` in kube-system, with `rules.dns`";
            finding(subject, rule, message, hint)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{CLUSTERWIDE, Lint, POLICY, clusterwide, policy};

    fn deny() -> Value {
        json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]})
    }

    fn allow(subject: &Value) -> Value {
        let mut policy = policy(&json!({
            "endpointSelector": subject,
            "enableDefaultDeny": {"egress": false},
            "egress": [{
                "toEndpoints": [{"matchLabels": {
                    "k8s:io.kubernetes.pod.namespace": "kube-system",
                    "k8s:k8s-app": "kube-dns"
                }}],
                "toPorts": [{
                    "ports": [{"port": "53", "protocol": "ANY"}],
                    "rules": {"dns": [{"matchPattern": "**.cluster.local"}]}
                }]
            }]
        }));
        policy["metadata"]["name"] = json!("dns");
        policy
    }

    #[test]
    fn a_default_deny_alone_is_found() {
        Lint::homelab()
            .object(policy(&deny()))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_default_deny_of_pods_that_nothing_declares_is_found() {
        let others = json!({"matchExpressions": [
            {"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["kube-system", "my-app"]}
        ]});
        Lint::homelab()
            .object(clusterwide(
                &json!({"endpointSelector": others, "egress": [{}]}),
            ))
            .finds(super::RULE, CLUSTERWIDE);
    }

    #[test]
    fn dns_for_some_of_the_pods_is_not_enough() {
        Lint::homelab()
            .object(policy(&deny()))
            .object(allow(&json!({"matchLabels": {"app": "my-api"}})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn an_allow_that_isolates_by_itself_is_found() {
        let nas = json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "egress": [{"toCIDR": ["192.0.2.0/24"]}]
        });
        Lint::homelab()
            .object(policy(&nas))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn dns_for_all_of_them_is() {
        Lint::homelab()
            .object(policy(&deny()))
            .object(allow(&json!({})))
            .passes(super::RULE);
    }

    #[test]
    fn pods_that_nothing_isolates_need_none() {
        Lint::homelab()
            .object(allow(&json!({"matchLabels": {"app": "my-api"}})))
            .passes(super::RULE);
    }
}

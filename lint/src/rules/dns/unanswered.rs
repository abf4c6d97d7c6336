//! The cluster's own DNS is under a default deny.

use std::collections::BTreeMap;
use std::sync::Arc;

use ztgit_plugin::Severity;
use ztgit_policy::model::Protocol;
use ztgit_policy::reach::RuleReference;

use crate::finding::Found;
use crate::isolation::{finding, isolated_by};
use crate::neighbourhood::{API_SERVER, CLIENT, DNS_SERVER, HOST, Neighbourhood, OUTSIDE};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "deny-without-dns-server",
    severity: Severity::Error,
    text: include_str!("unanswered.md"),
    find,
};

/// What the DNS server has to reach: any of the ends and ports of a need is enough.
struct Need {
    what: &'static str,
    any: &'static [(&'static str, Protocol, u16)],
}

const NEEDS: [Need; 2] = [
    Need {
        what: "may not watch the API server",
        any: &[
            (API_SERVER, Protocol::Tcp, 6443),
            (API_SERVER, Protocol::Tcp, 443),
        ],
    },
    Need {
        what: "may not ask its upstream",
        any: &[(OUTSIDE, Protocol::Udp, 53), (HOST, Protocol::Udp, 53)],
    },
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let neighbourhood = subject.neighbourhood();
    let mut lacking: BTreeMap<Arc<RuleReference>, String> = BTreeMap::new();
    for pod in neighbourhood.pods().chain([CLIENT]) {
        let asked = neighbourhood.ask((pod, DNS_SERVER), (Protocol::Udp, 53));
        for rule in asked.iter().flat_map(|asked| isolated_by(&asked.ingress)) {
            let message = "may not answer its clients".to_owned();
            lacking.entry(rule).or_insert(message);
        }
    }
    for need in NEEDS {
        for rule in unmet(neighbourhood, &need) {
            lacking.entry(rule).or_insert(need.what.to_owned());
        }
    }
    lacking
        .into_iter()
        .filter_map(|(rule, what)| {
            let message = format!("the cluster's DNS {what}");
            let hint = "leave kube-system out of the deny, or allow both ways of the pods `k8s-app: kube-dns`";
            finding(subject, &rule, message, hint)
        })
        .collect()
}

/// The rules that stand in the way of a need.
fn unmet(neighbourhood: &Neighbourhood, need: &Need) -> Vec<Arc<RuleReference>> {
    let mut rules = Vec::new();
    for (end, protocol, port) in need.any {
        let Some(asked) = neighbourhood.ask((DNS_SERVER, end), (*protocol, *port)) else {
            continue;
        };
        let isolating = isolated_by(&asked.egress);
        if isolating.is_empty() {
            return Vec::new();
        }
        rules.extend(isolating);
    }
    rules
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{CLUSTERWIDE, Lint, clusterwide};

    fn deny(namespaces: &Value) -> Value {
        clusterwide(&json!({
            "endpointSelector": {"matchExpressions": [
                {"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": namespaces}
            ]},
            "ingress": [{}],
            "egress": [{}]
        }))
    }

    fn server(ingress: &Value, egress: &Value) -> Value {
        json!({
            "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
            "metadata": {"name": "dns-server", "namespace": "kube-system"},
            "spec": {
                "endpointSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                "enableDefaultDeny": {"ingress": false, "egress": false},
                "ingress": ingress,
                "egress": egress
            }
        })
    }

    #[test]
    fn a_deny_of_the_whole_cluster_silences_its_dns() {
        Lint::homelab()
            .object(deny(&json!(["monitoring"])))
            .finds(super::RULE, CLUSTERWIDE);
    }

    #[test]
    fn the_servers_own_egress_is_needed_too() {
        let answers = json!([{"fromEntities": ["cluster"]}]);
        for egress in [
            json!([{"toEntities": ["kube-apiserver"]}]),
            json!([{"toEntities": ["world"]}]),
        ] {
            Lint::homelab()
                .object(deny(&json!(["monitoring"])))
                .object(server(&answers, &egress))
                .finds(super::RULE, CLUSTERWIDE);
        }
    }

    #[test]
    fn a_baseline_of_its_own_is_enough() {
        Lint::homelab()
            .object(deny(&json!(["monitoring"])))
            .object(server(
                &json!([{"fromEntities": ["cluster"]}]),
                &json!([{"toEntities": ["kube-apiserver", "world"]}]),
            ))
            .passes(super::RULE);
    }

    #[test]
    fn so_is_an_exempt_kube_system() {
        Lint::homelab()
            .object(deny(&json!(["kube-system"])))
            .passes(super::RULE);
    }
}

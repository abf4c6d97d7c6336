use serde_json::{Value, json};

use super::{clusterwide, passes, shop, tcp};

#[test]
fn an_empty_list_of_peers_selects_nobody_and_an_absent_one_everybody() {
    let with = |entry: Value| shop(&json!({"endpointSelector": {}, "ingress": [entry]}));
    let ports = json!([{"ports": [{"port": "8080"}]}]);
    let nobody = with(json!({"fromEndpoints": [], "toPorts": ports}));
    let everybody = with(json!({"toPorts": ports}));
    assert!(!passes(&[&nobody], &tcp("other", "api", 8080)));
    assert!(passes(&[&everybody], &tcp("internet", "api", 8080)));
}

#[test]
fn a_peer_stays_in_the_namespace_of_the_policy_unless_it_names_one() {
    let from = |labels: Value| {
        shop(&json!({
            "endpointSelector": {},
            "ingress": [{"fromEndpoints": [{"matchLabels": labels}]}],
        }))
    };
    let other = tcp("other", "web", 8080);
    assert!(!passes(&[&from(json!({"app": "api"}))], &other));
    let named = json!({"app": "api", "k8s:io.kubernetes.pod.namespace": "other"});
    assert!(passes(&[&from(named)], &other));
    let labelled =
        json!({"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name": "other"});
    assert!(passes(&[&from(labelled)], &other));
}

#[test]
fn a_clusterwide_peer_means_pods_of_every_namespace_and_nothing_else() {
    let policy =
        clusterwide(&json!({"endpointSelector": {}, "ingress": [{"fromEndpoints": [{}]}]}));
    assert!(passes(&[&policy], &tcp("other", "web", 8080)));
    assert!(!passes(&[&policy], &tcp("gateway", "web", 8080)));
    assert!(!passes(&[&policy], &tcp("node", "web", 8080)));
}

#[test]
fn service_accounts_are_labels() {
    let policy = shop(&json!({
        "endpointSelector": {},
        "ingress": [{"fromEndpoints": [
            {"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "web"}}
        ]}],
    }));
    assert!(passes(&[&policy], &tcp("web", "api", 8080)));
    assert!(!passes(&[&policy], &tcp("api", "web", 8080)));
}

#[test]
fn not_in_also_selects_what_has_no_such_label() {
    let deny = clusterwide(&json!({
        "endpointSelector": {"matchExpressions": [
            {"key": "io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["kube-system"]}
        ]},
        "egress": [{}],
    }));
    assert!(
        !passes(&[&deny], &tcp("gateway", "api", 8080)),
        "no namespace at all"
    );
    assert!(passes(&[&deny], &tcp("dns", "api", 8080)));
}

#[test]
fn remote_node_admits_the_api_server_on_a_node() {
    let policy = shop(&json!({
        "endpointSelector": {},
        "ingress": [{"fromEntities": ["remote-node"]}],
    }));
    assert!(passes(&[&policy], &tcp("apiserver", "api", 8080)));
    let policy = shop(&json!({
        "endpointSelector": {},
        "ingress": [{"fromEntities": ["kube-apiserver"]}],
    }));
    assert!(
        !passes(&[&policy], &tcp("node", "api", 8080)),
        "not the other way round"
    );
}

#[test]
fn cluster_is_everything_but_the_world() {
    let policy = shop(&json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}));
    for from in ["web", "other", "node", "apiserver", "gateway", "health"] {
        assert!(passes(&[&policy], &tcp(from, "api", 8080)), "{from}");
    }
    assert!(!passes(&[&policy], &tcp("internet", "api", 8080)));
}

#[test]
fn a_range_never_means_pods_and_nodes() {
    let policy = shop(&json!({
        "endpointSelector": {},
        "egress": [{"toCIDR": ["0.0.0.0/0", "::/0"]}],
    }));
    assert!(passes(&[&policy], &tcp("web", "internet", 443)));
    for to in ["api", "node", "apiserver", "host"] {
        assert!(!passes(&[&policy], &tcp("web", to, 443)), "{to}");
    }
}

#[test]
fn an_exception_is_taken_out_of_its_own_range_only() {
    let policy =
        |ranges: Value| shop(&json!({"endpointSelector": {}, "egress": [{"toCIDRSet": ranges}]}));
    let except = json!({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]});
    assert!(!passes(&[&policy(json!([except]))], &tcp("web", "ten", 80)));
    let both = json!([except, {"cidr": "10.1.0.0/16"}]);
    assert!(passes(&[&policy(both)], &tcp("web", "ten", 80)));
}

#[test]
fn a_name_selects_who_was_looked_up_under_it() {
    let policy =
        |fqdn: Value| shop(&json!({"endpointSelector": {}, "egress": [{"toFQDNs": [fqdn]}]}));
    let github = tcp("web", "github", 443);
    assert!(passes(
        &[&policy(json!({"matchName": "api.github.com"}))],
        &github
    ));
    assert!(passes(
        &[&policy(json!({"matchPattern": "*.github.com"}))],
        &github
    ));
    assert!(
        !passes(&[&policy(json!({"matchPattern": "*.com"}))], &github),
        "one label only"
    );
    let other = tcp("web", "internet", 443);
    assert!(
        !passes(&[&policy(json!({"matchPattern": "*"}))], &other),
        "nobody looked it up"
    );
}

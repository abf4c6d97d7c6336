//! What ztgit's own plugins emit has no finding that is not accepted.

mod native;

use native::{Configs, Rendered};
use serde_json::{Value, json};
use ztgit_lint::{Finding, Item, Severity, State, Subject, lint, posture};
use ztgit_plugin::testing::{homelab, merge_patch};

/// A cluster with the configs of the plugins that take part.
struct Stack {
    cluster: Value,
    configs: Configs,
}

impl Stack {
    /// Cilium and a Gateway, without files for nodes.
    fn new(patch: &Value) -> Self {
        let mut cluster = homelab();
        merge_patch(&mut cluster, patch);
        let gateway = json!({
            "email": "ops@homelab-one.net",
            "exposure": "hostNetwork",
            "gateway": {"name": "homelab-gateway"},
            "hosts": {"myapp.homelab-one.net": {
                "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend"
            }}
        });
        Self {
            cluster,
            configs: [("cilium", json!({})), ("gateway-tls", gateway)].into(),
        }
    }

    /// The same with every node's own files.
    fn with_hosts(patch: &Value) -> Self {
        let mut stack = Self::new(patch);
        stack.configs.extend([
            ("crowdsec", json!({})),
            ("k3s", json!({})),
            (
                "nftables",
                json!({"ssh": {"breakGlass": ["192.168.1.0/24"]}}),
            ),
            (
                "wireguard",
                json!({
                    "endpoint": "vpn.homelab-one.net",
                    "publicKey": "BkXy2MEPKONcMHkZUL0TZz0Afxo3bNVa5cQO5wY5Xm4=",
                    "peers": {"laptop": {
                        "publicKey": "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=",
                        "address": "10.100.0.2"
                    }}
                }),
            ),
        ]);
        stack
    }

    /// What is to be said of a rendering without errors.
    fn judged<T>(&self, judge: impl FnOnce(&Subject<'_>) -> T) -> T {
        let rendered = Rendered::of(&self.cluster, &self.configs);
        let subject = rendered.subject();
        assert!(!subject.policies.is_empty());
        judge(&subject)
    }

    /// Findings at warning or above that nothing accepts.
    fn open_findings(&self) -> Vec<Finding> {
        let mut findings = self.judged(lint);
        findings.retain(|finding| finding.severity != Severity::Info && finding.accepted.is_none());
        findings
    }
}

/// Frontend, API and Redis, with everything that flows can say.
fn three_tiers() -> Value {
    let workload = |port: u16| json!({"http": {"port": port, "protocol": "TCP"}});
    let end = |name: &str| json!({"workload": {"namespace": "demo", "name": name}});
    let port = |port: u16| json!([{"port": port, "protocol": "TCP"}]);
    json!({
        "nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}},
        "namespaces": {"demo": {
            "mode": "enforce",
            "create": true,
            "workloads": {
                "frontend": {"labels": {"app": "frontend"}, "ports": workload(8080)},
                "api": {
                    "labels": {"app": "api"}, "ports": workload(5000),
                    "serviceAccount": "api", "resolver": "musl"
                },
                "db": {"labels": {"app": "db"}, "ports": workload(6379)}
            },
            "services": {"api": {
                "workload": "api",
                "ports": {"http": {"port": 80, "targetPort": 5000, "protocol": "TCP"}}
            }}
        }},
        "flows": {
            "edge-to-web": {"from": {"entity": "gateway"}, "to": end("frontend"), "ports": port(8080)},
            "web-to-api": {
                "from": end("frontend"), "to": end("api"), "ports": port(5000),
                "http": [{"method": "GET", "path": "/get"}, {"method": "POST", "path": "/post"}]
            },
            "api-to-db": {"from": end("api"), "to": end("db"), "ports": port(6379)},
            "api-to-github": {"from": end("api"), "to": {"fqdn": "api.github.com"}, "ports": port(443)},
            "api-to-nas": {
                "from": end("api"), "to": {"cidr": {"range": "192.168.2.50/32"}}, "ports": port(9090)
            },
            "web-not-to-db": {"from": end("frontend"), "to": end("db"), "action": "deny"}
        }
    })
}

#[track_caller]
fn is_clean(stack: &Stack) {
    let findings = stack.open_findings();
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn the_homelab_is_clean() {
    is_clean(&Stack::new(&json!({})));
}

#[test]
fn three_tiers_are_clean() {
    is_clean(&Stack::new(&three_tiers()));
}

#[test]
fn namespaces_that_nothing_declares_may_be_enforced() {
    let mut stack = Stack::new(&three_tiers());
    merge_patch(
        &mut stack.cluster,
        &json!({"undeclaredNamespaces": {"mode": "enforce"}}),
    );
    is_clean(&stack);
}

#[test]
fn every_switch_of_policy_is_clean() {
    let mut stack = Stack::new(&three_tiers());
    stack.configs.insert(
        "cilium",
        json!({
            "denySystemEgress": true,
            "dnsNames": ["www.homelab-one.net"],
            "searchDomains": ["homelab-one.net"],
            "hubble": {"ui": true}
        }),
    );
    is_clean(&stack);
}

#[test]
fn the_same_flows_as_kubernetes_policies_are_clean() {
    let mut stack = Stack::new(&json!({}));
    stack
        .configs
        .insert("cilium", json!({"policy": "networkpolicy"}));
    stack.configs.remove("gateway-tls");
    is_clean(&stack);
}

fn two_nodes() -> Value {
    json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}})
}

#[test]
fn files_of_nodes_are_clean() {
    is_clean(&Stack::with_hosts(&json!({})));
    is_clean(&Stack::with_hosts(&two_nodes()));
}

#[test]
fn every_exposure_and_certificate_is_clean() {
    for patch in [
        json!({"exposure": {"l2": {"addresses": ["192.168.1.240/28"]}}}),
        json!({"exposure": "nodeIPAM"}),
        json!({"hosts": {"myapp.homelab-one.net": {"http": "none"}}}),
        json!({"hosts": {"myapp.homelab-one.net": {"http": "serve"}}}),
        json!({"hosts": {"myapp.homelab-one.net": {"secret": "own"}}}),
    ] {
        let mut stack = Stack::with_hosts(&json!({}));
        let gateway = stack.configs.get_mut("gateway-tls").expect("it takes part");
        merge_patch(gateway, &patch);
        is_clean(&stack);
    }
}

#[test]
fn a_mesh_beside_the_vpn_is_clean() {
    let mut stack = Stack::with_hosts(&two_nodes());
    let wireguard = stack.configs.get_mut("wireguard").expect("it takes part");
    let member = |key: &str, address: &str| json!({"publicKey": key, "address": address});
    let mesh = json!({"meshes": {"mesh0": {
        "cidr": "10.101.0.0/24",
        "port": 51821,
        "nodes": {
            "pi-1": member("xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "10.101.0.1"),
            "pi-2": member("TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=", "10.101.0.2")
        }
    }}});
    merge_patch(wireguard, &mesh);
    is_clean(&stack);
}

#[test]
fn all_plugins_together_pass_what_can_be_told() {
    let mut stack = Stack::with_hosts(&json!({"undeclaredNamespaces": {"mode": "enforce"}}));
    stack
        .configs
        .insert("cilium", json!({"admission": {"mode": "enforce"}}));
    let items = stack.judged(|subject| posture(subject, &lint(subject)));
    let open: Vec<&Item> = items
        .iter()
        .filter(|item| item.state == State::Fail)
        .collect();
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn what_is_wrong_is_still_found() {
    let mut stack = Stack::new(&json!({}));
    stack.configs.insert(
        "cilium",
        json!({"values": {"hubble": {"metrics": {"enabled": ["dns"]}}}}),
    );
    let findings = stack.open_findings();
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["no-drop-metric"]);
}

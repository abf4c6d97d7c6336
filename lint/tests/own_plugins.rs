//! What ztgit's own plugins emit has no finding that is not accepted.

use serde_json::{Value, json};
use ztgit_lint::{Finding, HostFile, Object, Origin, Severity, Subject, lint};
use ztgit_plugin::testing::{homelab, merge_patch};
use ztgit_plugin::{Artifact, Cluster, Facts, Plugin, Rendering, StatedFact};
use ztgit_plugin_cilium::Cilium;
use ztgit_plugin_gateway_tls::GatewayTls;

struct Stack {
    cluster: Value,
    cilium: Value,
    gateway: Value,
}

impl Stack {
    fn new(patch: &Value) -> Self {
        let mut cluster = homelab();
        merge_patch(&mut cluster, patch);
        Self {
            cluster,
            cilium: json!({}),
            gateway: json!({
                "email": "ops@homelab-one.net",
                "exposure": "hostNetwork",
                "gateway": {"name": "homelab-gateway"},
                "hosts": {"myapp.homelab-one.net": {
                    "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend"
                }}
            }),
        }
    }

    /// Findings at warning or above that nothing accepts, of a rendering without errors.
    fn open_findings(&self) -> Vec<Finding> {
        let cluster: Cluster = serde_json::from_value(self.cluster.clone()).expect("a cluster");
        let mut facts = stated::<Cilium>("cilium", &cluster, &self.cilium);
        if !self.gateway.is_null() {
            facts.extend(stated::<GatewayTls>("gateway-tls", &cluster, &self.gateway));
        }
        let mut renderings = vec![("cilium", render::<Cilium>(&cluster, &self.cilium, &facts))];
        if !self.gateway.is_null() {
            let rendering = render::<GatewayTls>(&cluster, &self.gateway, &facts);
            renderings.push(("gateway-tls", rendering));
        }
        let objects: Vec<(&str, ztgit_plugin::Phase, Value)> = renderings
            .iter()
            .flat_map(|(plugin, rendering)| {
                let artifacts = rendering.artifacts.iter();
                artifacts.filter_map(move |artifact| match artifact {
                    Artifact::Manifest(manifest) => Some((
                        *plugin,
                        manifest.phase,
                        manifest.object.clone().into_value(),
                    )),
                    Artifact::File(_) | Artifact::Awaited(_) => None,
                })
            })
            .collect();
        let mut subject = Subject::new(&cluster, &facts);
        subject.configs = [("cilium", &self.cilium), ("gateway-tls", &self.gateway)].into();
        for (plugin, phase, value) in &objects {
            subject.add_object(Object {
                value,
                phase: *phase,
                origin: Origin::Plugin(plugin),
            });
        }
        for (plugin, rendering) in &renderings {
            let files = rendering
                .artifacts
                .iter()
                .filter_map(|artifact| match artifact {
                    Artifact::File(file) => Some(file),
                    Artifact::Manifest(_) | Artifact::Awaited(_) => None,
                });
            subject.files.extend(files.map(|file| HostFile {
                target: &file.target,
                path: &file.path,
                content: &file.content,
                activation: &file.activation,
                plugin,
            }));
        }
        assert!(!subject.policies.is_empty());
        let mut findings = lint(&subject);
        findings.retain(|finding| finding.severity != Severity::Info && finding.accepted.is_none());
        findings
    }
}

fn config<P: Plugin>(config: &Value) -> P::Config {
    serde_json::from_value(config.clone()).expect("a config")
}

fn stated<P: Plugin>(name: &str, cluster: &Cluster, value: &Value) -> Vec<StatedFact> {
    let statement = P::facts(cluster, &config::<P>(value));
    let facts = statement.facts.into_iter();
    facts
        .map(|fact| StatedFact {
            provider: name.to_owned(),
            fact,
        })
        .collect()
}

fn render<P: Plugin>(cluster: &Cluster, value: &Value, facts: &[StatedFact]) -> Rendering {
    let consumed: Vec<String> = P::describe()
        .consumes
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    let facts = facts
        .iter()
        .filter(|stated| consumed.contains(&stated.fact.kind));
    let rendering = P::render(
        cluster,
        &config::<P>(value),
        &Facts::new(facts.cloned().collect()),
    );
    let errors: Vec<_> = rendering
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    rendering
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
    stack.cilium = json!({
        "denySystemEgress": true,
        "dnsNames": ["www.homelab-one.net"],
        "searchDomains": ["homelab-one.net"],
        "hubble": {"ui": true}
    });
    is_clean(&stack);
}

#[test]
fn the_same_flows_as_kubernetes_policies_are_clean() {
    let mut stack = Stack::new(&json!({}));
    stack.cilium = json!({"policy": "networkpolicy"});
    stack.gateway = Value::Null;
    is_clean(&stack);
}

#[test]
fn what_is_wrong_is_still_found() {
    let mut stack = Stack::new(&json!({}));
    stack.cilium = json!({"values": {"hubble": {"metrics": {"enabled": ["dns"]}}}});
    let findings = stack.open_findings();
    let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["no-drop-metric"]);
}

//! Clusters to render, and ways to look at what came out.

use serde_json::{Value, json};
use ztgit_plugin::cluster::Flow;
use ztgit_plugin::fact::{CiliumValues, FlowFact};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{Diagnostic, FactScope, Object, Phase};
use ztgit_plugin_cilium::Cilium;
use ztgit_policy::validate::Feature;
use ztgit_policy::{Agent, CiliumVersion, Policy};

pub(crate) fn homelab() -> Harness<Cilium> {
    Harness::homelab()
}

/// The homelab with a second node.
pub(crate) fn two_nodes() -> Harness<Cilium> {
    homelab().patch_cluster(&json!({
        "nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}},
    }))
}

/// The homelab with this as its only flow, called `f`.
pub(crate) fn with_flow(flow: Value) -> Harness<Cilium> {
    homelab().patch_cluster(&json!({"flows": {"frontend-to-api": null, "f": flow}}))
}

/// A flow between the two workloads with more fields.
pub(crate) fn frontend_to_api(more: Value) -> Value {
    between("frontend", workload("api"), more)
}

/// A flow from a workload of the homelab to a peer.
pub(crate) fn between(from: &str, to: Value, more: Value) -> Value {
    let mut flow = json!({"from": workload(from), "to": to});
    for (key, value) in more.as_object().expect("fields") {
        flow[key] = value.clone();
    }
    flow
}

pub(crate) fn workload(name: &str) -> Value {
    json!({"workload": {"namespace": "my-app", "name": name}})
}

pub(crate) fn tcp(port: u16) -> Value {
    json!({"port": port, "protocol": "TCP"})
}

/// A plugin's flow.
pub(crate) fn flow_fact(name: &str, flow: Value) -> FlowFact {
    let flow: Flow = serde_json::from_value(flow).expect("a flow");
    FlowFact {
        name: name.to_owned(),
        flow,
    }
}

/// A plugin's chart values.
pub(crate) fn chart_values(values: Value) -> CiliumValues {
    serde_json::from_value(json!({ "values": values })).expect("values")
}

/// A harness with one more fact about the whole cluster.
pub(crate) fn stating<F: ztgit_plugin::StandardFact>(
    harness: Harness<Cilium>,
    provider: &str,
    fact: &F,
) -> Harness<Cilium> {
    harness.fact(provider, FactScope::Cluster, fact)
}

/// Asserts that an agent takes every policy that was rendered.
#[track_caller]
pub(crate) fn assert_agents_take(rendered: &Rendered) {
    let agent = Agent::new(CiliumVersion::new(1, 20)).with(Feature::NodeSelectorLabels);
    for object in rendered.manifests().map(|manifest| &manifest.object) {
        let object = object.clone().into_value();
        if let Some(policy) = Policy::read(&object) {
            let violations = ztgit_policy::validate(&policy, &agent);
            assert!(violations.is_empty(), "{}: {violations:#?}", policy.name);
        }
    }
}

/// The policy of that name; which must be there once, among policies that an
/// agent takes.
#[track_caller]
pub(crate) fn policy(rendered: &Rendered, name: &str) -> Value {
    assert_agents_take(rendered);
    let found: Vec<&Object> = rendered
        .manifests()
        .map(|manifest| &manifest.object)
        .filter(|object| object.group() == "cilium.io" && object.name() == name)
        .collect();
    assert_eq!(
        found.len(),
        1,
        "policies called {name} among {:#?}",
        rendered.names()
    );
    found[0].clone().into_value()
}

/// Names of the policies that stem from flows, with their phases.
pub(crate) fn flow_policies(rendered: &Rendered) -> Vec<(String, Phase)> {
    rendered
        .manifests()
        .filter(|m| m.object.group() == "cilium.io" && !m.object.name().starts_with("zt-"))
        .map(|m| (m.object.name().to_owned(), m.phase))
        .collect()
}

/// The chart's values as Flux gets them.
pub(crate) fn release_values(rendered: &Rendered) -> Value {
    rendered.object("HelmRelease", "cilium")["spec"]["values"].clone()
}

/// The only finding.
pub(crate) fn finding(rendered: &Rendered) -> &Diagnostic {
    let [finding] = &rendered.0.diagnostics[..] else {
        panic!("not exactly one finding: {:#?}", rendered.0.diagnostics);
    };
    assert!(!finding.hints.is_empty(), "{} has no hint", finding.code);
    finding
}

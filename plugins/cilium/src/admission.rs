//! What the API server itself looks after.
//!
//! Two `ValidatingAdmissionPolicy` objects with their bindings: a namespace
//! carries its mode, and policies are changed by Flux alone. They come in the
//! last phase, after the namespaces have their labels, and never stand in the
//! way of Flux, of the controllers that clean up after a deleted namespace or
//! owner, of a dry run, or of the break-glass group.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ztgit_plugin::fact::NamespaceFact;
use ztgit_plugin::{Cluster, Manifest, Object, Phase, Statement};

use crate::config::{Admission, AdmissionMode};
use crate::stance::SYSTEM_NAMESPACE;

/// The label that holds a namespace's mode; the host puts it on the namespaces
/// that it emits.
const MODE_LABEL: &str = "ztgit.dev/mode";

/// The label that Flux puts on every object that it applies.
const FLUX_LABEL: &str = "kustomize.toolkit.fluxcd.io/name";

/// Namespaces that exist before any stack does.
const BUILT_IN: [&str; 4] = [
    "default",
    "kube-node-lease",
    "kube-public",
    SYSTEM_NAMESPACE,
];

const API_VERSION: &str = "admissionregistration.k8s.io/v1";

/// States the label of every declared namespace, also of those that the stack
/// leaves to somebody else.
pub(crate) fn state(cluster: &Cluster, config: &Admission, statement: &mut Statement) {
    if config.mode == AdmissionMode::None {
        return;
    }
    for (name, namespace) in &cluster.namespaces {
        let mode = namespace.mode.name().to_owned();
        statement.cluster(&NamespaceFact {
            name: name.clone(),
            labels: [(MODE_LABEL.to_owned(), mode)].into(),
        });
    }
}

/// The policies and their bindings.
pub(crate) fn manifests(cluster: &Cluster, config: &Admission) -> Vec<Manifest> {
    let actions = match config.mode {
        AdmissionMode::None => return Vec::new(),
        AdmissionMode::Warn => json!(["Warn", "Audit"]),
        AdmissionMode::Enforce => json!(["Deny", "Audit"]),
    };
    [
        ("ztgit-namespace-mode", namespace_mode(cluster, config)),
        ("ztgit-policies-by-flux", policies_by_flux(cluster, config)),
    ]
    .into_iter()
    .flat_map(|(name, spec)| {
        let binding = json!({"policyName": name, "validationActions": actions});
        [
            ("ValidatingAdmissionPolicy", spec),
            ("ValidatingAdmissionPolicyBinding", binding),
        ]
        .map(|(kind, spec)| Object::cluster_scoped(API_VERSION, kind, name).spec(spec))
    })
    .map(|object| Manifest::new(Phase::Enforce, object))
    .collect()
}

/// A new namespace says how far policy goes in it, and later it is the stack
/// that changes it. Namespaces that had no label before are left in peace.
fn namespace_mode(cluster: &Cluster, config: &Admission) -> Value {
    let mut conditions = exempt(cluster, config);
    conditions.push(json!({
        "name": "not-exempt",
        "expression": format!("!(object.metadata.name in {})", list(&without_mode(cluster))),
    }));
    let (now, before) = (mode_of("object"), mode_of("oldObject"));
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [rule("", "v1", &["CREATE", "UPDATE"], &["namespaces"])],
        },
        "matchConditions": conditions,
        "validations": [
            {
                "expression": format!(
                    "request.operation != 'CREATE' || {now} in ['observe', 'audit', 'enforce']"
                ),
                "reason": "Forbidden",
                "message": format!(
                    "a namespace needs the label {MODE_LABEL} with observe, audit or enforce: declare it in the stack, or label it observe"
                ),
            },
            {
                "expression": format!("request.operation != 'UPDATE' || {now} == {before}"),
                "reason": "Forbidden",
                "message": format!("the label {MODE_LABEL} follows the stack: change the mode there"),
            },
        ],
    })
}

/// Namespaces that need no mode, sorted.
fn without_mode(cluster: &Cluster) -> Vec<&str> {
    let exempt = cluster.undeclared_namespaces.exempt.iter();
    let names: BTreeSet<&str> = BUILT_IN
        .into_iter()
        .chain([cluster.flux.namespace.as_str()])
        .chain(exempt.map(String::as_str))
        .collect();
    names.into_iter().collect()
}

/// The mode of a namespace in CEL; empty without one.
fn mode_of(object: &str) -> String {
    format!("{object}.metadata.?labels[?'{MODE_LABEL}'].orValue('')")
}

/// A policy made by hand opens what the stack keeps shut, and one that is
/// changed by hand is changed back, after a while. In namespaces that are only
/// observed, and in undeclared ones, everybody's own policies are their own.
fn policies_by_flux(cluster: &Cluster, config: &Admission) -> Value {
    let all = ["CREATE", "UPDATE", "DELETE"];
    let cilium = ["ciliumclusterwidenetworkpolicies", "ciliumnetworkpolicies"];
    let flux_label = |object: &str| {
        format!("{object} != null && {object}.metadata.?labels[?'{FLUX_LABEL}'].hasValue()")
    };
    json!({
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [
            rule("cilium.io", "*", &all, &cilium),
            rule("networking.k8s.io", "*", &all, &["networkpolicies"]),
        ]},
        "matchConditions": exempt(cluster, config),
        "variables": [
            {"name": "managed", "expression": format!("({}) || ({})", flux_label("object"), flux_label("oldObject"))},
            {"name": "clusterwide", "expression": "request.resource.resource == 'ciliumclusterwidenetworkpolicies'"},
            {
                "name": "guarded",
                "expression": format!(
                    "namespaceObject != null && {} in ['audit', 'enforce']",
                    mode_of("namespaceObject")
                ),
            },
        ],
        "validations": [{
            "expression": "!variables.managed && !variables.clusterwide && !variables.guarded",
            "reason": "Forbidden",
            "message": "policies here come from the stack: change the flow there",
        }],
    })
}

/// Who is never asked: an object that nobody can clean up is no safer.
fn exempt(cluster: &Cluster, config: &Admission) -> Vec<Value> {
    let flux = format!(
        "system:serviceaccount:{}:kustomize-controller",
        cluster.flux.namespace
    );
    let controllers = ["generic-garbage-collector", "namespace-controller"]
        .map(|name| format!("system:serviceaccount:{SYSTEM_NAMESPACE}:{name}"));
    // One user for all controllers, where they have no accounts of their own.
    let users: Vec<&str> = [flux.as_str(), "system:kube-controller-manager"]
        .into_iter()
        .chain(controllers.iter().map(String::as_str))
        .collect();
    let group = text(&config.break_glass_group);
    let mut conditions = vec![
        json!({
            "name": "not-a-controller",
            "expression": format!("!(request.userInfo.username in {})", list(&users)),
        }),
        json!({
            "name": "not-a-dry-run",
            "expression": "!(has(request.dryRun) && request.dryRun)",
        }),
    ];
    if !config.break_glass_group.is_empty() {
        conditions.push(json!({
            "name": "not-an-emergency",
            "expression": format!(
                "!(has(request.userInfo.groups) && {group} in request.userInfo.groups)"
            ),
        }));
    }
    conditions
}

/// Subresources are none of these resources: status and finalizers stay free.
fn rule(group: &str, version: &str, operations: &[&str], resources: &[&str]) -> Value {
    json!({
        "apiGroups": [group],
        "apiVersions": [version],
        "operations": operations,
        "resources": resources,
    })
}

/// A list of texts in CEL.
fn list(texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|content| text(content)).collect();
    format!("[{}]", texts.join(", "))
}

/// A text in CEL.
fn text(content: &str) -> String {
    format!("'{}'", content.replace('\\', r"\\").replace('\'', r"\'"))
}

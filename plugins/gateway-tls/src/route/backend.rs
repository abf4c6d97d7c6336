//! What routes point at: Services, grants for those of other namespaces, and
//! TLS to them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use ztgit_plugin::{Diagnostic, Manifest, Object, Phase};

use crate::config::{BackendTls, TrustedCa};
use crate::gateway::{API_VERSION, GROUP};
use crate::plan::Plan;
use crate::reference::NamespacedName;
use crate::site::{Backend, Site};

/// A reference from a host's route.
pub(super) fn reference(site: &Site<'_>, backend: &Backend<'_>) -> Value {
    let mut reference = json!({"name": backend.service.name, "port": backend.service_port});
    if backend.service.namespace != site.namespace {
        reference["namespace"] = backend.service.namespace.as_str().into();
    }
    if let Some(weight) = backend.weight {
        reference["weight"] = weight.into();
    }
    reference
}

/// For each other namespace: that the route may point at these Services of it,
/// and at no others.
pub(super) fn grants(site: &Site<'_>, kind: &str) -> Vec<Object> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for backend in site.traffic.backends() {
        let NamespacedName { namespace, name } = backend.service;
        if namespace != site.namespace {
            services.entry(namespace).or_default().insert(name);
        }
    }
    let name = site.host.object_name("https");
    let services = services.into_iter();
    services
        .map(|(namespace, services)| {
            let to: Vec<_> = services
                .into_iter()
                .map(|service| json!({"group": "", "kind": "Service", "name": service}))
                .collect();
            Object::namespaced(API_VERSION, "ReferenceGrant", namespace, &name).spec(json!({
                "from": [{"group": GROUP, "kind": kind, "namespace": site.namespace}],
                "to": to,
            }))
        })
        .collect()
}

/// The policies by which the Gateway speaks TLS to Services: one a Service,
/// whatever the number of hosts that lead to it.
pub(crate) fn tls_policies(plan: &Plan<'_>) -> Vec<Manifest> {
    let policies: BTreeMap<_, _> = with_tls(plan).collect();
    let policies = policies.into_iter();
    policies
        .map(|(service, tls)| Manifest::new(Phase::Ingress, tls_policy(service, tls)))
        .collect()
}

/// Services that two back-ends want reached in two ways.
pub(crate) fn conflicts(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&NamespacedName, (&str, Option<&BackendTls>)> = BTreeMap::new();
    let mut found = Vec::new();
    for site in &plan.sites {
        for backend in site.traffic.backends() {
            let (key, tls) = first
                .entry(backend.service)
                .or_insert((site.key, backend.tls));
            if *tls != backend.tls {
                found.push(conflict(backend.service, key, site.key));
            }
        }
    }
    found
}

fn conflict(service: &NamespacedName, one: &str, other: &str) -> Diagnostic {
    let message = format!(
        "hosts `{one}` and `{other}` say different things of the TLS that Service `{service}` \
         speaks, and it holds for all of them"
    );
    Diagnostic::error("backend-tls-conflict", message)
        .at_config(["hosts", other])
        .hint("give both the same `tls`")
}

fn with_tls<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = (&'p NamespacedName, &'p BackendTls)> {
    plan.sites.iter().flat_map(|site| {
        let backends = site.traffic.backends().into_iter();
        backends.filter_map(move |backend| Some((backend.service, backend.tls?)))
    })
}

fn tls_policy(service: &NamespacedName, tls: &BackendTls) -> Object {
    let mut validation = json!({"hostname": tls.hostname});
    match &tls.ca {
        TrustedCa::System => validation["wellKnownCACertificates"] = "System".into(),
        TrustedCa::ConfigMap(name) => {
            validation["caCertificateRefs"] =
                json!([{"group": "", "kind": "ConfigMap", "name": name}]);
        }
    }
    Object::namespaced(
        API_VERSION,
        "BackendTLSPolicy",
        &service.namespace,
        &service.name,
    )
    .spec(json!({
        "targetRefs": [{"group": "", "kind": "Service", "name": service.name}],
        "validation": validation,
    }))
}

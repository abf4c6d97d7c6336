//! What authors wrote to what plugins see: shorthands resolved, defaults filled
//! in, every reference and name checked.

use std::collections::BTreeMap;

use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{
    Cluster, Cni, Flux, FluxSource, Labels, Mode, Namespace, Network, Node as ClusterNode,
    Protocol, UndeclaredNamespaces, Workload, WorkloadPort,
};

use super::node::Node;
use super::schema::{ClusterSpec, NamespaceSpec, WorkloadPortSpec, WorkloadSpec};
use super::{flows, network, services};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::name::{ClusterName, is_dns_label, is_dns_subdomain};

/// Namespaces that Kubernetes makes itself.
const KUBERNETES_OWN: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// Which app a namespace or flow belongs to; what is not in the map of owners
/// belongs to the stack.
pub(super) struct Owner {
    pub(super) app: String,
    #[expect(dead_code, reason = "kept for messages that name the owner's file")]
    pub(super) key: Span,
}

/// The cluster as plugins see it. What cannot be resolved is reported and left
/// out.
pub(super) fn resolve(
    name: &ClusterName,
    spec: &ClusterSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> Cluster {
    let mut cluster = Cluster {
        name: name.to_string(),
        labels: spec.labels.clone(),
        distribution: spec.distribution,
        cni: Cni {
            name: spec.cni.name.clone(),
            version: spec.cni.version.clone(),
        },
        flux: Flux {
            namespace: spec.flux.namespace.clone(),
            source: FluxSource {
                kind: spec.flux.source.kind,
                name: spec.flux.source.name.clone(),
                url: spec.flux.source.url.clone(),
            },
        },
        network: network_of(spec),
        apis: spec.apis.clone(),
        nodes: nodes(spec, merged, diagnostics),
        namespaces: namespaces(spec, merged, diagnostics),
        undeclared_namespaces: undeclared(spec),
        flows: BTreeMap::new(),
    };
    network::check(&cluster, merged, diagnostics);
    cluster.flows = flows::resolve(&cluster, spec, merged, diagnostics);
    cluster
}

fn network_of(spec: &ClusterSpec) -> Network {
    let node_cidrs = if spec.network.node_cidrs.is_empty() {
        spec.nodes
            .values()
            .flat_map(|node| &node.addresses)
            .map(|a| Cidr::single(*a))
            .collect()
    } else {
        spec.network.node_cidrs.clone()
    };
    Network {
        pod_cidrs: spec.network.pod_cidrs.clone(),
        service_cidrs: spec.network.service_cidrs.clone(),
        node_cidrs,
    }
}

fn nodes(
    spec: &ClusterSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, ClusterNode> {
    let mut nodes = BTreeMap::new();
    for (name, node) in &spec.nodes {
        if !is_dns_subdomain(name) {
            diagnostics.push(invalid_name(
                "node",
                name,
                merged.key_place(&["nodes"], name),
            ));
            continue;
        }
        nodes.insert(
            name.clone(),
            ClusterNode {
                role: node.role,
                addresses: node.addresses.clone(),
                labels: node.labels.clone(),
            },
        );
    }
    nodes
}

fn namespaces(
    spec: &ClusterSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Namespace> {
    let mut namespaces = BTreeMap::new();
    for (name, namespace) in &spec.namespaces {
        if !is_dns_label(name) {
            let place = merged.key_place(&["namespaces"], name);
            diagnostics.push(invalid_name("namespace", name, place));
            continue;
        }
        let owned_elsewhere =
            KUBERNETES_OWN.contains(&name.as_str()) || *name == spec.flux.namespace;
        if owned_elsewhere && namespace.create == Some(true) {
            diagnostics.push(
                Diagnostic::error(
                    "namespace-owner",
                    format!("`{name}` is not ztgit's to create"),
                )
                .at(merged.place(["namespaces", name, "create"]))
                .hint("remove `create`; its labels and workloads may stay"),
            );
        }
        let workloads = workloads(name, namespace, merged, diagnostics);
        namespaces.insert(
            name.clone(),
            Namespace {
                mode: namespace.mode.unwrap_or(Mode::Observe),
                create: namespace.create.unwrap_or(!owned_elsewhere) && !owned_elsewhere,
                labels: namespace.labels.clone(),
                services: services::resolve(name, namespace, &workloads, merged, diagnostics),
                workloads,
            },
        );
    }
    namespaces
}

fn workloads(
    namespace: &str,
    spec: &NamespaceSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Workload> {
    let mut workloads = BTreeMap::new();
    let mut names: BTreeMap<&Labels, &String> = BTreeMap::new();
    for (name, workload) in &spec.workloads {
        if !is_dns_subdomain(name) {
            let place = merged.key_place(&["namespaces", namespace, "workloads"], name);
            diagnostics.push(invalid_name("workload", name, place));
            continue;
        }
        let twin = names
            .get(&workload.labels)
            .filter(|_| !workload.labels.is_empty());
        if let Some(other) = twin {
            diagnostics.push(
                Diagnostic::error(
                    "same-labels",
                    format!("workloads `{other}` and `{name}` have the same labels"),
                )
                .at(merged.place(["namespaces", namespace, "workloads", name, "labels"]))
                .related(
                    merged.place(["namespaces", namespace, "workloads", other, "labels"]),
                    "the other one",
                )
                .hint("to the network they are one: give each a label of its own, or declare one workload"),
            );
        }
        names.entry(&workload.labels).or_insert(name);
        workloads.insert(name.clone(), resolve_workload(workload));
    }
    workloads
}

fn resolve_workload(spec: &WorkloadSpec) -> Workload {
    let ports = spec
        .ports
        .iter()
        .map(|(name, port)| {
            let port = match port {
                WorkloadPortSpec::Number(port) => WorkloadPort {
                    port: *port,
                    protocol: Protocol::default(),
                },
                WorkloadPortSpec::Full(full) => WorkloadPort {
                    port: full.port,
                    protocol: full.protocol,
                },
            };
            (name.clone(), port)
        })
        .collect();
    Workload {
        labels: spec.labels.clone(),
        ports,
        service_account: spec.service_account.clone(),
        resolver: spec.resolver,
    }
}

fn undeclared(spec: &ClusterSpec) -> UndeclaredNamespaces {
    let mut exempt = spec.undeclared_namespaces.exempt.clone();
    exempt.push("kube-system".to_owned());
    exempt.push(spec.flux.namespace.clone());
    exempt.sort();
    exempt.dedup();
    UndeclaredNamespaces {
        mode: spec.undeclared_namespaces.mode,
        exempt,
    }
}

pub(super) fn invalid_name(what: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::error("invalid-name", format!("`{name}` cannot name a {what}"))
        .at(span)
        .hint(
            "use lower-case letters, digits and `-`, at most 63, a letter or digit first and last",
        )
}

//! Apps: what teams add to clusters, within the authority that they were given.

use std::collections::BTreeMap;

use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::{Flow, Peer};

use super::node::{Field, Mapping, Node, NodeValue};
use super::resolve::Owner;
use super::schema::{ClusterSpec, ExposureSpec};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, did_you_mean};

/// A file under `apps/`.
pub(super) struct App {
    pub(super) name: String,
    /// The file.
    pub(super) path: String,
    /// Where its name stands.
    pub(super) key: Span,
    spec: Node,
}

impl App {
    pub(super) fn new(name: &str, path: &str, key: Span, document: &Node) -> Self {
        let spec = document
            .get("spec")
            .cloned()
            .unwrap_or_else(|| document.clone());
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            key,
            spec,
        }
    }

    /// What says on which clusters it is placed.
    pub(super) fn placement(&self) -> Option<&Node> {
        self.spec.get("placement")
    }

    /// Adds the app's namespaces and flows to a cluster, if it is placed there.
    pub(super) fn place(
        &self,
        cluster: &str,
        merged: &mut Node,
        owners: &mut BTreeMap<String, Owner>,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        if !self.selects(cluster, merged) {
            return false;
        }
        for section in ["namespaces", "flows"] {
            let Some(added) = self.spec.get(section).and_then(Node::as_mapping) else {
                continue;
            };
            let target = section_of(merged, section);
            for (name, field) in added {
                if let Some(existing) = target.get(name) {
                    diagnostics.push(
                        Diagnostic::error(
                            "app-conflict",
                            format!(
                                "app `{}` sets `{section}.{name}`, which is set already",
                                self.name
                            ),
                        )
                        .at(field.key)
                        .related(existing.key, "set here")
                        .hint("apps only add: choose another name, or leave it to its owner"),
                    );
                    continue;
                }
                target.insert(name.clone(), field.clone());
                owners.insert(
                    format!("{section}/{name}"),
                    Owner {
                        app: self.name.clone(),
                        key: field.key,
                    },
                );
            }
        }
        true
    }

    fn selects(&self, cluster: &str, merged: &Node) -> bool {
        let by_name = self
            .named_clusters()
            .iter()
            .any(|name| name.as_str() == Some(cluster));
        let by_label = self
            .placement()
            .and_then(|placement| placement.get("labels"))
            .and_then(Node::as_mapping)
            .is_some_and(|wanted| {
                !wanted.is_empty()
                    && wanted.iter().all(|(key, field)| {
                        let has = merged.get("labels").and_then(|labels| labels.get(key));
                        has.and_then(Node::as_str) == field.node.as_str()
                    })
            });
        by_name || by_label
    }

    /// Reports names in the placement that no cluster has.
    pub(super) fn report_unknown_clusters<C>(
        &self,
        clusters: &BTreeMap<&str, C>,
        diagnostics: &mut Diagnostics,
    ) {
        for node in self.named_clusters() {
            let Some(name) = node.as_str().filter(|name| !clusters.contains_key(*name)) else {
                continue;
            };
            let mut diagnostic =
                Diagnostic::error("unknown-reference", format!("there is no cluster `{name}`"))
                    .at(node.span);
            if let Some(hint) = did_you_mean(name, clusters.keys().copied()) {
                diagnostic = diagnostic.hint(hint);
            }
            diagnostics.push(diagnostic);
        }
    }

    fn named_clusters(&self) -> &[Node] {
        let clusters = self
            .placement()
            .and_then(|placement| placement.get("clusters"));
        match clusters.map(|node| &node.value) {
            Some(NodeValue::Sequence(names)) => names,
            _ => &[],
        }
    }

    /// An app that no cluster takes is most likely a typo in its labels; one in
    /// a name is reported as such.
    pub(super) fn report_unplaced(&self, diagnostics: &mut Diagnostics) {
        if self.named_clusters().is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    "app-unplaced",
                    format!("app `{}` is placed on no cluster", self.name),
                )
                .at(self.spec.place(["placement"]))
                .hint("name a cluster of the stack, or labels that one of them has"),
            );
        }
    }
}

fn section_of<'a>(merged: &'a mut Node, section: &str) -> &'a mut Mapping {
    let span = merged.span;
    let NodeValue::Mapping(fields) = &mut merged.value else {
        unreachable!("a merged cluster is a map");
    };
    let field = fields.entry(section.to_owned()).or_insert_with(|| Field {
        key: span,
        node: Node {
            value: NodeValue::Null,
            span,
        },
    });
    if !matches!(field.node.value, NodeValue::Mapping(_)) {
        field.node.value = NodeValue::Mapping(Mapping::new());
    }
    match &mut field.node.value {
        NodeValue::Mapping(fields) => fields,
        _ => unreachable!("it was just made a map"),
    }
}

/// Checks what the flows of apps reach against what their owners and the stack
/// consent to.
pub(super) fn check_consent(
    cluster: &Cluster,
    spec: &ClusterSpec,
    owners: &BTreeMap<String, Owner>,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) {
    for (name, flow) in &cluster.flows {
        let Some(owner) = owners.get(&format!("flows/{name}")) else {
            continue;
        };
        let consent = Consent {
            owner,
            spec,
            owners,
        };
        let own: Vec<&str> = pod_ends(cluster, flow)
            .into_iter()
            .filter(|namespace| consent.owns(namespace))
            .collect();
        for (end, peer) in [("from", &flow.from), ("to", &flow.to)] {
            let Some(problem) = consent.problem(cluster, peer, &own) else {
                continue;
            };
            let elsewhere = problem.elsewhere(merged);
            let mut diagnostic = Diagnostic::error("app-consent", problem.message)
                .at(merged.place(["flows", name, end]))
                .hint(problem.hint);
            if let Some((span, what)) = elsewhere {
                diagnostic = diagnostic.related(span, what);
            }
            diagnostics.push(diagnostic);
        }
    }
}

fn pod_ends<'a>(cluster: &'a Cluster, flow: &'a Flow) -> Vec<&'a str> {
    [&flow.from, &flow.to]
        .into_iter()
        .filter_map(|peer| cluster.pods_of(peer).map(|(namespace, _)| namespace))
        .collect()
}

struct Consent<'a> {
    owner: &'a Owner,
    spec: &'a ClusterSpec,
    owners: &'a BTreeMap<String, Owner>,
}

struct Problem {
    message: String,
    hint: String,
    namespace: Option<String>,
}

impl Problem {
    fn elsewhere(&self, merged: &Node) -> Option<(Span, String)> {
        let namespace = self.namespace.as_ref()?;
        Some((
            merged.place(["namespaces", namespace]),
            "the namespace's owner".to_owned(),
        ))
    }
}

impl Consent<'_> {
    fn owns(&self, namespace: &str) -> bool {
        self.owners
            .get(&format!("namespaces/{namespace}"))
            .is_some_and(|owner| owner.app == self.owner.app)
    }

    fn problem(&self, cluster: &Cluster, peer: &Peer, own: &[&str]) -> Option<Problem> {
        if let Some((namespace, _)) = cluster.pods_of(peer) {
            return self.namespace_problem(namespace, own);
        }
        let app = &self.owner.app;
        let exposure = self.spec.exposure.get(app);
        let allowed = exposure.is_some_and(|exposure| exposes(exposure, peer));
        (!allowed).then(|| Problem {
            message: format!("app `{app}` may not have a flow with {}", describe(peer)),
            hint: format!("the stack consents by `exposure.{app}` of the cluster"),
            namespace: None,
        })
    }

    fn namespace_problem(&self, namespace: &str, own: &[&str]) -> Option<Problem> {
        let app = &self.owner.app;
        if own.is_empty() {
            return Some(Problem {
                message: format!("neither end of the flow is in a namespace of app `{app}`"),
                hint: "an app's flows begin or end in a namespace that it owns".to_owned(),
                namespace: None,
            });
        }
        let accepts = self
            .spec
            .namespaces
            .get(namespace)
            .is_some_and(|there| own.iter().all(|mine| there.accepts.contains_key(*mine)));
        (!self.owns(namespace) && !accepts).then(|| Problem {
            message: format!("namespace `{namespace}` does not accept flows of app `{app}`"),
            hint: format!(
                "its owner consents by `namespaces.{namespace}.accepts.{}: {{}}`",
                own[0]
            ),
            namespace: Some(namespace.to_owned()),
        })
    }
}

fn describe(peer: &Peer) -> String {
    match peer {
        Peer::Nodes { .. } => "the cluster's nodes".to_owned(),
        Peer::Entity(entity) => {
            let name = serde_json::to_value(entity).ok();
            format!(
                "entity `{}`",
                name.as_ref().and_then(|n| n.as_str()).unwrap_or_default()
            )
        }
        Peer::Cidr { range, .. } => format!("the range {range}"),
        Peer::Fqdn(name) => format!("`{name}`"),
        Peer::Workload { .. } | Peer::Pods { .. } => "pods".to_owned(),
    }
}

fn exposes(exposure: &ExposureSpec, peer: &Peer) -> bool {
    match peer {
        Peer::Nodes { .. } => exposure.nodes,
        Peer::Entity(entity) => exposure.entities.contains(entity),
        Peer::Cidr { range, .. } => exposure.cidrs.iter().any(|within| within.contains(range)),
        Peer::Fqdn(name) => exposure.fqdns.iter().any(|pattern| {
            pattern == name
                || pattern
                    .strip_prefix('*')
                    .is_some_and(|suffix| suffix.starts_with('.') && name.ends_with(suffix))
        }),
        Peer::Workload { .. } | Peer::Pods { .. } => true,
    }
}

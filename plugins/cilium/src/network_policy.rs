//! Flows as Kubernetes' own `NetworkPolicy`.
//!
//! In go the flows; out come two objects each, like Cilium's, and findings for
//! everything that they cannot say. Such an object always refuses what it does
//! not allow to the pods that it selects, so there is nothing to audit: only
//! enforced namespaces have any, and all of them belong to the last phase.
//! Flux applies them in one go; in between, which is a second or so, pods may be
//! refused what the next object allows.

mod express;
mod limits;

use serde_json::{Value, json};
use ztgit_plugin::cluster::{FlowPort, Mode};
use ztgit_plugin::{Artifact, Cluster, Manifest, Object, Phase, Rendering};

use crate::context::Context;
use crate::flow_policies::{self, Half};
use crate::flows::Wanted;
use crate::policy::dns::PORTS;
use crate::stance::{SYSTEM_NAMESPACE, mode_of};

/// All objects of the back-end.
pub(crate) fn render(context: &Context<'_>, wanted: &[Wanted]) -> Rendering {
    let mut rendering = Rendering {
        artifacts: Vec::new(),
        diagnostics: limits::of_cluster(context),
    };
    let mut manifests: Vec<Manifest> = enforced(context.cluster)
        .flat_map(|namespace| [default_deny(namespace), dns(namespace)])
        .collect();
    for flow in wanted {
        let mut problems = flow_policies::problems(context, flow);
        problems.extend(limits::of_flow(context, flow));
        let refused = problems
            .iter()
            .any(|problem| problem.severity == ztgit_plugin::Severity::Error);
        rendering.diagnostics.extend(problems);
        if !refused {
            manifests.extend(halves(context, flow));
        }
    }
    rendering
        .artifacts
        .extend(manifests.into_iter().map(Artifact::from));
    rendering
}

/// Namespaces that have policies at all.
fn enforced(cluster: &Cluster) -> impl Iterator<Item = &str> {
    cluster
        .namespaces
        .iter()
        .filter(|(name, namespace)| {
            namespace.mode == Mode::Enforce && name.as_str() != SYSTEM_NAMESPACE
        })
        .map(|(name, _)| name.as_str())
}

/// Whether a half of a flow is for pods of an enforced namespace.
fn applies(cluster: &Cluster, wanted: &Wanted, half: Half) -> bool {
    let (own, _) = half.ends(wanted);
    cluster
        .pods_of(own)
        .is_some_and(|(namespace, _)| mode_of(cluster, namespace) == Some(Mode::Enforce))
}

fn halves(context: &Context<'_>, wanted: &Wanted) -> Vec<Manifest> {
    Half::BOTH
        .into_iter()
        .filter(|half| applies(context.cluster, wanted, *half))
        .filter_map(|half| {
            let (own, other) = half.ends(wanted);
            let (namespace, labels) = context.cluster.pods_of(own)?;
            let peers = express::peers(context, other)?;
            let mut rule = json!({ half.list(): peers });
            if !wanted.flow.ports.is_empty() {
                rule["ports"] = ports(&wanted.flow.ports);
            }
            let subject = express::selector(labels);
            let name = half.policy_name(wanted);
            Some(policy(namespace, &name, half, &subject, &json!([rule])))
        })
        .collect()
}

fn default_deny(namespace: &str) -> Manifest {
    let spec = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]});
    manifest(namespace, "zt-default-deny", spec)
}

/// Look-ups, of any name: which ones cannot be said.
fn dns(namespace: &str) -> Manifest {
    let labels = [("k8s-app".to_owned(), "kube-dns".to_owned())].into();
    let server = express::pods(SYSTEM_NAMESPACE, &labels);
    let rules = json!([{"to": [server], "ports": ports(&PORTS)}]);
    policy(namespace, "zt-allow-dns", Half::Egress, &json!({}), &rules)
}

fn policy(namespace: &str, name: &str, half: Half, subject: &Value, rules: &Value) -> Manifest {
    let (section, policy_type) = match half {
        Half::Egress => ("egress", "Egress"),
        Half::Ingress => ("ingress", "Ingress"),
    };
    let spec = json!({"podSelector": subject, "policyTypes": [policy_type], section: rules});
    manifest(namespace, name, spec)
}

fn manifest(namespace: &str, name: &str, spec: Value) -> Manifest {
    let object = Object::namespaced("networking.k8s.io/v1", "NetworkPolicy", namespace, name);
    Manifest::new(Phase::Enforce, object.spec(spec))
}

fn ports(ports: &[FlowPort]) -> Value {
    ports
        .iter()
        .map(|port| {
            let mut entry = json!({"port": port.port, "protocol": port.protocol.name()});
            if let Some(end) = port.end_port {
                entry["endPort"] = end.into();
            }
            entry
        })
        .collect()
}

impl Half {
    /// The field that holds the other end.
    fn list(self) -> &'static str {
        match self {
            Self::Egress => "to",
            Self::Ingress => "from",
        }
    }
}

//! What a `NetworkPolicy` has no words for, one finding each.

use ztgit_plugin::cluster::{Action, Authentication, Mode, Peer};
use ztgit_plugin::{Cluster, Diagnostic};

use super::{applies, express};
use crate::config::Config;
use crate::context::Context;
use crate::enforce::system_enforced;
use crate::flow_policies::Half;
use crate::flows::Wanted;
use crate::stance::{SYSTEM_NAMESPACE, mode_of};

const BACK_TO_CILIUM: &str = "use `policy: cilium` in the config of cilium";

/// What of the cluster and the config.
pub(super) fn of_cluster(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut findings = namespaces(context.cluster);
    findings.extend(undeclared(context.cluster.undeclared_namespaces.mode));
    findings.extend(flux(context.cluster));
    findings.extend(guardrails(context.config));
    findings.extend(accounts(context.cluster));
    findings
}

/// Labels alone select the pods; who may set them may pass for another.
fn accounts(cluster: &Cluster) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for namespace in super::enforced(cluster) {
        let workloads = &cluster.namespaces[namespace].workloads;
        for (name, _) in workloads
            .iter()
            .filter(|(_, workload)| workload.service_account.is_some())
        {
            let message = format!(
                "`{namespace}/{name}` is known by its labels alone: a NetworkPolicy knows no service accounts"
            );
            findings.push(
                Diagnostic::warning("networkpolicy-account", message)
                    .at_cluster(["namespaces", namespace, "workloads", name, "serviceAccount"])
                    .hint(BACK_TO_CILIUM),
            );
        }
    }
    findings
}

fn flux(cluster: &Cluster) -> Option<Diagnostic> {
    let namespace = &cluster.flux.namespace;
    (mode_of(cluster, namespace) == Some(Mode::Enforce)).then(|| {
        Diagnostic::error(
            "networkpolicy-flux",
            "flux's namespace is enforced, and a NetworkPolicy can name neither the API server nor the host of its source",
        )
        .at_cluster(["namespaces", namespace, "mode"])
        .hint("leave flux's namespace at `observe`")
        .hint(BACK_TO_CILIUM)
    })
}

fn guardrails(config: &Config) -> Vec<Diagnostic> {
    let metadata = Diagnostic::warning(
        "networkpolicy-metadata",
        "a NetworkPolicy denies nothing: metadata services are refused in enforced namespaces only, where no range opens them",
    )
    .at_config(["policy"])
    .hint("set `denyMetadata: false` where there are none");
    let system = Diagnostic::error(
        "networkpolicy-system",
        "`denySystemEgress` needs what a NetworkPolicy cannot express: the API server",
    )
    .at_config(["denySystemEgress"]);
    let names = Diagnostic::warning(
        "networkpolicy-dns",
        "a NetworkPolicy knows no names: every name may be looked up",
    )
    .at_config(["dnsNames"])
    .hint("leave `dnsNames` out");
    [
        (config.deny_metadata, metadata),
        (config.deny_system_egress, system),
        (!config.dns_names.is_empty(), names),
    ]
    .into_iter()
    .filter(|(wanted, _)| *wanted)
    .map(|(_, finding)| finding.hint(BACK_TO_CILIUM))
    .collect()
}

fn namespaces(cluster: &Cluster) -> Vec<Diagnostic> {
    let finding = |name: &String, mode: Mode| match mode {
        Mode::Enforce if name == SYSTEM_NAMESPACE => Some(system_enforced()),
        Mode::Audit => Some(
            Diagnostic::info(
                "networkpolicy-audit",
                format!("`{name}` gets no policy yet: a NetworkPolicy cannot but refuse"),
            )
            .at_cluster(["namespaces", name, "mode"])
            .hint(BACK_TO_CILIUM),
        ),
        Mode::Observe | Mode::Enforce => None,
    };
    cluster
        .namespaces
        .iter()
        .filter_map(|(name, namespace)| finding(name, namespace.mode))
        .collect()
}

fn undeclared(mode: Mode) -> Option<Diagnostic> {
    let message = "a NetworkPolicy is of one namespace and cannot hold for undeclared ones";
    let finding = match mode {
        Mode::Observe => return None,
        Mode::Audit => Diagnostic::info("networkpolicy-undeclared", message),
        Mode::Enforce => Diagnostic::error("networkpolicy-undeclared", message),
    };
    Some(
        finding
            .at_cluster(["undeclaredNamespaces", "mode"])
            .hint("use `mode: observe` there, and declare the namespaces that are to be enforced")
            .hint(BACK_TO_CILIUM),
    )
}

/// What of a flow, if any half of it would come out.
pub(super) fn of_flow(context: &Context<'_>, wanted: &Wanted) -> Vec<Diagnostic> {
    let halves: Vec<Half> = Half::BOTH
        .into_iter()
        .filter(|half| applies(context.cluster, wanted, *half))
        .collect();
    if halves.is_empty() {
        return Vec::new();
    }
    let mut findings = fields(wanted);
    for half in halves {
        let (_, other) = half.ends(wanted);
        if express::peers(context, other).is_none() {
            let end = match half {
                Half::Egress => "to",
                Half::Ingress => "from",
            };
            findings.extend(unnamed(other).map(|what| unsaid(wanted, end, what)));
        }
    }
    findings
}

fn fields(wanted: &Wanted) -> Vec<Diagnostic> {
    let flow = &wanted.flow;
    [
        (flow.action == Action::Deny, "action", "a denial"),
        (!flow.icmp.is_empty(), "icmp", "ICMP"),
        (!flow.http.is_empty(), "http", "requests"),
        (
            !flow.server_names.is_empty(),
            "serverNames",
            "names of TLS servers",
        ),
        (
            flow.authentication == Authentication::Required,
            "authentication",
            "authentication",
        ),
    ]
    .into_iter()
    .filter(|(present, ..)| *present)
    .map(|(_, field, what)| unsaid(wanted, field, what))
    .collect()
}

/// What an end is that has no words.
fn unnamed(peer: &Peer) -> Option<&'static str> {
    match peer {
        Peer::Fqdn(_) => Some("a DNS name"),
        Peer::Nodes { .. } => Some("nodes"),
        Peer::Entity(_) => Some("an entity other than `world`"),
        // Not declared, which is reported elsewhere.
        Peer::Workload { .. } | Peer::Pods { .. } | Peer::Cidr { .. } => None,
    }
}

fn unsaid(wanted: &Wanted, field: &str, what: &str) -> Diagnostic {
    let message = format!(
        "{} has {what}, which a NetworkPolicy cannot express",
        wanted.title()
    );
    wanted
        .locate(Diagnostic::error("networkpolicy", message), &[field])
        .hint(BACK_TO_CILIUM)
        .hint("or leave the namespace at `observe`")
}

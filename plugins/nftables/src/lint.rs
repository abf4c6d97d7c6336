//! What a firewall must not be: a door for everybody, or a wall without one.

use ztgit_plugin::cluster::{NodeRole, Protocol};
use ztgit_plugin::{Cluster, Diagnostic};

use crate::config::{Backend, Config, is_everybody};
use crate::opening::{Opening, Openings, SSH, Source};

const KUBERNETES_API: u16 = 6443;

/// Looks at the openings of all nodes together. Who else opens what to whom, and
/// what nft loads, is the lint rules' to judge; what iptables loads nobody else reads.
pub(crate) fn check(
    cluster: &Cluster,
    config: &Config,
    openings: &Openings,
    findings: &mut Vec<Diagnostic>,
) {
    findings.extend(open_to_world(config));
    if config.backend == Backend::Iptables {
        findings.extend(ssh(cluster, openings));
    }
    findings.extend(api_for_pods(cluster, openings));
    findings.extend(api_for_nodes(cluster, openings));
}

fn open_to_world(config: &Config) -> Option<Diagnostic> {
    let mut ranges = config.ssh.break_glass.iter();
    let index = ranges.position(is_everybody)?;
    let message = format!("port {SSH} (SSH) would be open to everybody");
    Some(
        Diagnostic::error("open-to-world", message)
            .at_config(["ssh", "breakGlass", &index.to_string()])
            .hint("name the networks that you would come from"),
    )
}

/// How a person gets to a node's shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shell {
    /// Not at all.
    None,
    /// Through a tunnel or another node only.
    Indirect,
    /// From somewhere, whatever else is down.
    Direct,
}

fn ssh(cluster: &Cluster, openings: &Openings) -> Option<Diagnostic> {
    let shell = |node: &str| {
        let here = openings.on(node);
        let ways = here
            .iter()
            .filter(|opening| opening.covers(Protocol::Tcp, SSH));
        ways.map(|opening| shell_through(&opening.source))
            .max()
            .unwrap_or(Shell::None)
    };
    let nodes = |wanted| nodes_where(cluster, |node| shell(node) == wanted);
    let (code, message) = match (nodes(Shell::None), nodes(Shell::Indirect)) {
        (Some(nodes), _) => (
            "ssh-unreachable",
            format!("SSH does not reach {nodes} at all"),
        ),
        (None, Some(nodes)) => (
            "ssh-vpn-only",
            format!("SSH reaches {nodes} only while the VPN works"),
        ),
        (None, None) => return None,
    };
    let hint =
        "name a network to come from in an emergency, as in `ssh: {breakGlass: [192.168.1.0/24]}`";
    Some(
        Diagnostic::warning(code, message)
            .at_config(["ssh", "breakGlass"])
            .hint(hint),
    )
}

fn shell_through(source: &Source) -> Shell {
    match source {
        Source::World
        | Source::Admins
        | Source::Ranges {
            interface: None, ..
        } => Shell::Direct,
        Source::Nodes
        | Source::Ranges {
            interface: Some(_), ..
        } => Shell::Indirect,
        Source::Pods => Shell::None,
    }
}

fn api_for_pods(cluster: &Cluster, openings: &Openings) -> Option<Diagnostic> {
    let shut = servers_shut_to(cluster, openings, &Source::Pods)?;
    let message = format!("pods do not reach the Kubernetes API on {shut}");
    Some(
        Diagnostic::warning("api-shut", message).hint(
            "add a plugin that opens TCP 6443 to pods, such as k3s: CoreDNS and Flux need it",
        ),
    )
}

fn api_for_nodes(cluster: &Cluster, openings: &Openings) -> Option<Diagnostic> {
    let shut =
        servers_shut_to(cluster, openings, &Source::Nodes).filter(|_| cluster.nodes.len() > 1)?;
    let message = format!("other nodes do not reach the Kubernetes API on {shut}");
    Some(
        Diagnostic::warning("api-shut", message).hint(
            "add a plugin that opens TCP 6443 to nodes, such as k3s: they cannot join without",
        ),
    )
}

fn servers_shut_to(cluster: &Cluster, openings: &Openings, source: &Source) -> Option<String> {
    let api = |opening: &&Opening| {
        opening.covers(Protocol::Tcp, KUBERNETES_API) && opening.source == *source
    };
    let is_server = |node: &str| cluster.nodes[node].role == NodeRole::Server;
    nodes_where(cluster, |node| {
        is_server(node) && !openings.on(node).into_iter().any(|o| api(&o))
    })
}

/// The names of such nodes, for a sentence; `None` where there are none.
fn nodes_where(cluster: &Cluster, holds: impl Fn(&str) -> bool) -> Option<String> {
    let names: Vec<_> = cluster
        .nodes
        .keys()
        .filter(|node| holds(node))
        .map(|node| format!("`{node}`"))
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

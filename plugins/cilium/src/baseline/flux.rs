//! Flux: a cluster that cannot fetch cannot be repaired by a commit.

mod source;

use serde_json::{Value, json};
use ztgit_plugin::cluster::{Entity, FlowPort, Mode};
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use self::source::{Host, Server};
use super::API_SERVER_PORTS;
use crate::config::Config;
use crate::policy::dns::{ExternalName, in_cluster, lookup};
use crate::policy::pods::Pods;
use crate::policy::{Policy, Scope, Section, entity, ports};
use crate::stance::mode_of;

/// Where the chart of this plugin comes from: the registry, and what it
/// redirects to.
const CHART_HOSTS: [&str; 2] = ["quay.io", "*.quay.io"];

/// What Flux needs: its controllers among themselves and the API server, and
/// for the one that fetches, the sources.
pub(super) fn policies(
    cluster: &Cluster,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> [Policy; 2] {
    [
        controllers(&cluster.flux.namespace, config),
        fetching(cluster, config, diagnostics),
    ]
}

fn controllers(namespace: &str, config: &Config) -> Policy {
    let all = Pods::labelled(namespace, &[]);
    Policy::new(
        Scope::Namespace(namespace.to_owned()),
        "zt-allow-flux",
        "Flux's controllers reach each other and the API server",
        all.subject(),
    )
    .rule(Section::Ingress, json!({"fromEndpoints": [all.peer()]}))
    .rule(Section::Egress, json!({"toEndpoints": [all.peer()]}))
    .rule(
        Section::Egress,
        json!({
            "toEntities": entity::list(&[Entity::KubeApiserver]),
            "toPorts": ports::plain(&API_SERVER_PORTS),
        }),
    )
    .rule(
        Section::Egress,
        lookup(&[in_cluster(&config.cluster_domain)]),
    )
}

fn fetching(cluster: &Cluster, config: &Config, diagnostics: &mut Vec<Diagnostic>) -> Policy {
    let namespace = &cluster.flux.namespace;
    let charts = chart_hosts(config, diagnostics);
    let mut names = charts.clone();
    let mut policy = Policy::new(
        Scope::Namespace(namespace.clone()),
        "zt-allow-flux-sources",
        "Flux fetches the fleet repository and charts",
        Pods::labelled(namespace, &[("app", "source-controller")]).subject(),
    )
    .rule(
        Section::Egress,
        json!({"toFQDNs": charts, "toPorts": ports::plain(&[FlowPort::tcp(443)])}),
    );
    match Server::of(&cluster.flux, &config.cluster_domain) {
        Some(server) => {
            if let Host::External(name) = &server.host {
                names.push(name.selector());
            }
            policy = policy.rule(Section::Egress, repository(cluster, &server));
        }
        None => diagnostics.extend(unknown_source(cluster)),
    }
    names.sort_by_key(Value::to_string);
    names.dedup();
    policy.rule(Section::Egress, lookup(&names))
}

fn chart_hosts(config: &Config, diagnostics: &mut Vec<Diagnostic>) -> Vec<Value> {
    let mut hosts: Vec<Value> = CHART_HOSTS
        .iter()
        .map(|text| ExternalName::parse(text, &config.cluster_domain))
        .map(|name| name.expect("a constant that parses").selector())
        .collect();
    for (index, text) in config.flux_hosts.iter().enumerate() {
        match ExternalName::parse(text, &config.cluster_domain) {
            Ok(name) => hosts.push(name.selector()),
            Err(error) => diagnostics.push(
                Diagnostic::error("flux-host", format!("`{text}` {}", error.reason()))
                    .at_config(["fluxHosts", &index.to_string()])
                    .hint(error.hint()),
            ),
        }
    }
    hosts
}

fn repository(cluster: &Cluster, server: &Server) -> Value {
    let ports = ports::plain(&[FlowPort::tcp(server.port)]);
    match &server.host {
        Host::External(name) => json!({"toFQDNs": [name.selector()], "toPorts": ports}),
        // A range never matches a node.
        Host::Address(address)
            if cluster
                .nodes
                .values()
                .any(|node| node.addresses.contains(address)) =>
        {
            json!({"toEntities": entity::list(&super::NODES), "toPorts": ports})
        }
        Host::Address(address) => {
            json!({"toCIDRSet": [{"cidr": Cidr::single(*address)}], "toPorts": ports})
        }
        // Policies see the pod's port, which the Service's need not be.
        Host::Service { namespace } => {
            json!({"toEndpoints": [Pods::labelled(namespace, &[]).peer()]})
        }
    }
}

/// Without its source Flux is cut off as soon as its namespace is enforced.
fn unknown_source(cluster: &Cluster) -> Option<Diagnostic> {
    (mode_of(cluster, &cluster.flux.namespace) == Some(Mode::Enforce)).then(|| {
        let message = format!(
            "flux's namespace is enforced, but `{}` does not say which host Flux fetches from",
            cluster.flux.source.url
        );
        Diagnostic::error("flux-source", message)
            .at_cluster(["flux", "source", "url"])
            .hint("use a URL such as `https://git.example.net/fleet.git`")
            .hint("or leave flux's namespace at `audit`")
    })
}

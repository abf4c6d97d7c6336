//! Flux: a cluster that cannot fetch cannot be repaired by a commit.

mod companions;
mod source;

use serde_json::{Value, json};
use ztgit_plugin::cluster::{FlowPort, Mode};
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use self::companions::with_companions;
use self::source::{Host, Server};
use super::to_api_server;
use crate::config::Config;
use crate::policy::dns::{ExternalName, in_cluster, lookup};
use crate::policy::pods::Pods;
use crate::policy::{Policy, Scope, Section, entity, ports};
use crate::stance::mode_of;

/// Where the charts of ztgit's own plugins come from.
const CHART_HOST: &str = "quay.io";

/// What Flux needs: its controllers among themselves and the API server, for the
/// one that fetches the sources, and where these are pods, their own half.
pub(super) fn policies(
    cluster: &Cluster,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Policy> {
    let server = Server::of(&cluster.flux, &config.cluster_domain);
    if server.is_none() {
        diagnostics.extend(unknown_source(cluster));
    }
    let mut policies = vec![
        controllers(&cluster.flux.namespace, config),
        fetching(cluster, config, server.as_ref(), diagnostics),
    ];
    policies.extend(server.and_then(|server| fetched_from(cluster, &server.host)));
    policies
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
    .rule(Section::Egress, to_api_server())
    .rule(
        Section::Egress,
        lookup(&[in_cluster(&config.cluster_domain)]),
    )
}

fn fetching(
    cluster: &Cluster,
    config: &Config,
    server: Option<&Server>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Policy {
    let namespace = &cluster.flux.namespace;
    let hosts = https_hosts(config, server, diagnostics);
    let mut names = hosts.clone();
    let mut policy = Policy::new(
        Scope::Namespace(namespace.clone()),
        "zt-allow-flux-sources",
        "Flux fetches the fleet repository and charts",
        source_controller(namespace).subject(),
    )
    .rule(
        Section::Egress,
        json!({"toFQDNs": hosts, "toPorts": ports::plain(&[FlowPort::tcp(443)])}),
    );
    if let Some(server) = server {
        if let Host::External(name) = &server.host {
            names.push(name.selector());
        }
        policy = policy.rule(Section::Egress, repository(cluster, server));
    }
    names.sort_by_key(Value::to_string);
    names.dedup();
    policy.rule(Section::Egress, lookup(&names))
}

fn source_controller(namespace: &str) -> Pods {
    Pods::labelled(namespace, &[("app", "source-controller")])
}

/// Hosts of charts and artifacts, with those that they hand on to.
fn https_hosts(
    config: &Config,
    server: Option<&Server>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Value> {
    let domain = &config.cluster_domain;
    let mut hosts = vec![ExternalName::parse(CHART_HOST, domain).expect("a constant that parses")];
    for (index, text) in config.flux_hosts.iter().enumerate() {
        match ExternalName::parse(text, domain) {
            Ok(name) => hosts.push(name),
            Err(error) => diagnostics.push(
                Diagnostic::error("flux-host", format!("`{text}` {}", error.reason()))
                    .at_config(["fluxHosts", &index.to_string()])
                    .hint(error.hint()),
            ),
        }
    }
    if let Some(Server {
        host: Host::External(name),
        port: 443,
    }) = server
    {
        hosts.push(name.clone());
    }
    let hosts = with_companions(hosts, domain);
    hosts.iter().map(ExternalName::selector).collect()
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
            json!({"toEntities": entity::list(&entity::NODES), "toPorts": ports})
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

/// The other half, where the repository is served from a namespace that has a
/// mode of its own.
fn fetched_from(cluster: &Cluster, host: &Host) -> Option<Policy> {
    let flux = &cluster.flux.namespace;
    let Host::Service { namespace } = host else {
        return None;
    };
    if namespace == flux || mode_of(cluster, namespace)? < Mode::Audit {
        return None;
    }
    let policy = Policy::new(
        Scope::Namespace(namespace.clone()),
        "zt-allow-flux-sources",
        "Flux fetches the fleet repository from here",
        Pods::labelled(namespace, &[]).subject(),
    );
    let controller = source_controller(flux).peer();
    Some(policy.rule(Section::Ingress, json!({"fromEndpoints": [controller]})))
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

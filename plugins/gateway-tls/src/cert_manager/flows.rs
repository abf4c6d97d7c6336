//! Everything that cert-manager's pods reach or are reached by, except the
//! solver's.
//!
//! ACME servers and hosts are named one by one rather than as the world: that
//! is narrower, and the DNS policy learns the names that it has to answer.

use std::collections::BTreeMap;

use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{Entity, Flow, FlowPort, Labels, Peer};
use ztgit_plugin::fact::FlowFact;

use crate::certificate::{Environment, Proof};
use crate::config::{Config, Dns01, Exposure};
use crate::flow::named;
use crate::host_name::HostName;
use crate::plan::Plan;

/// All of them.
pub(crate) fn flows(plan: &Plan<'_>) -> Vec<FlowFact> {
    let from = Pods(plan.config);
    let mut flows = vec![
        // Its port differs among distributions, and the entity is narrow.
        named(
            "cert-manager-to-api-server",
            Flow::allow(from.all(), Peer::Entity(Entity::KubeApiserver), []),
        ),
        from.webhook_from("api-server", Entity::KubeApiserver),
        // An API server on another node arrives, through a tunnel, from the
        // node's own address, which is not known as the API server's.
        from.webhook_from("other-nodes", Entity::RemoteNode),
    ];
    if plan.config.email.is_some() {
        flows.extend(Environment::ALL.into_iter().map(|environment| {
            let server = Peer::Fqdn(environment.acme_host().to_owned());
            from.controller_to(environment.name(), server, [FlowPort::tcp(443)])
        }));
    }
    flows.extend(self_checks(plan, from));
    flows.extend(dns01(plan, from));
    flows
}

/// Before it asks for validation, cert-manager fetches the challenge itself by
/// the host's public name, which may lead back to one of the nodes.
fn self_checks(plan: &Plan<'_>, from: Pods<'_>) -> Vec<FlowFact> {
    let port = [FlowPort::tcp(80)];
    let hosts = plan.proven_by(|proof| proof == Proof::Http01);
    let mut flows: Vec<_> = hosts
        .iter()
        .map(|host| from.controller_to(host.as_str(), Peer::Fqdn(host.to_string()), port))
        .collect();
    if plan.config.exposure == Exposure::HostNetwork && !hosts.is_empty() {
        let nodes = [
            ("own-node", Entity::Host),
            ("other-nodes", Entity::RemoteNode),
        ];
        flows.extend(
            nodes.map(|(name, entity)| from.controller_to(name, Peer::Entity(entity), port)),
        );
    }
    flows
}

/// The zones' servers, and the names that are looked up on the way to a record:
/// the record's own and every one above it, up to the zone's.
fn dns01(plan: &Plan<'_>, from: Pods<'_>) -> Vec<FlowFact> {
    let mut flows = Vec::new();
    for (zone, provider) in &plan.config.dns01 {
        let hosts = plan.proven_by(|proof| proof == Proof::Dns01(zone));
        if hosts.is_empty() {
            continue;
        }
        let servers = servers(provider).into_iter().enumerate();
        flows.extend(servers.map(|(index, (server, ports))| {
            from.controller_to(&format!("dns01-{index}-{zone}"), server, ports)
        }));
        flows.extend(
            looked_up(zone, &hosts)
                .into_iter()
                .map(|(name, looked_up)| {
                    let ports = [FlowPort::udp(53), FlowPort::tcp(53)];
                    from.controller_to(&name, Peer::Fqdn(looked_up), ports)
                }),
        );
    }
    flows
}

/// What is looked up, by a name for its flow.
fn looked_up(zone: &str, hosts: &[&HostName]) -> BTreeMap<String, String> {
    let zone = zone.to_ascii_lowercase();
    let mut names = BTreeMap::new();
    let mut add = |name: &str| names.insert(format!("look-up.{name}"), name.to_owned());
    add(&zone);
    for host in hosts {
        let mut name = host.base();
        while name != zone {
            add(name);
            let Some((_, above)) = name.split_once('.') else {
                break;
            };
            name = above;
        }
    }
    names.extend(hosts.iter().map(|host| {
        let base = host.base();
        let name = format!("look-up-record.{base}");
        (name, format!("_acme-challenge.{base}"))
    }));
    names
}

fn servers(provider: &Dns01) -> Vec<(Peer, Vec<FlowPort>)> {
    let https = |name: &str| (Peer::Fqdn(name.to_owned()), vec![FlowPort::tcp(443)]);
    match provider {
        Dns01::Cloudflare { .. } => vec![https("api.cloudflare.com")],
        Dns01::Route53 { region, .. } => vec![
            https("route53.amazonaws.com"),
            https(&format!("sts.{region}.amazonaws.com")),
        ],
        Dns01::Rfc2136 {
            nameserver, port, ..
        } => {
            let port = port.map_or(53, std::num::NonZero::get);
            let server = Peer::Cidr {
                range: Cidr::single(*nameserver),
                except: Vec::new(),
            };
            vec![(server, vec![FlowPort::udp(port), FlowPort::tcp(port)])]
        }
    }
}

/// cert-manager's pods as ends of flows.
#[derive(Clone, Copy)]
struct Pods<'a>(&'a Config);

impl Pods<'_> {
    /// Controller, webhook, CA injector and the check after install.
    fn all(self) -> Peer {
        self.labelled(Labels::new())
    }

    fn controller_to(
        self,
        name: &str,
        to: Peer,
        ports: impl IntoIterator<Item = FlowPort>,
    ) -> FlowFact {
        let flow = Flow::allow(self.component("controller"), to, ports);
        named(format!("cert-manager-to-{name}"), flow)
    }

    fn webhook_from(self, name: &str, from: Entity) -> FlowFact {
        let flow = Flow::allow(
            Peer::Entity(from),
            self.component("webhook"),
            [FlowPort::tcp(10250)],
        );
        named(format!("{name}-to-cert-manager-webhook"), flow)
    }

    fn component(self, name: &str) -> Peer {
        let labels = [
            ("app.kubernetes.io/instance", "cert-manager"),
            ("app.kubernetes.io/component", name),
        ];
        self.labelled(
            labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        )
    }

    fn labelled(self, labels: Labels) -> Peer {
        Peer::Pods {
            namespace: self.0.cert_manager.namespace.clone(),
            labels,
        }
    }
}

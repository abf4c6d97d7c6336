//! The VPN as a whole, checked: what the files are written from.

use std::net::IpAddr;

use ztgit_plugin::cluster::Distribution;
use ztgit_plugin::{Cidr, Cluster, Diagnostic, Severity};

use crate::config::Config;
use crate::endpoint::{Endpoint, EndpointError};
use crate::hub::{Hub, INTERFACE, server_address};
use crate::key::PublicKey;
use crate::peer::{self, Peer};

/// A VPN without contradictions.
#[derive(Debug)]
pub(crate) struct Tunnel<'a> {
    /// The cluster's name.
    pub(crate) cluster: &'a str,
    /// What runs Kubernetes there.
    pub(crate) distribution: Distribution,
    /// The node in the middle.
    pub(crate) hub: Hub<'a>,
    /// Its interface.
    pub(crate) interface: &'a str,
    /// The range of all addresses.
    pub(crate) range: Cidr,
    /// The hub's address.
    pub(crate) address: IpAddr,
    /// The hub's UDP port.
    pub(crate) port: u16,
    /// The hub's public key, once it has made one.
    pub(crate) server_key: Option<PublicKey>,
    /// Where devices find the hub; there is one where there are devices.
    pub(crate) endpoint: Option<Endpoint>,
    /// What devices send through the tunnel besides what is for the hub.
    pub(crate) routes: Vec<Cidr>,
    /// Seconds between keep-alives of a device; 0 for none.
    pub(crate) keepalive: u16,
    /// The devices, by name.
    pub(crate) peers: Vec<Peer<'a>>,
}

/// Ports of the node that Cilium listens on, with what for.
const CILIUM_PORTS: [(u16, &str); 3] = [
    (51871, "its own WireGuard between nodes"),
    (8472, "VXLAN"),
    (6081, "Geneve"),
];

impl<'a> Tunnel<'a> {
    /// Checks everything and reports every problem; no tunnel where one is an
    /// error.
    pub(crate) fn plan(
        cluster: &'a Cluster,
        config: &'a Config,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let hub = Hub::find(cluster, config)
            .map_err(|finding| findings.push(finding))
            .ok();
        check_range(cluster, config, findings);
        check_port(cluster, config, findings);
        let endpoint = check_endpoint(config, findings);
        let server_key = check_server_key(config, findings);
        let peers = peer::check(config, server_key.as_ref(), findings);
        let hub = hub?;
        warn(&hub, config, findings);
        if findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            return None;
        }
        Some(Self {
            cluster: &cluster.name,
            distribution: cluster.distribution,
            hub,
            interface: INTERFACE,
            range: config.cidr,
            address: server_address(&config.cidr),
            port: config.port.get(),
            server_key,
            endpoint,
            routes: routes(cluster, config),
            keepalive: config.keepalive,
            peers,
        })
    }
}

/// Pods of the VPN's own family: a device has no address of the other.
fn routes(cluster: &Cluster, config: &Config) -> Vec<Cidr> {
    let reachable = |range: &&Cidr| config.pod_access && range.is_ipv4() == config.cidr.is_ipv4();
    cluster
        .network
        .pod_cidrs
        .iter()
        .filter(reachable)
        .copied()
        .collect()
}

fn check_range(cluster: &Cluster, config: &Config, findings: &mut Vec<Diagnostic>) {
    let net = config.cidr.net();
    if net.max_prefix_len() - net.prefix_len() < 2 {
        findings.push(
            Diagnostic::error(
                "cidr-small",
                format!("{net} has no room for a hub and a device"),
            )
            .at_config(["cidr"])
            .hint("take a wider range, such as 10.100.0.0/24"),
        );
    }
    let network = &cluster.network;
    let others = [
        ("pods", &network.pod_cidrs),
        ("services", &network.service_cidrs),
        ("nodes", &network.node_cidrs),
    ];
    for (whose, ranges) in others {
        for other in ranges.iter().filter(|other| other.overlaps(&config.cidr)) {
            findings.push(
                Diagnostic::error(
                    "cidr-overlap",
                    format!("{net} overlaps {other}, the range of {whose}"),
                )
                .at_config(["cidr"])
                .hint("take a private range that nothing else uses"),
            );
        }
    }
}

fn check_port(cluster: &Cluster, config: &Config, findings: &mut Vec<Diagnostic>) {
    let port = config.port.get();
    let taken = CILIUM_PORTS.iter().find(|(taken, _)| *taken == port);
    if let Some((_, purpose)) = taken.filter(|_| cluster.has_cilium()) {
        findings.push(
            Diagnostic::error(
                "port-taken",
                format!("Cilium uses UDP port {port} for {purpose}"),
            )
            .at_config(["port"])
            .hint("leave `port` out to use 51820"),
        );
    }
}

fn check_endpoint(config: &Config, findings: &mut Vec<Diagnostic>) -> Option<Endpoint> {
    let Some(text) = config.endpoint.as_deref() else {
        if !config.peers.is_empty() {
            findings.push(
                Diagnostic::error(
                    "endpoint-required",
                    "where the devices find the hub is not said",
                )
                .hint("set `endpoint` to the hub's public DNS name or address"),
            );
        }
        return None;
    };
    let finding = match Endpoint::parse(text) {
        Ok(endpoint) => return Some(endpoint),
        Err(EndpointError::Port) => {
            Diagnostic::error("endpoint", format!("`{text}` has a port behind the host"))
                .hint("write the host alone; the port is `port`")
        }
        Err(EndpointError::Syntax) => Diagnostic::error(
            "endpoint",
            format!("`{text}` is neither a DNS name nor an address"),
        )
        .hint("write a host such as vpn.example.net"),
    };
    findings.push(finding.at_config(["endpoint"]));
    None
}

fn check_server_key(config: &Config, findings: &mut Vec<Diagnostic>) -> Option<PublicKey> {
    let text = config.public_key.as_deref()?;
    peer::parse_key(text, &["publicKey"])
        .map_err(|finding| findings.push(finding))
        .ok()
}

fn warn(hub: &Hub<'_>, config: &Config, findings: &mut Vec<Diagnostic>) {
    if config.public_key.is_none() && !config.peers.is_empty() {
        let message = "the devices' files lack the hub's public key and will not be accepted";
        findings.push(Diagnostic::warning("server-key-missing", message).hint(format!(
            "apply the files of `{}`, run `{} {INTERFACE}` there, and put what it prints into `publicKey`",
            hub.node,
            crate::server::KEY_SCRIPT,
        )));
    }
    if !hub.serves_api() {
        let message = format!(
            "`{}` is no server: the VPN does not lead to the Kubernetes API",
            hub.node
        );
        findings.push(
            Diagnostic::warning("hub-without-api", message)
                .at_config(["node"])
                .hint("make a server the hub if people are to use kubectl through the VPN"),
        );
    }
}

//! One hub's VPN as a whole, checked: what the files are written from.

use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use super::node::HubNode;
use super::peer::{Check, Peer};
use super::reach;
use crate::conf::{Conf, ConfPeer};
use crate::config::Hub;
use crate::endpoint::Endpoint;
use crate::key::PublicKey;
use crate::section::Section;
use crate::subnets::Subnets;

/// A VPN without contradictions.
#[derive(Debug)]
pub(crate) struct Tunnel<'a> {
    /// The cluster.
    pub(crate) cluster: &'a Cluster,
    /// Where it is configured.
    pub(crate) section: Section<'a>,
    /// What needs no checking.
    pub(crate) hub: &'a Hub,
    /// The node in the middle.
    pub(crate) node: HubNode<'a>,
    /// The ranges of all addresses.
    pub(crate) subnets: Subnets,
    /// The hub's public key, once it has made one.
    pub(crate) server_key: Option<PublicKey>,
    /// Where devices find the hub; there is one where there are devices.
    pub(crate) endpoint: Option<Endpoint>,
    /// The devices, by name.
    pub(crate) peers: Vec<Peer<'a>>,
}

impl<'a> Tunnel<'a> {
    /// Checks everything and reports every problem; no tunnel where the hub is
    /// not known.
    pub(crate) fn plan(
        cluster: &'a Cluster,
        section: Section<'a>,
        hub: &'a Hub,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let node = HubNode::find(cluster, section, hub)
            .map_err(|finding| findings.push(finding))
            .ok();
        let subnets = Subnets::new(hub.cidr, hub.cidr6);
        subnets.check(section, cluster, findings);
        reach::check(cluster, section, hub, &subnets, findings);
        let endpoint = check_endpoint(section, hub, findings);
        let server_key = hub.public_key.as_deref().and_then(|text| {
            PublicKey::parse_at(text, section, &["publicKey"])
                .map_err(|finding| findings.push(finding))
                .ok()
        });
        let check = Check {
            section,
            hub,
            subnets,
            cluster,
        };
        let peers = check.peers(server_key.as_ref(), findings);
        let tunnel = Self {
            cluster,
            section,
            hub,
            node: node?,
            subnets,
            server_key,
            endpoint,
            peers,
        };
        tunnel.keep_networks_out(findings);
        tunnel.warn(findings);
        Some(tunnel)
    }

    /// The interface.
    pub(crate) fn interface(&self) -> &'a str {
        self.section.interface()
    }

    /// Pods that a device has an address to speak to.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &Cidr> {
        let pods = self.cluster.network.pod_cidrs.iter();
        pods.filter(|range| self.hub.pod_access && self.subnets.has_family_of(range))
    }

    /// The hub's file.
    pub(crate) fn conf(&self) -> Conf<'_> {
        let (cluster, node) = (&self.cluster.name, self.node.name);
        let peers = self.peers.iter().map(|peer| ConfPeer {
            name: peer.name,
            key: &peer.key,
            preshared: peer.preshared.as_ref(),
            addresses: &peer.addresses,
            networks: peer.networks,
            endpoint: None,
            keepalive: 0,
        });
        Conf {
            title: format!("The VPN of cluster {cluster}, on its hub {node}."),
            interface: self.interface(),
            addresses: self.subnets.first_addresses().collect(),
            subnets: &self.subnets,
            port: self.hub.port.get(),
            mtu: self.hub.mtu,
            metric: self.hub.metric,
            peers: peers.collect(),
        }
    }

    /// The hub's own network is not behind a device.
    fn keep_networks_out(&self, findings: &mut Vec<Diagnostic>) {
        let node = &self.cluster.nodes[self.node.name];
        for peer in &self.peers {
            let owner = crate::networks::Owner {
                section: self.section,
                map: "peers",
                name: peer.name,
            };
            for address in &node.addresses {
                owner.keep_out(peer.networks, *address, "the hub's own", findings);
            }
        }
    }

    fn warn(&self, findings: &mut Vec<Diagnostic>) {
        let node = self.node.name;
        if self.server_key.is_none() && !self.peers.is_empty() {
            let message = "the devices' files lack the hub's public key and will not be accepted";
            let hint = format!(
                "apply the files of `{node}`, run `{} {}` there, and put what it prints into `publicKey`",
                crate::host_files::KEY_SCRIPT,
                self.interface(),
            );
            findings.push(
                self.section
                    .warning(&[], "server-key-missing", message)
                    .hint(hint),
            );
        }
        if !self.node.serves_api() {
            let message =
                format!("`{node}` is no server: the VPN does not lead to the Kubernetes API");
            findings.push(
                self.section
                    .warning(&["node"], "hub-without-api", message)
                    .hint("make a server the hub if people are to use kubectl through the VPN"),
            );
        }
    }
}

fn check_endpoint(
    section: Section<'_>,
    hub: &Hub,
    findings: &mut Vec<Diagnostic>,
) -> Option<Endpoint> {
    let Some(text) = hub.endpoint.as_deref() else {
        if !hub.peers.is_empty() {
            let message = "where the devices find the hub is not said";
            findings.push(
                section
                    .error(&[], "endpoint-required", message)
                    .hint("set `endpoint` to the hub's public DNS name or address"),
            );
        }
        return None;
    };
    Endpoint::parse_at(text, section, &["endpoint"])
        .map_err(|finding| findings.push(finding))
        .ok()
}

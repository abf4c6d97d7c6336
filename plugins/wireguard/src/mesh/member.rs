//! The members of a mesh, checked.

use std::net::IpAddr;

use ztgit_plugin::cluster::Node;
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::address::Place;
use crate::config::{self, Mesh};
use crate::endpoint::Endpoint;
use crate::hub::node::unknown;
use crate::key::PublicKey;
use crate::networks::Owner;
use crate::section::Section;
use crate::subnets::Subnets;

/// A node in a mesh.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    /// Its name in the cluster.
    pub(crate) name: &'a str,
    /// The node.
    pub(crate) node: &'a Node,
    /// Its public key, once it has made one.
    pub(crate) key: Option<PublicKey>,
    /// Its addresses on the mesh.
    pub(crate) addresses: Vec<IpAddr>,
    /// Where the others find it.
    pub(crate) endpoint: Endpoint,
    /// The networks behind it.
    pub(crate) networks: &'a [Cidr],
}

/// The members of one mesh, as configured.
pub(crate) struct Check<'a> {
    /// Where.
    pub(crate) section: Section<'a>,
    /// What.
    pub(crate) mesh: &'a Mesh,
    /// The ranges that their addresses are of.
    pub(crate) subnets: Subnets,
    /// The cluster.
    pub(crate) cluster: &'a Cluster,
}

impl<'a> Check<'a> {
    /// A member that is well-formed by itself.
    pub(crate) fn member(
        &self,
        name: &'a str,
        member: &'a config::Member,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Member<'a>> {
        let Some(node) = self.cluster.nodes.get(name) else {
            findings.push(unknown(self.cluster, self.section, &["nodes", name], name));
            return None;
        };
        let before = findings.len();
        let key = member.public_key.as_deref().and_then(|text| {
            let place = ["nodes", name, "publicKey"];
            PublicKey::parse_at(text, self.section, &place)
                .map_err(|finding| findings.push(finding))
                .ok()
        });
        let addresses = self.addresses(name, member, node, findings);
        let endpoint = self
            .endpoint(name, member, node)
            .map_err(|finding| findings.push(finding))
            .ok();
        self.owner(name)
            .check(&member.networks, &self.subnets, self.cluster, findings);
        let endpoint = endpoint.filter(|_| findings.len() == before)?;
        Some(Member {
            name,
            node,
            key,
            addresses,
            endpoint,
            networks: &member.networks,
        })
    }

    /// The networks of a member, with their place.
    pub(crate) fn owner(&self, name: &'a str) -> Owner<'a> {
        Owner {
            section: self.section,
            map: "nodes",
            name,
        }
    }

    fn addresses(
        &self,
        name: &str,
        member: &config::Member,
        node: &Node,
        findings: &mut Vec<Diagnostic>,
    ) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        let given = [
            ("address", member.address.as_deref(), Some(&self.mesh.cidr)),
            (
                "address6",
                member.address6.as_deref(),
                self.mesh.cidr6.as_ref(),
            ),
        ];
        for (key, text, range) in given {
            let at = ["nodes", name, key];
            let place = Place {
                section: self.section,
                at: &at,
            };
            let found = match text {
                Some(text) => Some(place.parse(text, range)),
                None => own_address(node, range).map(Ok),
            };
            match found {
                Some(Ok(address)) => addresses.push(address),
                Some(Err(finding)) => findings.push(finding),
                None => {}
            }
        }
        if addresses.is_empty() && member.address.is_none() && member.address6.is_none() {
            findings.push(self.address_missing(name));
        }
        addresses
    }

    fn address_missing(&self, name: &str) -> Diagnostic {
        let message = format!("which address `{name}` has in the mesh is not said");
        self.section
            .error(&["nodes", name], "address-required", message)
            .hint(format!("set `address` to one of {}", self.mesh.cidr))
    }

    fn endpoint(
        &self,
        name: &str,
        member: &config::Member,
        node: &Node,
    ) -> Result<Endpoint, Diagnostic> {
        if let Some(text) = member.endpoint.as_deref() {
            return Endpoint::parse_at(text, self.section, &["nodes", name, "endpoint"]);
        }
        let outside = |address: &&IpAddr| !self.subnets.contains(**address);
        let address = node.addresses.iter().find(outside);
        address.copied().map(Endpoint::Address).ok_or_else(|| {
            let message = format!("`{name}` has no address outside the mesh to be found at");
            self.section
                .error(&["nodes", name], "endpoint-required", message)
                .hint("set `endpoint` to its public DNS name or address")
        })
    }
}

/// The address that a node has in a range in the cluster.
pub(crate) fn own_address(node: &Node, range: Option<&Cidr>) -> Option<IpAddr> {
    let range = range?;
    let within = |address: &&IpAddr| range.contains_address(**address);
    node.addresses.iter().find(within).copied()
}

//! A mesh as a whole, checked: what the files are written from.

use std::collections::BTreeMap;

use ztgit_plugin::{Cluster, Diagnostic};

use super::member::{Check, Member};
use crate::conf::{Conf, ConfPeer};
use crate::config::Mesh;
use crate::endpoint::Endpoint;
use crate::preshared::PresharedKeyFile;
use crate::section::Section;
use crate::subnets::Subnets;

/// A mesh without contradictions.
#[derive(Debug)]
pub(crate) struct MeshNetwork<'a> {
    /// The cluster's name.
    cluster: &'a str,
    /// Where it is configured.
    pub(crate) section: Section<'a>,
    /// What needs no checking.
    pub(crate) mesh: &'a Mesh,
    /// The ranges of all addresses.
    pub(crate) subnets: Subnets,
    /// The file with the key that all share.
    preshared: Option<PresharedKeyFile>,
    /// The members, by name.
    pub(crate) members: Vec<Member<'a>>,
}

impl<'a> MeshNetwork<'a> {
    /// Checks everything and reports every problem.
    pub(crate) fn plan(
        cluster: &'a Cluster,
        section: Section<'a>,
        mesh: &'a Mesh,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let subnets = Subnets::new(mesh.cidr, mesh.cidr6);
        subnets.check(section, cluster, findings);
        let preshared = mesh.preshared_key_file.as_deref().and_then(|text| {
            PresharedKeyFile::parse(text, section, &["presharedKeyFile"])
                .map_err(|finding| findings.push(finding))
                .ok()
        });
        let check = Check {
            section,
            mesh,
            subnets,
            cluster,
        };
        let members: Vec<_> = mesh
            .nodes
            .iter()
            .filter_map(|(name, member)| check.member(name, member, findings))
            .collect();
        check_networks(&check, &members, findings);
        let network = Self {
            cluster: &cluster.name,
            section,
            mesh,
            subnets,
            preshared,
            members,
        };
        network.duplicates(findings);
        network.warn(findings);
        network
    }

    /// A member's file.
    pub(crate) fn conf(&'a self, own: &Member<'_>) -> Conf<'a> {
        let others = self.members.iter().filter(|member| member.name != own.name);
        let peers = others.filter_map(|member| {
            Some(ConfPeer {
                name: member.name,
                key: member.key.as_ref()?,
                preshared: self.preshared.as_ref(),
                addresses: &member.addresses,
                networks: member.networks,
                endpoint: Some(member.endpoint.with_port(self.mesh.port.get())),
                keepalive: self.mesh.keepalive,
            })
        });
        Conf {
            title: format!(
                "A mesh of cluster {}, on its node {}.",
                self.cluster, own.name
            ),
            interface: self.section.interface(),
            addresses: own.addresses.clone(),
            subnets: &self.subnets,
            port: self.mesh.port.get(),
            mtu: self.mesh.mtu,
            metric: self.mesh.metric,
            peers: peers.collect(),
        }
    }

    fn duplicates(&self, findings: &mut Vec<Diagnostic>) {
        let mut addresses = BTreeMap::new();
        let mut keys = BTreeMap::new();
        for member in &self.members {
            for address in &member.addresses {
                let first = *addresses.entry(address).or_insert(member.name);
                if first != member.name {
                    let message = format!("{address} is already `{first}`'s");
                    findings.push(
                        self.section
                            .error(&["nodes", member.name], "peer-overlap", message)
                            .hint("give every member an address of its own"),
                    );
                }
            }
            let Some(key) = &member.key else { continue };
            let first = *keys.entry(key).or_insert(member.name);
            if first != member.name {
                let message = format!("this is also the key of `{first}`");
                let at = ["nodes", member.name, "publicKey"];
                findings.push(
                    self.section
                        .error(&at, "key-duplicate", message)
                        .hint("every node makes a key of its own: name what it prints"),
                );
            }
        }
    }

    fn warn(&self, findings: &mut Vec<Diagnostic>) {
        let interface = self.section.interface();
        for member in self.members.iter().filter(|member| member.key.is_none()) {
            let name = member.name;
            let message = format!("no other member knows `{name}` until its public key is here");
            let hint = format!(
                "apply its files, run `{} {interface}` there, and put what it prints into \
                 `publicKey`",
                crate::host_files::KEY_SCRIPT,
            );
            let at = ["nodes", name];
            findings.push(
                self.section
                    .warning(&at, "server-key-missing", message)
                    .hint(hint),
            );
        }
        if self.mesh.nodes.len() < 2 {
            let message = "a mesh of fewer than two nodes connects nothing";
            let hint = "name the other members under `nodes`";
            findings.push(
                self.section
                    .warning(&["nodes"], "mesh-small", message)
                    .hint(hint),
            );
        }
    }
}

/// Every network is behind one member, and neither the ends of the tunnels nor
/// the other members are in it.
fn check_networks<'a>(check: &Check<'a>, members: &[Member<'a>], findings: &mut Vec<Diagnostic>) {
    let mut claimed = BTreeMap::new();
    for member in members {
        let owner = check.owner(member.name);
        owner.claim(member.networks, &mut claimed, findings);
        if let Endpoint::Address(address) = member.endpoint {
            owner.keep_out(
                member.networks,
                address,
                "where the others find it",
                findings,
            );
        }
        for other in members.iter().filter(|other| other.name != member.name) {
            for address in &other.node.addresses {
                let whose = format!("an address of `{}`", other.name);
                owner.keep_out(member.networks, *address, &whose, findings);
            }
        }
    }
}

//! All interfaces of a cluster, checked one by one and against each other.

use ztgit_plugin::{Cluster, Diagnostic};

use crate::collision;
use crate::conf::Conf;
use crate::config::Config;
use crate::hub::Tunnel;
use crate::mesh::MeshNetwork;
use crate::section::Section;

/// Everything that is rendered for a cluster.
#[derive(Debug)]
pub(crate) struct Vpn<'a> {
    /// The hubs.
    pub(crate) tunnels: Vec<Tunnel<'a>>,
    /// The meshes.
    pub(crate) meshes: Vec<MeshNetwork<'a>>,
}

impl<'a> Vpn<'a> {
    /// Reports every problem; what has one of its own is left out.
    pub(crate) fn plan(
        cluster: &'a Cluster,
        config: &'a Config,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let hubs = config.hubs().map(|(section, _)| section);
        let meshes = config.meshes().map(|(section, _)| section);
        findings.extend(hubs.chain(meshes).filter_map(Section::check_name));
        let vpn = Self {
            tunnels: config
                .hubs()
                .filter_map(|(section, hub)| Tunnel::plan(cluster, section, hub, findings))
                .collect(),
            meshes: config
                .meshes()
                .map(|(section, mesh)| MeshNetwork::plan(cluster, section, mesh, findings))
                .collect(),
        };
        collision::check(cluster, config, &vpn, findings);
        vpn
    }

    /// Every interface's file, with its node.
    pub(crate) fn confs(&self) -> impl Iterator<Item = (&str, Conf<'_>)> {
        let hubs = self
            .tunnels
            .iter()
            .map(|tunnel| (tunnel.node.name, tunnel.conf()));
        let meshes = self.meshes.iter().flat_map(|mesh| {
            let members = mesh.members.iter();
            members.map(|member| (member.name, mesh.conf(member)))
        });
        hubs.chain(meshes)
    }
}

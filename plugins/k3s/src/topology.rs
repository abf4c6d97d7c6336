//! Whether the nodes make a k3s cluster, and how each comes into it.
//!
//! One server makes the cluster, everybody else joins through it. Which one it
//! is must not follow from the order of names: a node that is added and sorts
//! first would make a second cluster.

use std::net::IpAddr;

use ztgit_plugin::cluster::NodeRole;
use ztgit_plugin::{Cluster, Diagnostic};

use crate::config::Config;
use crate::network::Families;

/// The servers of a cluster, with the one that makes it.
#[derive(Debug)]
pub(crate) struct Topology<'a> {
    first: &'a str,
    servers: usize,
}

/// How a node comes into the cluster.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// It makes a cluster of one server, without etcd.
    Alone,
    /// It makes a cluster of several servers, on embedded etcd.
    Founds,
    /// It joins through the server at this URL.
    Joins(String),
}

impl<'a> Topology<'a> {
    /// The topology, where there is one; what is amiss is reported.
    pub(crate) fn of(
        cluster: &'a Cluster,
        config: &'a Config,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let servers: Vec<&str> = cluster
            .nodes_of(NodeRole::Server)
            .map(|(name, _)| name)
            .collect();
        diagnostics.extend(even(servers.len()));
        match first(&servers, config.first_server.as_deref()) {
            Ok(first) => Some(Self {
                first,
                servers: servers.len(),
            }),
            Err(problem) => {
                diagnostics.push(*problem);
                None
            }
        }
    }

    /// How a node comes into the cluster; `None` where the first server has no
    /// address, which is reported elsewhere.
    pub(crate) fn membership(
        &self,
        cluster: &Cluster,
        families: &Families,
        node: &str,
    ) -> Option<Membership> {
        if node != self.first {
            let address = families.addresses(cluster.nodes.get(self.first)?).next()?;
            return Some(Membership::Joins(url(address)));
        }
        Some(match self.servers {
            1 => Membership::Alone,
            _ => Membership::Founds,
        })
    }
}

fn url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("https://{address}:6443"),
        IpAddr::V6(address) => format!("https://[{address}]:6443"),
    }
}

fn first<'a>(servers: &[&'a str], stated: Option<&'a str>) -> Result<&'a str, Box<Diagnostic>> {
    let problem = match (servers, stated) {
        ([], _) => Diagnostic::error("no-server", "no node of this cluster is a server")
            .at_cluster(["nodes"])
            .hint("give one node `role: server`"),
        ([only], None) => return Ok(only),
        (_, Some(stated)) if servers.contains(&stated) => return Ok(stated),
        (_, Some(stated)) => Diagnostic::error(
            "unknown-server",
            format!("`{stated}` is not a server of this cluster"),
        )
        .at_config(["firstServer"])
        .hint(format!("name one of {}", servers.join(", "))),
        (_, None) => Diagnostic::error(
            "no-first-server",
            format!(
                "nothing says which of {} makes the cluster that the others join",
                servers.join(", ")
            ),
        )
        .hint("name it as `firstServer`; in a cluster that is there, any server that is in it"),
    };
    Err(Box::new(problem))
}

/// An even number of servers is worth no more than one less.
fn even(servers: usize) -> Option<Diagnostic> {
    (servers > 0 && servers.is_multiple_of(2)).then(|| {
        Diagnostic::warning(
            "even-servers",
            format!(
                "{servers} servers survive the loss of no more of them than {} would",
                servers - 1
            ),
        )
        .at_cluster(["nodes"])
        .hint("use an odd number of servers: etcd needs a majority")
    })
}

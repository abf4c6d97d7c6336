//! A node's ruleset as text.
//!
//! Everything that comes from outside is of a type that cannot carry syntax:
//! addresses, ports, [`Interface`], [`Comment`](crate::comment::Comment).
//! Names of nodes and clusters are DNS labels.

mod forward;
mod input;

use std::collections::BTreeSet;
use std::fmt;

use ztgit_plugin::{Cidr, Cluster};

use crate::address_set::{AddressSet, Family};
use crate::config::Config;
use crate::interface::Interface;
use crate::opening::{Opening, Openings};
use crate::pod_route::{PodRoute, PodRoutes};

/// The last line. Whoever loads the file looks for it: a file that ends
/// elsewhere is not all there.
const END_MARK: &str = "# ztgit: end of ruleset";

/// The interfaces of pods, and those through which Cilium brings their traffic
/// from other nodes.
const CILIUM_INTERFACES: &str = r#"{ "lxc*", "cilium_*" }"#;

const TABLE_HEAD: &str = r"#
# One transaction: the table is made where there is none, deleted, and made anew.
# So this loads again and again, no packet meets half of it, and other tables,
# such as CrowdSec's and Cilium's, stay as they are.
table inet ztgit
delete table inet ztgit
table inet ztgit {
";

/// The ruleset of one node.
pub(crate) struct Ruleset<'a> {
    cluster: &'a str,
    node: &'a str,
    priority: Priority,
    pods_by: PodsBy,
    nodes: AddressSet,
    pods: AddressSet,
    openings: BTreeSet<&'a Opening>,
    routes: Vec<&'a PodRoute>,
}

/// The priority of the chains, relative to nft's `filter`.
#[derive(Debug, Clone, Copy)]
struct Priority(i16);

/// How traffic of pods is told from other traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PodsBy {
    /// By Cilium's interfaces, so that nobody outside can pretend.
    CiliumInterface,
    /// By address: of other CNIs the interfaces are not known.
    Address,
}

impl<'a> Ruleset<'a> {
    /// What holds on one node of the cluster.
    pub(crate) fn new(
        cluster: &'a Cluster,
        config: &Config,
        node: &'a str,
        openings: &'a Openings,
        routes: &'a PodRoutes,
    ) -> Self {
        let addresses = cluster.nodes.values().flat_map(|node| &node.addresses);
        Self {
            cluster: &cluster.name,
            node,
            priority: Priority(config.priority),
            pods_by: if cluster.has_cilium() {
                PodsBy::CiliumInterface
            } else {
                PodsBy::Address
            },
            nodes: addresses.copied().map(Cidr::single).collect(),
            pods: cluster.network.pod_cidrs.iter().copied().collect(),
            openings: openings.on(node),
            routes: routes.on(node).collect(),
        }
    }

    /// The interfaces that lead to somebody who was let in to ports of the
    /// node, and so not to its pods.
    fn tunnels(&self) -> BTreeSet<&Interface> {
        let of_openings = self
            .openings
            .iter()
            .filter_map(|opening| opening.source.interface());
        of_openings
            .chain(self.routes.iter().map(|route| &route.interface))
            .collect()
    }
}

impl fmt::Display for Ruleset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cluster, node, .. } = self;
        writeln!(
            f,
            "# The firewall of node {node}, cluster {cluster}. Rendered by ztgit: change the stack."
        )?;
        f.write_str(TABLE_HEAD)?;
        write_sets(f, "nodes", &self.nodes)?;
        write_sets(f, "pods", &self.pods)?;
        self.write_input(f)?;
        self.write_forward(f)?;
        writeln!(f, "}}\n{END_MARK}")
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "filter"),
            above @ 1.. => write!(f, "filter + {above}"),
            below => write!(f, "filter - {}", below.unsigned_abs()),
        }
    }
}

fn write_sets(f: &mut fmt::Formatter<'_>, name: &str, addresses: &AddressSet) -> fmt::Result {
    for family in Family::ALL {
        let version = family.suffix();
        writeln!(
            f,
            "\tset {name}{version} {{\n\t\ttype ipv{version}_addr\n\t\tflags interval"
        )?;
        if addresses.has(family) {
            writeln!(f, "\t\telements = {{ {} }}", addresses.elements(family))?;
        }
        writeln!(f, "\t}}\n")?;
    }
    Ok(())
}

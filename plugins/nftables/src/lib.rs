//! The nftables plugin: every node's firewall.
//!
//! In: the cluster's addresses, and every plugin's `host-port` facts, which
//! are the only way to open a port. Out: for each node one ruleset in a table
//! of its own, and the systemd unit that loads it.
//!
//! Invariants: a ruleset loads and reloads in one transaction and touches no
//! other table; no text of a stack or of another plugin gets into it
//! unchecked; a file that was cut short is not loaded.

mod address_set;
mod comment;
mod config;
mod interface;
mod lint;
mod opening;
mod pod_route;
mod ruleset;
mod unit;

use ztgit_plugin::fact::HostPort;
use ztgit_plugin::{Cardinality, Cluster, Description, Facts, Plugin, Rendering};

pub use config::{Config, Ssh};

use opening::Openings;
use pod_route::PodRoutes;
use ruleset::Ruleset;

/// The plugin.
pub struct Nftables;

impl Plugin for Nftables {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "nftables",
            env!("CARGO_PKG_VERSION"),
            "every node's firewall: a ruleset in a table of its own, and the unit that loads it",
        )
        .consumes::<HostPort>()
        .consumes_kind(pod_route::KIND, Cardinality::Many)
        .host_paths(&unit::PATHS)
    }

    fn render(cluster: &Cluster, config: &Config, facts: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        let findings = &mut rendering.diagnostics;
        let openings = Openings::gather(config, facts, findings);
        let routes = PodRoutes::gather(facts, findings);
        lint::check(cluster, config, &openings, findings);
        for node in cluster.nodes.keys() {
            let ruleset = Ruleset::new(cluster, config, node, &openings, &routes);
            for file in unit::files(node, &ruleset.to_string()) {
                rendering.push(file);
            }
        }
        rendering
    }
}

ztgit_plugin::export!(Nftables);

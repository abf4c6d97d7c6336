//! The nftables plugin: every node's firewall.
//!
//! In: the cluster's addresses, and every plugin's `host-port` facts, which
//! are the only way to open a port. Out: for each node one ruleset in a table
//! of its own, and the systemd unit that loads it; or the same rules for
//! iptables.
//!
//! Invariants: a ruleset loads and reloads in one transaction and touches no
//! other table; no text of a stack or of another plugin gets into it
//! unchecked; a file that was cut short is not loaded.

mod address_set;
mod comment;
mod config;
mod firewall;
mod host_files;
mod interface;
mod iptables;
mod lint;
mod nft;
mod opening;
mod route;

use ztgit_plugin::fact::{HostPort, NetfilterChain, NetfilterHook, PodRoute};
use ztgit_plugin::{
    Cardinality, Cluster, Description, Diagnostic, Facts, Plugin, Rendering, Statement,
};

pub use config::{Backend, Config, Limits, Log, LogPrefix, Priority, Ssh};

use firewall::Firewall;
use opening::Openings;
use route::Routes;

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
        .provides::<NetfilterChain>(&["*"])
        .consumes::<HostPort>()
        .consumes::<PodRoute>()
        .consumes_kind(route::SITE_ROUTE, Cardinality::Many)
        .host_paths(&host_files::PATHS)
    }

    fn facts(_: &Cluster, config: &Config) -> Statement {
        let mut statement = Statement::default();
        for hook in [NetfilterHook::Input, NetfilterHook::Forward] {
            statement.cluster(&NetfilterChain {
                hook,
                priority: config.chain_priority().into(),
                purpose: "the nodes' firewall".to_owned(),
            });
        }
        statement
    }

    fn render(cluster: &Cluster, config: &Config, facts: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        let findings = &mut rendering.diagnostics;
        let openings = Openings::gather(config, facts, findings);
        let routes = Routes::gather(facts, findings);
        lint::check(cluster, config, &openings, findings);
        if config.backend == Backend::Iptables && config.priority != Priority::default() {
            findings.push(
                Diagnostic::warning("priority-unused", "iptables has its chains at `filter`")
                    .at_config(["priority"])
                    .hint("leave `priority` out, or take the `nftables` back-end"),
            );
        }
        for node in cluster.nodes.keys() {
            let firewall = Firewall::new(cluster, config, node, &openings, &routes);
            for file in host_files::files(config.backend, &firewall) {
                rendering.push(file);
            }
        }
        rendering
    }
}

ztgit_plugin::export!(Nftables);

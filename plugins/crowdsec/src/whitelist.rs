//! Whom CrowdSec never bans.
//!
//! The nodes themselves, the pods, and the ranges that the stack or other
//! plugins trust; not the whole of the local network, where an attacker may be
//! as well as anywhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ztgit_plugin::fact::TrustedCidr;
use ztgit_plugin::{Cidr, Cluster, Diagnostic, FactScope, Facts};

use crate::config::Config;
use ztgit_plugin::yaml::{one_line, quoted};

/// Ranges, each with where it holds and who asked for it.
#[derive(Debug, Default)]
pub(crate) struct Whitelist(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    range: Cidr,
    scope: FactScope,
    origin: String,
}

impl Whitelist {
    /// The ranges of the cluster, the config and the facts. A range that is
    /// everybody is an error, and that nobody is trusted is a warning: people
    /// mistype passwords.
    pub(crate) fn gather(
        cluster: &Cluster,
        config: &Config,
        facts: &Facts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut whitelist = Self::of_cluster(cluster);
        let own = whitelist.0.len();
        for (key, trusted) in &config.trusted {
            let origin = format!("{key}: {}", trusted.purpose);
            whitelist.add(trusted.range, FactScope::Cluster, origin);
            diagnostics.extend(
                everybody(trusted.range).map(|found| found.at_config(["trusted", key, "range"])),
            );
        }
        for stated in facts.of::<TrustedCidr>() {
            let origin = format!("{}: {}", stated.provider, stated.value.purpose);
            whitelist.add(stated.value.range, stated.scope.clone(), origin);
            diagnostics
                .extend(everybody(stated.value.range).map(|found| found.at_fact(stated.index)));
        }
        if whitelist.0.len() == own {
            diagnostics.push(nobody());
        }
        whitelist
    }

    fn of_cluster(cluster: &Cluster) -> Self {
        let mut whitelist = Self::default();
        for range in ["127.0.0.0/8", "::1/128"] {
            let range = range.parse().expect("the loopback ranges are ranges");
            whitelist.add(range, FactScope::Cluster, "loopback".to_owned());
        }
        for (name, node) in &cluster.nodes {
            for address in &node.addresses {
                let origin = format!("node {name}");
                whitelist.add(Cidr::single(*address), FactScope::Cluster, origin);
            }
        }
        for range in &cluster.network.pod_cidrs {
            whitelist.add(*range, FactScope::Cluster, "pods".to_owned());
        }
        whitelist
    }

    fn add(&mut self, range: Cidr, scope: FactScope, origin: String) {
        self.0.push(Entry {
            range,
            scope,
            origin,
        });
    }

    /// The parser that spares them on one node: sorted by range, each with all
    /// who asked for it.
    pub(crate) fn render(&self, node: &str) -> String {
        let mut origins: BTreeMap<Cidr, Vec<&str>> = BTreeMap::new();
        for entry in self.0.iter().filter(|entry| entry.scope.covers(node)) {
            origins.entry(entry.range).or_default().push(&entry.origin);
        }
        let mut text = "\
# Rendered by ztgit. Nobody in these ranges is ever banned; behind each is who
# asked for it.
name: ztgit/whitelist
description: \"Ranges that the stack trusts\"
whitelist:
  reason: \"trusted by the stack\"
  cidr:
"
        .to_owned();
        for (range, origins) in origins {
            let origins = one_line(&origins.join("; "));
            writeln!(text, "    - {} # {origins}", quoted(&range.to_string()))
                .expect("a string takes all text");
        }
        text
    }
}

fn everybody(range: Cidr) -> Option<Diagnostic> {
    (range.net().prefix_len() == 0).then(|| {
        Diagnostic::error(
            "trusts-everybody",
            format!("`{range}` is everybody: nobody is banned"),
        )
        .hint("name the ranges of people and machines that you know")
    })
}

fn nobody() -> Diagnostic {
    Diagnostic::warning(
        "trusts-nobody",
        "no range is trusted, so a few mistyped passwords lock an administrator out",
    )
    .hint("list the `wireguard` plugin, which has its clients trusted")
    .hint("name a range under `trusted`")
}

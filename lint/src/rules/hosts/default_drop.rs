//! A ruleset drops what the node itself and the cluster's network live by.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::firewall::{Firewall, firewalls};
use crate::host::nftables::{Chain, Statement};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "default-drop",
    severity: Severity::Error,
    text: include_str!("default_drop.md"),
    find,
};

/// The mark of packets on their way to Cilium's proxy.
const TO_PROXY: u32 = 0x200;

/// A rule that has to be there.
struct Needed {
    hook: &'static str,
    what: &'static str,
    rule: &'static str,
    of_cilium: bool,
    is: fn(&Statement) -> bool,
}

const NEEDED: [Needed; 5] = [
    Needed {
        hook: "input",
        what: "answers to what the node asks for",
        rule: "ct state established,related accept",
        of_cilium: false,
        is: is_established,
    },
    Needed {
        hook: "input",
        what: "what the node sends to itself",
        rule: "iifname \"lo\" accept",
        of_cilium: false,
        is: |rule| rule.says(&["iifname", "lo"]) || rule.says(&["iif", "lo"]),
    },
    Needed {
        hook: "input",
        what: "what goes through Cilium's proxy: DNS, HTTP and Gateway traffic",
        rule: "meta mark & 0x00000f00 == 0x00000200 accept",
        of_cilium: true,
        is: is_proxy,
    },
    Needed {
        hook: "forward",
        what: "answers to connections that it let through",
        rule: "ct state established,related accept",
        of_cilium: false,
        is: is_established,
    },
    Needed {
        hook: "forward",
        what: "traffic of pods",
        rule: "iifname { \"lxc*\", \"cilium_*\" } accept",
        of_cilium: true,
        is: |rule| rule.words.iter().any(|word| word.starts_with("lxc")),
    },
];

fn is_established(rule: &Statement) -> bool {
    rule.says(&["ct", "state"]) && rule.words.iter().any(|word| word.contains("established"))
}

fn is_proxy(rule: &Statement) -> bool {
    let number = |word: &String| {
        let digits = word.strip_prefix("0x");
        digits.map_or_else(
            || word.parse().ok(),
            |digits| u32::from_str_radix(digits, 16).ok(),
        )
    };
    rule.says(&["mark"]) && rule.words.iter().any(|word| number(word) == Some(TO_PROXY))
}

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let cilium = subject.cluster.has_cilium();
    let mut found = Vec::new();
    for firewall in firewalls(subject) {
        let needed = NEEDED.iter().filter(|needed| cilium || !needed.of_cilium);
        for needed in needed {
            let chains = firewall.ruleset.closed(needed.hook);
            let lacking = chains.filter(|chain| !has(&firewall, chain, needed.is));
            found.extend(lacking.map(|chain| {
                let message = format!("chain `{}` drops {}", chain.name, needed.what);
                let hint = format!("begin it with `{}`", needed.rule);
                firewall.at(chain, message, &hint)
            }));
        }
    }
    found
}

/// Whether such a rule accepts, in the chain or in one that it may call.
fn has(firewall: &Firewall<'_>, chain: &Chain, is: fn(&Statement) -> bool) -> bool {
    let called = firewall.ruleset.chains.iter();
    let called = called.filter(|other| other.hook.is_none() && other.table == chain.table);
    let mut rules = called.flat_map(|other| &other.rules).chain(&chain.rules);
    rules.any(|rule| rule.says(&["accept"]) && is(rule))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::{FIREWALL, firewall};

    const LOOPBACK: &str = "iifname \"lo\" accept\n";
    const ESTABLISHED: &str = "ct state established,related accept\n";
    const PROXY: &str = "meta mark & 0x00000f00 == 0x00000200 accept\n";

    #[test]
    fn each_rule_that_is_missing_is_found() {
        for rules in [
            [LOOPBACK, ESTABLISHED],
            [LOOPBACK, PROXY],
            [ESTABLISHED, PROXY],
        ] {
            firewall(&rules.concat()).finds(super::RULE, FIREWALL);
        }
    }

    #[test]
    fn with_all_three_it_is_fine() {
        firewall(&[LOOPBACK, ESTABLISHED, PROXY].concat()).passes(super::RULE);
        let other = "iif lo accept\nct state vmap { established : accept, related : accept }\n\
                     meta mark and 0xf00 == 0x200 accept";
        firewall(other).passes(super::RULE);
    }

    #[test]
    fn the_mark_is_cilium_s_alone() {
        let other = json!({"cni": {"name": "calico"}});
        firewall(&[LOOPBACK, ESTABLISHED].concat())
            .cluster(&other)
            .passes(super::RULE);
    }

    #[test]
    fn a_forward_chain_that_drops_pods_is_found() {
        let chain = |rules: &str| {
            let input = [LOOPBACK, ESTABLISHED, PROXY].concat();
            firewall(&format!(
                "{input} }}\nchain forward {{\ntype filter hook forward priority 0; policy drop;\n{rules}"
            ))
        };
        chain(ESTABLISHED).finds(super::RULE, FIREWALL);
        chain(&format!(
            "{ESTABLISHED}iifname {{ \"lxc*\", \"cilium_*\" }} accept"
        ))
        .passes(super::RULE);
    }
}

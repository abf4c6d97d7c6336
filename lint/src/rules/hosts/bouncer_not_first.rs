//! The firewall decides before the bouncer does.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::firewall::firewalls;
use crate::host::{FileSpot, files, yaml};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "bouncer-not-first",
    severity: Severity::Warning,
    text: include_str!("bouncer_not_first.md"),
    find,
};

/// The priority of a bouncer that names none: the one of Debian 12 has no other.
const UNNAMED: i64 = 0;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let bouncers = files(subject).filter(|file| file.file.path.ends_with("firewall-bouncer.yaml"));
    bouncers
        .filter_map(|file| {
            let document = yaml::documents(file.text()).into_iter().next()?;
            if document["mode"] != "nftables" {
                return None;
            }
            no_input(file, &document).or_else(|| late(subject, file, &document))
        })
        .collect()
}

fn no_input(file: FileSpot<'_>, document: &Value) -> Option<Found> {
    let hooks = yaml::texts(document.get("nftables_hooks")?);
    (!hooks.iter().any(|hook| hook == "input")).then(|| {
        file.finding(
            file.line_of("nftables_hooks"),
            "the bouncer looks at nothing that comes to the node itself",
            "add `input` to `nftables_hooks`",
        )
    })
}

fn late(subject: &Subject<'_>, file: FileSpot<'_>, document: &Value) -> Option<Found> {
    let families = ["ipv4", "ipv6"].into_iter();
    let priorities = families.map(|family| {
        let priority = document.pointer(&format!("/nftables/{family}/priority"));
        priority.and_then(Value::as_i64).unwrap_or(UNNAMED)
    });
    let last = priorities.max()?;
    let firewall = firewalls(subject).find(|firewall| {
        let mut closed = firewall.closed();
        let first = |priority: i32| i64::from(priority) <= last;
        Some(firewall.node) == file.node()
            && closed.any(|chain| chain.hook.as_ref().is_some_and(|(_, at)| first(*at)))
    })?;
    Some(file.finding(
        file.line_of("priority"),
        format!(
            "the firewall ({}) does not come after the bouncer's chains at priority {last}",
            firewall.file.file.path
        ),
        "give the bouncer a priority below the firewall's, or the firewall one above it",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{NODE, firewall};
    use crate::testing::Lint;

    const PATH: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";

    fn with(settings: &str) -> Lint {
        firewall("tcp dport 22 accept").file(NODE, PATH, &format!("mode: nftables\n{settings}"))
    }

    fn priority(priority: i32) -> String {
        format!("nftables:\n  ipv4: {{priority: {priority}}}\n  ipv6: {{priority: {priority}}}\n")
    }

    #[test]
    fn a_bouncer_at_the_firewall_s_own_priority_is_found() {
        with("").finds(super::RULE, &format!("pi-1:{PATH}"));
        with(&priority(0)).finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn a_bouncer_that_looks_at_forwarded_packets_alone_is_found() {
        let hooks = format!("nftables_hooks: [forward]\n{}", priority(-10));
        with(&hooks).finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn a_bouncer_before_the_firewall_is_fine() {
        with(&priority(-10)).passes(super::RULE);
    }
}

//! A node sends everything through a tunnel.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::wireguard::of_nodes;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wireguard-default-route",
    severity: Severity::Error,
    text: include_str!("wireguard_default_route.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    of_nodes(subject)
        .filter(|interface| {
            // Then wg-quick sets no routes.
            let mut settings = interface.settings.iter();
            !settings.any(|setting| setting.key == "Table" && setting.value == "off")
        })
        .flat_map(|interface| {
            let settings = interface.of_peers("AllowedIPs");
            let everything = settings.filter(|(_, setting)| {
                let mut ranges = setting.ranges();
                ranges.any(|range| range.prefix_len() == 0)
            });
            let found = everything.map(|(_, setting)| {
                interface.file.finding(
                    setting.line,
                    "the node would send all its traffic to this peer",
                    "name the addresses that are behind the peer",
                )
            });
            found.collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{CONF, KEY, NODE, TUNNEL, conf, tunnel};
    use crate::testing::Lint;

    #[test]
    fn a_peer_for_everything_is_found() {
        tunnel(&[(KEY, "10.100.0.2/32, 0.0.0.0/0")]).finds(super::RULE, TUNNEL);
        tunnel(&[(KEY, "::/0")]).finds(super::RULE, TUNNEL);
    }

    #[test]
    fn a_peer_for_itself_is_fine() {
        tunnel(&[(KEY, "10.100.0.2/32")]).passes(super::RULE);
    }

    #[test]
    fn without_routes_it_is_fine() {
        let text = conf(&[(KEY, "0.0.0.0/0")]).replace("ListenPort", "Table = off\nListenPort");
        Lint::homelab().file(NODE, CONF, &text).passes(super::RULE);
    }
}

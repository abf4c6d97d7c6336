//! A node sends everything through a tunnel.

use ipnet::IpNet;
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
        .filter_map(|interface| {
            let mut allowed: Vec<IpNet> = Vec::new();
            let mut settings = interface.of_peers("AllowedIPs");
            // Two halves are the default route too.
            let (_, last) = settings.find(|(_, setting)| {
                allowed.extend(setting.ranges());
                let together = IpNet::aggregate(&allowed);
                together.iter().any(|range| range.prefix_len() == 0)
            })?;
            Some(interface.file.finding(
                last.line,
                "the node would send all its traffic into the tunnel",
                "name the addresses that are behind each peer",
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{CONF, KEY, NODE, OTHER_KEY, TUNNEL, conf, tunnel};
    use crate::testing::Lint;

    #[test]
    fn a_peer_for_everything_is_found() {
        tunnel(&[(KEY, "10.100.0.2/32, 0.0.0.0/0")]).finds(super::RULE, TUNNEL);
        tunnel(&[(KEY, "::/0")]).finds(super::RULE, TUNNEL);
    }

    #[test]
    fn halves_are_everything_together() {
        let halves = [(KEY, "0.0.0.0/1"), (OTHER_KEY, "128.0.0.0/1")];
        tunnel(&halves).finds(super::RULE, TUNNEL);
        tunnel(&halves[..1]).passes(super::RULE);
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

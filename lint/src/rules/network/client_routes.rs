//! A VPN client's file routes what does not answer.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::Protocol;

use crate::finding::Found;
use crate::host::ports::asked;
use crate::host::wireguard::{Setting, interfaces, of_nodes};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "vpn-client-route",
    severity: Severity::Warning,
    text: include_str!("client_routes.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    interfaces(subject)
        .filter(|interface| interface.file.node().is_none())
        .flat_map(|interface| {
            let peers = interface.peers.iter().flatten();
            let settings = interface.settings.iter().chain(peers);
            settings.filter_map(move |setting| {
                let (message, hint) = problem(subject, setting)?;
                Some(interface.file.finding(setting.line, message, hint))
            })
        })
        .collect()
}

fn problem(subject: &Subject<'_>, setting: &Setting) -> Option<(String, &'static str)> {
    match setting.key.as_str() {
        "AllowedIPs" => {
            let services = to_services(subject, setting)?;
            let message =
                format!("`{services}` goes through the tunnel, and no Service answers there");
            Some((
                message,
                "leave it out: addresses of Services work inside the cluster alone",
            ))
        }
        "DNS" => {
            let resolver = deaf(subject, setting)?;
            let message =
                format!("the client is to ask `{resolver}` for names, where nothing answers DNS");
            Some((
                message,
                "leave `DNS` out, or name a resolver that listens there",
            ))
        }
        _ => None,
    }
}

/// A range of Services that is routed on purpose, not with everything.
fn to_services(subject: &Subject<'_>, setting: &Setting) -> Option<String> {
    let services = &subject.cluster.network.service_cidrs;
    let mut routed = setting.ranges().filter(|range| range.prefix_len() > 0);
    let found = routed.find(|range| {
        let meets = |services: &ztgit_plugin::Cidr| {
            range.contains(&services.net()) || services.net().contains(range)
        };
        services.iter().any(meets)
    });
    found.map(|range| range.to_string())
}

/// A resolver that is a node's end of a tunnel without DNS, or a Service.
fn deaf(subject: &Subject<'_>, setting: &Setting) -> Option<IpAddr> {
    let services = &subject.cluster.network.service_cidrs;
    let ends = tunnel_ends(subject);
    let answers = answers_dns(subject);
    let mut resolvers = setting.ranges().map(|range| range.addr());
    resolvers.find(|address| {
        services
            .iter()
            .any(|range| range.contains_address(*address))
            || (ends.contains(address) && !answers)
    })
}

fn tunnel_ends(subject: &Subject<'_>) -> BTreeSet<IpAddr> {
    of_nodes(subject)
        .flat_map(|interface| interface.addresses())
        .map(|address| address.addr())
        .collect()
}

/// Whether anything says that it listens on a node's port 53.
fn answers_dns(subject: &Subject<'_>) -> bool {
    asked(subject).any(|asked| asked.covers(Protocol::Udp, 53))
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::FileTarget;
    use ztgit_plugin::cluster::Protocol;
    use ztgit_plugin::fact::{HostPort, HostPortSource};

    use crate::testing::Lint;

    const CLIENT: &str = "laptop:home.conf";

    fn client(dns: &str, allowed: &str) -> Lint {
        let text = format!(
            "[Interface]\nAddress = 10.100.0.2/32\n{dns}\n[Peer]\nAllowedIPs = {allowed}\n"
        );
        Lint::homelab()
            .file(
                "pi-1",
                "/etc/wireguard/wg0.conf",
                "[Interface]\nAddress = 10.100.0.1/24\n",
            )
            .file_of(FileTarget::Client("laptop".to_owned()), "home.conf", &text)
    }

    #[test]
    fn the_range_of_services_is_found() {
        client("", "10.100.0.0/24, 10.42.0.0/16, 10.43.0.0/16").finds(super::RULE, CLIENT);
    }

    #[test]
    fn a_resolver_that_does_not_listen_is_found() {
        for dns in ["DNS = 10.100.0.1", "DNS = 1.1.1.1, 10.43.0.10"] {
            client(dns, "10.100.0.1/32").finds(super::RULE, CLIENT);
        }
    }

    #[test]
    fn a_resolver_that_listens_is_not() {
        client("DNS = 10.100.0.1", "10.100.0.1/32")
            .fact(
                "resolver",
                &HostPort {
                    protocol: Protocol::Udp,
                    port: 53,
                    end_port: None,
                    from: HostPortSource::World,
                    purpose: "DNS".to_owned(),
                },
            )
            .passes(super::RULE);
        client("DNS = 1.1.1.1", "10.100.0.1/32").passes(super::RULE);
    }

    #[test]
    fn the_server_the_pods_and_everything_are_not() {
        client("", "10.100.0.1/32, 10.42.0.0/16").passes(super::RULE);
        client("", "0.0.0.0/0").passes(super::RULE);
    }
}

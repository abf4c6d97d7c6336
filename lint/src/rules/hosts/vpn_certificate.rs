//! kubectl over the VPN meets a certificate for other addresses.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::{NodeRole, Protocol as Transport};
use ztgit_plugin::fact::HostPortSource;

use crate::finding::Found;
use crate::host::firewall::firewalls;
use crate::host::k3s::{Configuration, configurations};
use crate::host::nftables::Protocol;
use crate::host::ports::asked;
use crate::host::wireguard::{Interface, of_nodes};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "vpn-certificate",
    severity: Severity::Error,
    text: include_str!("vpn_certificate.md"),
    find,
};

const API: u16 = 6443;

/// Flags whose addresses k3s puts into the certificate by itself.
const OF_THE_NODE: [&str; 4] = [
    "tls-san",
    "node-ip",
    "node-external-ip",
    "advertise-address",
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    configurations(subject)
        .filter(|configuration| {
            let node = subject.cluster.nodes.get(configuration.node);
            node.is_some_and(|node| node.role == NodeRole::Server)
        })
        .flat_map(|configuration| {
            let tunnels = of_nodes(subject)
                .filter(|tunnel| tunnel.file.node() == Some(configuration.node))
                .filter(|tunnel| reaches_api(subject, tunnel));
            tunnels
                .flat_map(|tunnel| missing(&configuration, &tunnel))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn missing(configuration: &Configuration<'_>, tunnel: &Interface<'_>) -> Vec<Found> {
    let addresses = tunnel.addresses().into_iter();
    let addresses = addresses.map(|address| address.addr().to_string());
    let known = |address: &String| {
        OF_THE_NODE
            .iter()
            .any(|flag| configuration.has(flag, address))
    };
    addresses
        .filter(|address| !known(address))
        .map(|address| {
            let file = configuration.file;
            file.finding(
                file.line_of("tls-san"),
                format!(
                    "the API server's certificate is not for `{address}`, which `{}` leads to",
                    tunnel.name
                ),
                format!("add `{address}` to `tls-san`"),
            )
        })
        .collect()
}

/// Whether the API server is to be reached through a tunnel, by what plugins ask for
/// or by what the firewall lets in.
fn reaches_api(subject: &Subject<'_>, tunnel: &Interface<'_>) -> bool {
    let node = tunnel.file.node().unwrap_or_default();
    let mut asked = asked(subject);
    let by_fact = asked.any(|asked| {
        let through = match &asked.port.from {
            HostPortSource::Ranges { interface, .. } => interface.as_deref() == Some(tunnel.name),
            _ => false,
        };
        through && asked.scope.covers(node) && asked.covers(Transport::Tcp, API)
    });
    let mut firewalls = firewalls(subject).filter(|firewall| firewall.node == node);
    by_fact
        || firewalls.any(|firewall| {
            firewall.openings.iter().any(|opening| {
                let source = &opening.source;
                opening.covers(Protocol::Tcp, API)
                    && source.interfaces.is_some()
                    && source.through(tunnel.name)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{CONF, NODE, conf, firewall};
    use crate::testing::Lint;

    const K3S: &str = "/etc/rancher/k3s/config.yaml.d/50-ztgit.yaml";

    fn with(rule: &str, names: &str) -> Lint {
        firewall(rule).file(NODE, CONF, &conf(&[])).file(
            NODE,
            K3S,
            &format!("tls-san+: [{names}]\n"),
        )
    }

    const OVER_VPN: &str = "iifname \"wg0\" tcp dport { 22, 6443 } accept";

    #[test]
    fn an_address_that_the_certificate_lacks_is_found() {
        with(OVER_VPN, "home.lan").finds(super::RULE, &format!("pi-1:{K3S}"));
    }

    #[test]
    fn an_address_that_it_has_is_fine() {
        with(OVER_VPN, "10.100.0.1").passes(super::RULE);
    }

    #[test]
    fn without_the_api_over_the_vpn_it_need_not() {
        with("iifname \"wg0\" tcp dport 22 accept", "home.lan").passes(super::RULE);
    }
}

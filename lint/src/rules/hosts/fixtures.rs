//! Files of a node, for tests.

use crate::testing::Lint;

pub(super) const NODE: &str = "pi-1";
pub(super) const RULESET: &str = "/etc/ztgit/nftables.nft";
/// The subject of findings about [`RULESET`].
pub(super) const FIREWALL: &str = "pi-1:/etc/ztgit/nftables.nft";
pub(super) const CONF: &str = "/etc/wireguard/wg0.conf";
/// The subject of findings about [`CONF`].
pub(super) const TUNNEL: &str = "pi-1:/etc/wireguard/wg0.conf";

pub(super) const KEY: &str = "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=";
pub(super) const OTHER_KEY: &str = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

/// The homelab with a firewall that drops what these rules do not accept.
pub(super) fn firewall(rules: &str) -> Lint {
    Lint::homelab().file(NODE, RULESET, &ruleset(rules))
}

/// A ruleset with a chain of these rules.
pub(super) fn ruleset(rules: &str) -> String {
    format!(
        "table inet guard {{\n\tset nodes4 {{\n\t\ttype ipv4_addr\n\t\telements = {{ 192.168.1.10, 192.168.1.11 }}\n\t}}\n\
         \tchain input {{\n\t\ttype filter hook input priority filter; policy drop;\n{rules}\n\t}}\n}}\n"
    )
}

/// The homelab with a tunnel that has these peers, as keys and ranges.
pub(super) fn tunnel(peers: &[(&str, &str)]) -> Lint {
    Lint::homelab().file(NODE, CONF, &conf(peers))
}

/// A server's file.
pub(super) fn conf(peers: &[(&str, &str)]) -> String {
    let peers = peers
        .iter()
        .map(|(key, ranges)| format!("\n[Peer]\nPublicKey = {key}\nAllowedIPs = {ranges}\n"));
    let interface = "[Interface]\nAddress = 10.100.0.1/24\nListenPort = 51820\n";
    format!("{interface}{}", peers.collect::<String>())
}

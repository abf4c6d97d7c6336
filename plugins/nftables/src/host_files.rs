//! The files of a node: the rules, and what loads them.

use ztgit_plugin::{Activation, File};

use crate::address_set::Family;
use crate::config::Backend;
use crate::firewall::Firewall;
use crate::iptables::Rules;
use crate::nft::Ruleset;

const NFT_RULESET: &str = "/etc/ztgit/nftables.nft";
const NFT_LOADER: &str = "/usr/local/lib/ztgit/nft-load";
const NFT_UNIT: &str = "ztgit-nftables.service";
const IPTABLES_RULES: [(Family, &str); 2] = [
    (Family::V4, "/etc/ztgit/iptables.rules"),
    (Family::V6, "/etc/ztgit/ip6tables.rules"),
];
const IPTABLES_LOADER: &str = "/usr/local/lib/ztgit/iptables-load";
const IPTABLES_UNIT: &str = "ztgit-iptables.service";
const UNITS: &str = "/etc/systemd/system/";
const INSTALL_STEP: &str = "/usr/local/lib/ztgit/install.d/25-nftables.sh";

/// Everything that is written on nodes.
pub(crate) const PATHS: [&str; 8] = [
    NFT_LOADER,
    NFT_RULESET,
    "/etc/systemd/system/ztgit-nftables.service",
    IPTABLES_LOADER,
    "/etc/ztgit/iptables.rules",
    "/etc/ztgit/ip6tables.rules",
    "/etc/systemd/system/ztgit-iptables.service",
    INSTALL_STEP,
];

/// First what the unit runs and reads, then the unit.
pub(crate) fn files(backend: Backend, firewall: &Firewall<'_>) -> Vec<File> {
    match backend {
        Backend::Nftables => nftables(firewall).into(),
        Backend::Iptables => iptables(firewall).into(),
    }
}

fn nftables(firewall: &Firewall<'_>) -> [File; 4] {
    let node = firewall.node;
    [
        script(node, NFT_LOADER, include_str!("host/nft-load")),
        script(node, INSTALL_STEP, include_str!("host/install-nftables.sh")),
        File::on_node(node, NFT_RULESET, Ruleset(firewall).to_string())
            .mode(0o600)
            .activate(Activation::LoadNftables),
        unit(node, NFT_UNIT, include_str!("host/ztgit-nftables.service")),
    ]
}

fn iptables(firewall: &Firewall<'_>) -> [File; 5] {
    let node = firewall.node;
    let [ipv4, ipv6] = IPTABLES_RULES.map(|(family, path)| {
        let rules = Rules { firewall, family };
        File::on_node(node, path, rules.to_string())
            .mode(0o600)
            .activate(Activation::Reload(IPTABLES_UNIT.to_owned()))
    });
    [
        script(node, IPTABLES_LOADER, include_str!("host/iptables-load")),
        script(node, INSTALL_STEP, include_str!("host/install-iptables.sh")),
        ipv4,
        ipv6,
        unit(
            node,
            IPTABLES_UNIT,
            include_str!("host/ztgit-iptables.service"),
        ),
    ]
}

fn script(node: &str, path: &str, content: &str) -> File {
    File::on_node(node, path, content).mode(0o755)
}

fn unit(node: &str, name: &str, content: &str) -> File {
    File::on_node(node, &format!("{UNITS}{name}"), content)
        .activate(Activation::DaemonReload)
        .activate(Activation::Enable(name.to_owned()))
}

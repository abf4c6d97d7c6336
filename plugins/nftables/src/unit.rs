//! The files of a node: the ruleset, and what loads it.

use ztgit_plugin::{Activation, File};

const RULESET: &str = "/etc/ztgit/nftables.nft";
const LOADER: &str = "/usr/local/lib/ztgit/nft-load";
const UNIT: &str = "/etc/systemd/system/ztgit-nftables.service";
const UNIT_NAME: &str = "ztgit-nftables.service";

/// Everything that is written on a node.
pub(crate) const PATHS: [&str; 3] = [LOADER, RULESET, UNIT];

/// First what the unit runs and reads, then the unit.
pub(crate) fn files(node: &str, ruleset: &str) -> [File; 3] {
    [
        File::on_node(node, LOADER, include_str!("host/nft-load")).mode(0o755),
        File::on_node(node, RULESET, ruleset)
            .mode(0o600)
            .activate(Activation::LoadNftables),
        File::on_node(node, UNIT, include_str!("host/ztgit-nftables.service"))
            .activate(Activation::DaemonReload)
            .activate(Activation::Enable(UNIT_NAME.to_owned())),
    ]
}

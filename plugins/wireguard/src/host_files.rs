//! The files of the nodes: for every interface its file and the unit's
//! settings, and on every node that has one the scripts.
//!
//! No file has a private key: an interface reads it from a file that its node
//! made. Reloading needs care for that reason, see `wg-sync`.

use std::collections::BTreeSet;

use ztgit_plugin::{Activation, File};

use crate::conf::Conf;
use crate::forwarding;
use crate::vpn::Vpn;

/// The script that makes an interface's key.
pub(crate) const KEY_SCRIPT: &str = "/usr/local/lib/ztgit/wg-key";
const SYNC_SCRIPT: &str = "/usr/local/lib/ztgit/wg-sync";
const INSTALL_STEP: &str = "/usr/local/lib/ztgit/install.d/20-wireguard.sh";

/// Everything that is written on nodes. The names of interfaces, and with them
/// the rest of two paths, are the stack's.
pub(crate) const PATHS: [&str; 6] = [
    "/etc/wireguard/",
    "/etc/systemd/system/",
    KEY_SCRIPT,
    SYNC_SCRIPT,
    INSTALL_STEP,
    forwarding::PATH,
];

/// First what the units run, then the units' settings, then what they are
/// started with.
pub(crate) fn files(vpn: &Vpn<'_>) -> Vec<File> {
    let nodes: BTreeSet<&str> = vpn.confs().map(|(node, _)| node).collect();
    let scripts = nodes.into_iter().flat_map(scripts);
    let interfaces = vpn.confs().flat_map(|(node, conf)| interface(node, &conf));
    scripts
        .chain(forwarding::files(vpn))
        .chain(interfaces)
        .collect()
}

fn scripts(node: &str) -> [File; 3] {
    [
        (KEY_SCRIPT, include_str!("host/wg-key")),
        (SYNC_SCRIPT, include_str!("host/wg-sync")),
        (INSTALL_STEP, include_str!("host/install.sh")),
    ]
    .map(|(path, content)| File::on_node(node, path, content).mode(0o755))
}

fn interface(node: &str, conf: &Conf<'_>) -> [File; 2] {
    let name = conf.interface;
    let unit = format!("wg-quick@{name}.service");
    let drop_in = format!("/etc/systemd/system/{unit}.d/ztgit.conf");
    let path = format!("/etc/wireguard/{name}.conf");
    [
        File::on_node(node, &drop_in, include_str!("host/wg-quick.conf"))
            .activate(Activation::DaemonReload),
        File::on_node(node, &path, conf.to_string())
            .mode(0o600)
            .activate(Activation::Enable(unit))
            .activate(Activation::SyncWireguard(name.to_owned())),
    ]
}

//! The hub's files.
//!
//! `wg0.conf` has no private key: the interface reads it from a file that the
//! hub made. Reloading needs care for that reason, see `wg-sync`.

use ztgit_plugin::{Activation, File};

use crate::peer::Peer;
use crate::tunnel::Tunnel;

/// The script that makes the hub's key.
pub(crate) const KEY_SCRIPT: &str = "/usr/local/lib/ztgit/wg-key";
const SYNC_SCRIPT: &str = "/usr/local/lib/ztgit/wg-sync";
const CONFIG: &str = "/etc/wireguard/wg0.conf";
const DROP_IN: &str = "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf";
const UNIT: &str = "wg-quick@wg0.service";

/// Everything that is written on a hub.
pub(crate) const PATHS: [&str; 4] = [CONFIG, KEY_SCRIPT, SYNC_SCRIPT, DROP_IN];

/// The files of the hub: first what the unit runs, then the unit's settings,
/// then what it is started with.
pub(crate) fn files(tunnel: &Tunnel<'_>) -> [File; 4] {
    let node = tunnel.hub.node;
    [
        File::on_node(node, KEY_SCRIPT, include_str!("host/wg-key")).mode(0o755),
        File::on_node(node, SYNC_SCRIPT, include_str!("host/wg-sync")).mode(0o755),
        File::on_node(node, DROP_IN, include_str!("host/wg-quick.conf"))
            .activate(Activation::DaemonReload),
        File::on_node(node, CONFIG, config(tunnel))
            .mode(0o600)
            .activate(Activation::Enable(UNIT.to_owned()))
            .activate(Activation::SyncWireguard(tunnel.interface.to_owned())),
    ]
}

fn config(tunnel: &Tunnel<'_>) -> String {
    let Tunnel {
        cluster,
        interface,
        address,
        port,
        range,
        ..
    } = tunnel;
    let node = tunnel.hub.node;
    let prefix = range.net().prefix_len();
    let peers: String = tunnel.peers.iter().map(peer).collect();
    format!(
        "\
# The VPN of cluster {cluster}, on its hub {node}. Rendered by ztgit: change the stack.
# The private key stays in /etc/wireguard/{interface}.key, which this node makes itself.
[Interface]
Address = {address}/{prefix}
ListenPort = {port}
PostUp = wg set %i private-key /etc/wireguard/%i.key
{peers}"
    )
}

/// One address each, so that nobody can speak for anybody else.
fn peer(peer: &Peer<'_>) -> String {
    let Peer { name, key, address } = peer;
    let allowed = ztgit_plugin::Cidr::single(*address);
    format!(
        "
# {name}
[Peer]
PublicKey = {key}
AllowedIPs = {allowed}
"
    )
}

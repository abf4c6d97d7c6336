//! The devices' files: complete but for the private key, which each device
//! makes and keeps.
//!
//! No `DNS` line: nothing on the hub answers DNS, and with one a device would
//! lose name resolution altogether. No route to services either: Cilium does
//! not translate service addresses for traffic from outside the cluster.

use ztgit_plugin::cluster::Distribution;
use ztgit_plugin::{Cidr, File};

use crate::endpoint::Endpoint;
use crate::key::PublicKey;
use crate::peer::Peer;
use crate::tunnel::Tunnel;

/// What stands for a hub's key that is not made yet. `wg` refuses it, so a
/// file that still has it cannot be used by mistake.
const PLACEHOLDER: &str = "PUBLIC-KEY-OF-THE-HUB";

/// One file for each device.
pub(crate) fn files<'a>(tunnel: &'a Tunnel<'_>) -> Vec<File> {
    let with_endpoint =
        |endpoint: &'a Endpoint| tunnel.peers.iter().map(move |peer| (peer, endpoint));
    tunnel
        .endpoint
        .iter()
        .flat_map(with_endpoint)
        .map(|(peer, endpoint)| {
            let content = config(tunnel, peer, endpoint);
            File::for_client(peer.name, &format!("{}.conf", peer.name), content)
        })
        .collect()
}

fn config(tunnel: &Tunnel<'_>, peer: &Peer<'_>, endpoint: &Endpoint) -> String {
    let Peer { name, address, .. } = peer;
    let cluster = tunnel.cluster;
    let node = tunnel.hub.node;
    let own = Cidr::single(*address);
    let key = tunnel
        .server_key
        .as_ref()
        .map_or(PLACEHOLDER.to_owned(), PublicKey::to_string);
    let endpoint = endpoint.with_port(tunnel.port);
    let allowed = allowed(tunnel);
    let keepalive = keepalive(tunnel.keepalive);
    let kubectl = if tunnel.hub.serves_api() {
        kubectl(tunnel)
    } else {
        String::new()
    };
    format!(
        "\
# The VPN of cluster {cluster}, for {name}. Rendered by ztgit: change the stack.
# The private key is made on this device and never leaves it:
#   (umask 077; wg genkey > {name}.key); wg pubkey < {name}.key
# The line that this prints is the public key that the stack has to name.
[Interface]
Address = {own}
# Add here, on this device, the line `PrivateKey` with the content of {name}.key.
# With wg-quick, the file can stay where it is instead:
# PostUp = wg set %i private-key /etc/wireguard/%i.key

# {node}, the hub
[Peer]
PublicKey = {key}
Endpoint = {endpoint}
AllowedIPs = {allowed}
{keepalive}{kubectl}"
    )
}

/// The hub's own address, not the whole range: devices have no business with
/// one another.
fn allowed(tunnel: &Tunnel<'_>) -> String {
    let hub = Cidr::single(tunnel.address).to_string();
    let routes = tunnel.routes.iter().map(Cidr::to_string);
    std::iter::once(hub)
        .chain(routes)
        .collect::<Vec<_>>()
        .join(", ")
}

fn keepalive(seconds: u16) -> String {
    if seconds == 0 {
        String::new()
    } else {
        format!("PersistentKeepalive = {seconds}\n")
    }
}

/// The steps to kubectl. The API server's certificate carries the hub's VPN
/// address, so nothing has to be switched off.
fn kubectl(tunnel: &Tunnel<'_>) -> String {
    let Tunnel {
        cluster, address, ..
    } = tunnel;
    let host = Endpoint::Address(*address);
    let api = host.with_port(6443);
    match tunnel.distribution {
        Distribution::K3s => format!(
            "
# kubectl, once the VPN is up:
#   (umask 077; ssh {address} sudo cat /etc/rancher/k3s/k3s.yaml > {cluster}.yaml)
#   export KUBECONFIG=$PWD/{cluster}.yaml
#   kubectl config set-cluster default --server=https://{api}
#   kubectl config rename-context default {cluster}
#   kubectl get nodes
"
        ),
        Distribution::Kubernetes => format!(
            "
# kubectl, once the VPN is up, with a kubeconfig whose cluster is called {cluster}:
#   kubectl config set-cluster {cluster} --server=https://{api}
#   kubectl get nodes
"
        ),
    }
}

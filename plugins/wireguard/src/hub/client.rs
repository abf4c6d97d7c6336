//! The devices' files: complete but for the private key, which each device
//! makes and keeps.
//!
//! No `DNS` line unless the stack asks for one: nothing on the hub answers DNS
//! by itself, and with one a device would lose name resolution altogether. No
//! route to services either: Cilium does not translate service addresses for
//! traffic from outside the cluster.

use ztgit_plugin::cluster::Distribution;
use ztgit_plugin::{Cidr, File};

use super::peer::{Peer, tunnel_name};
use super::tunnel::Tunnel;
use crate::conf::comma_separated;
use crate::endpoint::Endpoint;
use crate::key::PublicKey;
use crate::port::KUBERNETES_API;

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
            let name = tunnel_name(tunnel.section, peer.name);
            let content = config(tunnel, peer, endpoint, &name);
            File::for_client(peer.name, &format!("{name}.conf"), content)
        })
        .collect()
}

fn config(tunnel: &Tunnel<'_>, peer: &Peer<'_>, endpoint: &Endpoint, name: &str) -> String {
    let cluster = &tunnel.cluster.name;
    let device = peer.name;
    let own = comma_separated(peer.addresses.iter().copied().map(Cidr::single));
    let settings = settings(tunnel);
    let server = server(tunnel, peer, endpoint);
    let kubectl = if tunnel.node.serves_api() {
        kubectl(tunnel)
    } else {
        String::new()
    };
    format!(
        "\
# The VPN of cluster {cluster}, for {device}. Rendered by ztgit: change the stack.
# The private key is made on this device and never leaves it:
#   (umask 077; wg genkey > {name}.key); wg pubkey < {name}.key
# The line that this prints is the public key that the stack has to name.
[Interface]
Address = {own}
{settings}# Add here, on this device, the line `PrivateKey` with the content of {name}.key.
# With wg-quick, the file can stay where it is instead:
# PostUp = wg set %i private-key /etc/wireguard/%i.key

{server}{kubectl}"
    )
}

fn settings(tunnel: &Tunnel<'_>) -> String {
    let resolvers = Some(&tunnel.hub.dns).filter(|dns| !dns.is_empty());
    let dns = resolvers.map(|dns| format!("DNS = {}\n", comma_separated(dns)));
    let mtu = tunnel.hub.mtu.map(|mtu| format!("MTU = {mtu}\n"));
    dns.into_iter().chain(mtu).collect()
}

fn server(tunnel: &Tunnel<'_>, peer: &Peer<'_>, endpoint: &Endpoint) -> String {
    let node = tunnel.node.name;
    let key = tunnel
        .server_key
        .as_ref()
        .map_or(PLACEHOLDER.to_owned(), PublicKey::to_string);
    let preshared = peer.preshared.as_ref().map_or(String::new(), |file| {
        format!(
            "# Add here, on this device, the line `PresharedKey` with the content of\n\
             # {file}, a file on {node}.\n"
        )
    });
    let endpoint = endpoint.with_port(tunnel.hub.port.get());
    let allowed = allowed(tunnel);
    let keepalive = keepalive(tunnel.hub.keepalive);
    format!(
        "\
# {node}, the hub
[Peer]
PublicKey = {key}
{preshared}Endpoint = {endpoint}
AllowedIPs = {allowed}
{keepalive}"
    )
}

/// The hub's own addresses, not the whole range: devices have no business with
/// one another.
fn allowed(tunnel: &Tunnel<'_>) -> String {
    let hub = tunnel.subnets.first_addresses().map(Cidr::single);
    let pods = tunnel.pods().copied();
    let behind = tunnel.hub.routes.iter().copied();
    comma_separated(hub.chain(pods).chain(behind))
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
    let cluster = &tunnel.cluster.name;
    let address = tunnel
        .subnets
        .first_addresses()
        .next()
        .expect("there is a range");
    let api = Endpoint::Address(address).with_port(KUBERNETES_API);
    match tunnel.cluster.distribution {
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

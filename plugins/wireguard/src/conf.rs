//! An interface's file on a node, as `wg-quick` reads it.
//!
//! It has neither private nor preshared keys: those are in files that the node
//! made or was given, and `wg-sync` puts them together. What `wg-sync` has to
//! know besides is in comments of the form `# Key = value`.

use std::fmt;
use std::net::IpAddr;

use ztgit_plugin::Cidr;

use crate::key::PublicKey;
use crate::preshared::PresharedKeyFile;
use crate::subnets::Subnets;

/// The file of one interface on one node.
#[derive(Debug)]
pub(crate) struct Conf<'a> {
    /// What the interface is, in a sentence.
    pub(crate) title: String,
    /// Its name.
    pub(crate) interface: &'a str,
    /// The node's addresses on it.
    pub(crate) addresses: Vec<IpAddr>,
    /// The ranges that these are of.
    pub(crate) subnets: &'a Subnets,
    /// The UDP port.
    pub(crate) port: u16,
    /// The size of the largest packet.
    pub(crate) mtu: Option<u16>,
    /// The metric of routes to networks behind peers.
    pub(crate) metric: u32,
    /// Everybody on the other end.
    pub(crate) peers: Vec<ConfPeer<'a>>,
}

/// One peer in such a file.
#[derive(Debug)]
pub(crate) struct ConfPeer<'a> {
    /// Its name, for a comment.
    pub(crate) name: &'a str,
    /// Its public key.
    pub(crate) key: &'a PublicKey,
    /// Where the node has the key that both share.
    pub(crate) preshared: Option<&'a PresharedKeyFile>,
    /// Its own addresses: nobody can speak for anybody else.
    pub(crate) addresses: &'a [IpAddr],
    /// The networks behind it.
    pub(crate) networks: &'a [Cidr],
    /// Where to find it, with a port; it has to come by itself without.
    pub(crate) endpoint: Option<String>,
    /// Seconds between keep-alives; 0 for none.
    pub(crate) keepalive: u16,
}

impl Conf<'_> {
    /// Routes beyond the interface's own ranges are `wg-sync`'s: it can change
    /// them on a running interface, and two interfaces can lead to one network.
    fn has_routes(&self) -> bool {
        self.peers.iter().any(|peer| !peer.networks.is_empty())
    }
}

impl fmt::Display for Conf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            title,
            interface,
            port,
            ..
        } = self;
        let addresses = self.addresses.iter();
        let addresses =
            comma_separated(addresses.map(|&address| self.subnets.with_prefix(address)));
        write!(
            f,
            "\
# {title} Rendered by ztgit: change the stack.
# The private key stays in /etc/wireguard/{interface}.key, which this node makes itself.
[Interface]
Address = {addresses}
ListenPort = {port}
"
        )?;
        if let Some(mtu) = self.mtu {
            writeln!(f, "MTU = {mtu}")?;
        }
        if self.has_routes() {
            writeln!(f, "Table = off\n# RouteMetric = {}", self.metric)?;
        }
        writeln!(f, "PostUp = wg set %i private-key /etc/wireguard/%i.key")?;
        self.peers.iter().try_for_each(|peer| peer.fmt(f))
    }
}

impl fmt::Display for ConfPeer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, key, .. } = self;
        write!(f, "\n# {name}\n[Peer]\nPublicKey = {key}\n")?;
        if let Some(file) = self.preshared {
            writeln!(f, "# PresharedKeyFile = {file}")?;
        }
        if let Some(endpoint) = &self.endpoint {
            writeln!(f, "Endpoint = {endpoint}")?;
        }
        let own = self.addresses.iter().copied().map(Cidr::single);
        let allowed = comma_separated(own.chain(self.networks.iter().copied()));
        writeln!(f, "AllowedIPs = {allowed}")?;
        match self.keepalive {
            0 => Ok(()),
            seconds => writeln!(f, "PersistentKeepalive = {seconds}"),
        }
    }
}

/// A list as WireGuard's files have it.
pub(crate) fn comma_separated(items: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(", ")
}

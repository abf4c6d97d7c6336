//! The devices, checked: every name, key and address is well-formed, and no
//! two have one in common.
//!
//! `wg` itself takes two peers with one address without a word; the last one
//! gets it and the first is cut off.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ztgit_plugin::{Cidr, Diagnostic};

use crate::config::{self, Config};
use crate::hub::server_address;
use crate::key::PublicKey;

/// A device that passed all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer<'a> {
    /// Its name in the stack.
    pub(crate) name: &'a str,
    /// Its public key.
    pub(crate) key: PublicKey,
    /// Its address on the VPN.
    pub(crate) address: IpAddr,
}

/// Every device that is well-formed by itself; the others, and what two of
/// them share, become findings.
pub(crate) fn check<'a>(
    config: &'a Config,
    server_key: Option<&PublicKey>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Peer<'a>> {
    let peers: Vec<_> = config
        .peers
        .iter()
        .filter_map(|(name, peer)| check_one(name, peer, config, findings))
        .collect();
    duplicates(&peers, server_key, findings);
    peers
}

fn check_one<'a>(
    name: &'a str,
    peer: &config::Peer,
    config: &Config,
    findings: &mut Vec<Diagnostic>,
) -> Option<Peer<'a>> {
    let named = check_name(name);
    let key = parse_key(&peer.public_key, &["peers", name, "publicKey"]);
    let address = check_address(name, &peer.address, &config.cidr);
    match (named, key, address) {
        (Ok(()), Ok(key), Ok(address)) => Some(Peer { name, key, address }),
        (named, key, address) => {
            findings.extend(
                [named.err(), key.err(), address.err()]
                    .into_iter()
                    .flatten(),
            );
            None
        }
    }
}

/// Reads a public key that stands at that place of the config.
pub(crate) fn parse_key(text: &str, place: &[&str]) -> Result<PublicKey, Diagnostic> {
    PublicKey::parse(text).map_err(|error| {
        // The text itself is not repeated: it may be a private key, pasted
        // into the wrong place.
        Diagnostic::error("public-key", format!("the public key {error}"))
            .at_config(place.iter().copied())
            .hint("put what `wg pubkey` prints on the device: 44 characters that end in `=`")
    })
}

/// The devices' apps take a tunnel's name from the file's, and most take no
/// more than a Linux interface may have.
fn check_name(name: &str) -> Result<(), Diagnostic> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=15).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') {
        return Ok(());
    }
    Err(Diagnostic::error(
        "peer-name",
        format!("`{name}` cannot name a device's tunnel"),
    )
    .at_config(["peers", name])
    .hint("use at most 15 lower-case letters, digits and dashes"))
}

fn check_address(name: &str, text: &str, range: &Cidr) -> Result<IpAddr, Diagnostic> {
    let error = |code: &str, message: String| {
        Diagnostic::error(code, message).at_config(["peers", name, "address"])
    };
    let address: IpAddr = text.parse().map_err(|_| {
        error("peer-address", format!("`{text}` is not an address"))
            .hint("write one address without a prefix, such as 10.100.0.2")
    })?;
    if !range.contains_address(address) {
        return Err(error(
            "peer-outside",
            format!("{address} is outside the VPN's range {range}"),
        )
        .hint(format!("take an address from {range}, or change `cidr`")));
    }
    match reserved(range, address) {
        Some(owner) => Err(error("peer-reserved", format!("{address} is {owner}"))
            .hint(format!("take another address from {range}"))),
        None => Ok(address),
    }
}

/// Whose an address is that no device may have. IPv6 has no broadcast.
fn reserved(range: &Cidr, address: IpAddr) -> Option<&'static str> {
    let net = range.net();
    if address == server_address(range) {
        Some("the hub's own address")
    } else if address == net.network() {
        Some("the address of the network itself")
    } else if address.is_ipv4() && address == net.broadcast() {
        Some("the broadcast address")
    } else {
        None
    }
}

fn duplicates(peers: &[Peer<'_>], server_key: Option<&PublicKey>, findings: &mut Vec<Diagnostic>) {
    let mut addresses = BTreeMap::new();
    let mut keys: BTreeMap<&PublicKey, String> = server_key
        .map(|key| (key, "the hub".to_owned()))
        .into_iter()
        .collect();
    for peer in peers {
        if let Some(first) = addresses.insert(peer.address, peer.name) {
            addresses.insert(peer.address, first);
            findings.push(
                Diagnostic::error(
                    "peer-overlap",
                    format!("{} is already `{first}`'s", peer.address),
                )
                .at_config(["peers", peer.name, "address"])
                .hint("give every device an address of its own"),
            );
        }
        if let Some(first) = keys.get(&peer.key) {
            findings.push(
                Diagnostic::error("key-duplicate", format!("this is also the key of {first}"))
                    .at_config(["peers", peer.name, "publicKey"])
                    .hint("make a key pair on every device: `wg genkey`, then `wg pubkey`"),
            );
        } else {
            keys.insert(&peer.key, format!("`{}`", peer.name));
        }
    }
}

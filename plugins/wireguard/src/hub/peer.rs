//! The devices, checked: every name, key and address is well-formed, and no
//! two have one in common.
//!
//! `wg` itself takes two peers with one address without a word; the last one
//! gets it and the first is cut off.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::address::Place;
use crate::config::{self, Hub};
use crate::key::PublicKey;
use crate::networks::Owner;
use crate::preshared::PresharedKeyFile;
use crate::section::Section;
use crate::subnets::{Subnets, first_address};

/// A device that passed all checks.
#[derive(Debug)]
pub(crate) struct Peer<'a> {
    /// Its name in the stack.
    pub(crate) name: &'a str,
    /// Its public key.
    pub(crate) key: PublicKey,
    /// Its addresses on the VPN.
    pub(crate) addresses: Vec<IpAddr>,
    /// The networks behind it.
    pub(crate) networks: &'a [Cidr],
    /// The file on the hub with the key that both share.
    pub(crate) preshared: Option<PresharedKeyFile>,
}

/// The devices of one hub, as configured.
pub(crate) struct Check<'a> {
    /// Where.
    pub(crate) section: Section<'a>,
    /// What.
    pub(crate) hub: &'a Hub,
    /// The ranges that their addresses are of.
    pub(crate) subnets: Subnets,
    /// The cluster.
    pub(crate) cluster: &'a Cluster,
}

impl<'a> Check<'a> {
    /// Every device that is well-formed by itself; the others, and what two of
    /// them share, become findings.
    pub(crate) fn peers(
        &self,
        server_key: Option<&PublicKey>,
        findings: &mut Vec<Diagnostic>,
    ) -> Vec<Peer<'a>> {
        let peers: Vec<_> = self
            .hub
            .peers
            .iter()
            .filter_map(|(name, peer)| self.peer(name, peer, findings))
            .collect();
        self.duplicates(&peers, server_key, findings);
        let mut claimed = BTreeMap::new();
        for peer in &peers {
            self.owner(peer.name)
                .claim(peer.networks, &mut claimed, findings);
        }
        peers
    }

    fn owner(&self, name: &'a str) -> Owner<'a> {
        Owner {
            section: self.section,
            map: "peers",
            name,
        }
    }

    fn peer(
        &self,
        name: &'a str,
        peer: &'a config::Peer,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Peer<'a>> {
        let before = findings.len();
        findings.extend(self.bad_name(name));
        let place = ["peers", name, "publicKey"];
        let key = PublicKey::parse_at(&peer.public_key, self.section, &place);
        let key = key.map_err(|finding| findings.push(finding)).ok();
        let addresses = self.addresses(name, peer, findings);
        let preshared = peer.preshared_key_file.as_deref().and_then(|text| {
            let place = ["peers", name, "presharedKeyFile"];
            PresharedKeyFile::parse(text, self.section, &place)
                .map_err(|finding| findings.push(finding))
                .ok()
        });
        self.owner(name)
            .check(&peer.networks, &self.subnets, self.cluster, findings);
        let key = key.filter(|_| findings.len() == before)?;
        Some(Peer {
            name,
            key,
            addresses,
            networks: &peer.networks,
            preshared,
        })
    }

    fn addresses(
        &self,
        name: &str,
        peer: &config::Peer,
        findings: &mut Vec<Diagnostic>,
    ) -> Vec<IpAddr> {
        let second = peer.address6.as_deref();
        let given = [
            ("address", Some(peer.address.as_str()), Some(&self.hub.cidr)),
            ("address6", second, self.hub.cidr6.as_ref()),
        ];
        let mut addresses = Vec::new();
        for (key, text, range) in given {
            let Some(text) = text else { continue };
            let at = ["peers", name, key];
            let place = Place {
                section: self.section,
                at: &at,
            };
            match place.parse(text, range) {
                Ok(address) => addresses.push(address),
                Err(finding) => findings.push(finding),
            }
            let hub = range.map(first_address);
            if addresses
                .last()
                .is_some_and(|&address| hub == Some(address))
            {
                findings.push(place.reserved(&text, "the hub's own address"));
            }
        }
        addresses
    }

    /// The devices' apps take a tunnel's name from the file's, and most take no
    /// more than a Linux interface may have.
    fn bad_name(&self, name: &str) -> Option<Diagnostic> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let tunnel = tunnel_name(self.section, name);
        let fits = !name.is_empty() && tunnel.len() <= 15 && name.bytes().all(plain);
        let message = format!("`{tunnel}` cannot name a device's tunnel");
        (!fits || name.starts_with('-')).then(|| {
            self.section
                .error(&["peers", name], "peer-name", message)
                .hint("use lower-case letters, digits and dashes, 15 with what is added")
        })
    }

    fn duplicates(
        &self,
        peers: &[Peer<'_>],
        server_key: Option<&PublicKey>,
        findings: &mut Vec<Diagnostic>,
    ) {
        let mut addresses = BTreeMap::new();
        let mut keys: BTreeMap<&PublicKey, String> = server_key
            .map(|key| (key, "the hub".to_owned()))
            .into_iter()
            .collect();
        for peer in peers {
            for (address, key) in peer.addresses.iter().zip(["address", "address6"]) {
                let first = *addresses.entry(address).or_insert(peer.name);
                if first != peer.name {
                    let message = format!("{address} is already `{first}`'s");
                    findings.push(
                        self.section
                            .error(&["peers", peer.name, key], "peer-overlap", message)
                            .hint("give every device an address of its own"),
                    );
                }
            }
            if let Some(first) = keys.get(&peer.key) {
                let message = format!("this is also the key of {first}");
                findings.push(
                    self.section
                        .error(&["peers", peer.name, "publicKey"], "key-duplicate", message)
                        .hint("make a key pair on every device: `wg genkey`, then `wg pubkey`"),
                );
            } else {
                keys.insert(&peer.key, format!("`{}`", peer.name));
            }
        }
    }
}

/// The name that a device's tunnel has there. Of several interfaces each has
/// one of its own, so that both can be up while a device moves.
pub(crate) fn tunnel_name(section: Section<'_>, peer: &str) -> String {
    if section.is_first() {
        peer.to_owned()
    } else {
        format!("{peer}-{}", section.interface())
    }
}

//! Files of WireGuard.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{FileSpot, files};
use crate::meet::range;
use crate::subject::Subject;

/// An interface with its peers.
pub(crate) struct Interface<'s> {
    /// Its file.
    pub(crate) file: FileSpot<'s>,
    /// Its name: that of the file.
    pub(crate) name: &'s str,
    /// Its own settings.
    pub(crate) settings: Vec<Setting<'s>>,
    /// Its peers.
    pub(crate) peers: Vec<Vec<Setting<'s>>>,
}

/// A line `key = value`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'s> {
    /// From 1.
    pub(crate) line: usize,
    /// The key.
    pub(crate) key: &'s str,
    /// The value.
    pub(crate) value: &'s str,
}

/// Every interface, of nodes and of clients.
pub(crate) fn interfaces<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Interface<'s>> {
    files(subject).filter_map(read)
}

/// Those of nodes.
pub(crate) fn of_nodes<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Interface<'s>> {
    interfaces(subject).filter(|interface| interface.file.node().is_some())
}

fn read(file: FileSpot<'_>) -> Option<Interface<'_>> {
    let name = file.file.path.rsplit('/').next()?;
    let mut interface = Interface {
        file,
        name: name.strip_suffix(".conf")?,
        settings: Vec::new(),
        peers: Vec::new(),
    };
    let mut found = false;
    for (index, line) in file.text().lines().enumerate() {
        match line.trim() {
            "[Interface]" => found = true,
            "[Peer]" => interface.peers.push(Vec::new()),
            line => {
                let setting = setting(index + 1, line);
                let section = interface
                    .peers
                    .last_mut()
                    .unwrap_or(&mut interface.settings);
                section.extend(setting);
            }
        }
    }
    found.then_some(interface)
}

fn setting(line: usize, text: &str) -> Option<Setting<'_>> {
    let (key, value) = text.split('#').next()?.split_once('=')?;
    Some(Setting {
        line,
        key: key.trim(),
        value: value.trim(),
    })
}

impl Setting<'_> {
    /// The ranges of a list of them.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = IpNet> {
        self.value.split(',').filter_map(|text| range(text.trim()))
    }
}

impl<'s> Interface<'s> {
    /// Its addresses, each with its network.
    pub(crate) fn addresses(&self) -> Vec<IpNet> {
        let settings = self.settings.iter();
        settings
            .filter(|setting| setting.key == "Address")
            .flat_map(Setting::ranges)
            .collect()
    }

    /// The port that it listens on, with its line.
    pub(crate) fn listen_port(&self) -> Option<(u16, usize)> {
        let setting = named(&self.settings, "ListenPort").next()?;
        Some((setting.value.parse().ok()?, setting.line))
    }

    /// Whether an address is its own.
    pub(crate) fn owns(&self, address: IpAddr) -> bool {
        self.addresses().iter().any(|own| own.addr() == address)
    }

    /// Every setting of that name of any peer, with the peer's number.
    pub(crate) fn of_peers(
        &self,
        key: &'static str,
    ) -> impl Iterator<Item = (usize, Setting<'s>)> + '_ {
        let peers = self.peers.iter().enumerate();
        peers.flat_map(move |(index, peer)| named(peer, key).map(move |found| (index, found)))
    }
}

fn named<'p, 's: 'p>(
    settings: &'p [Setting<'s>],
    key: &'static str,
) -> impl Iterator<Item = Setting<'s>> + 'p {
    settings
        .iter()
        .copied()
        .filter(move |setting| setting.key == key)
}

//! Files of WireGuard.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{FileSpot, file, files};
use crate::meet::range;
use crate::subject::Subject;

/// A file of WireGuard, as it is read.
#[derive(Debug)]
pub(crate) struct Tunnel {
    /// The file's index in the subject.
    file: usize,
    settings: Vec<Setting>,
    peers: Vec<Vec<Setting>>,
}

/// An interface with its peers.
#[derive(Clone, Copy)]
pub(crate) struct Interface<'s> {
    /// Its file.
    pub(crate) file: FileSpot<'s>,
    /// Its name: that of the file.
    pub(crate) name: &'s str,
    /// Its own settings.
    pub(crate) settings: &'s [Setting],
    /// Its peers.
    pub(crate) peers: &'s [Vec<Setting>],
}

/// A line `key = value`.
#[derive(Debug)]
pub(crate) struct Setting {
    /// From 1.
    pub(crate) line: usize,
    /// The key.
    pub(crate) key: String,
    /// The value.
    pub(crate) value: String,
}

/// Every interface, of nodes and of clients.
pub(crate) fn interfaces<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Interface<'s>> {
    subject.tunnels().iter().filter_map(|tunnel| {
        let file = file(subject, tunnel.file);
        Some(Interface {
            file,
            name: name(file)?,
            settings: &tunnel.settings,
            peers: &tunnel.peers,
        })
    })
}

/// Those of nodes.
pub(crate) fn of_nodes<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Interface<'s>> {
    interfaces(subject).filter(|interface| interface.file.node().is_some())
}

/// The interface that a file is for.
fn name(file: FileSpot<'_>) -> Option<&str> {
    file.file.path.rsplit('/').next()?.strip_suffix(".conf")
}

impl Tunnel {
    /// Every such file.
    pub(crate) fn all(subject: &Subject<'_>) -> Vec<Self> {
        files(subject).filter_map(Self::read).collect()
    }

    fn read(file: FileSpot<'_>) -> Option<Self> {
        name(file)?;
        let mut tunnel = Self {
            file: file.index,
            settings: Vec::new(),
            peers: Vec::new(),
        };
        let mut found = false;
        for (index, line) in file.text().lines().enumerate() {
            match line.trim() {
                "[Interface]" => found = true,
                "[Peer]" => tunnel.peers.push(Vec::new()),
                line => {
                    let setting = setting(index + 1, line);
                    let section = tunnel.peers.last_mut().unwrap_or(&mut tunnel.settings);
                    section.extend(setting);
                }
            }
        }
        found.then_some(tunnel)
    }
}

fn setting(line: usize, text: &str) -> Option<Setting> {
    let (key, value) = text.split('#').next()?.split_once('=')?;
    Some(Setting {
        line,
        key: key.trim().to_owned(),
        value: value.trim().to_owned(),
    })
}

impl Setting {
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
        let setting = named(self.settings, "ListenPort").next()?;
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
    ) -> impl Iterator<Item = (usize, &'s Setting)> + use<'s> {
        let peers = self.peers.iter().enumerate();
        peers.flat_map(move |(index, peer)| named(peer, key).map(move |found| (index, found)))
    }
}

fn named<'s>(settings: &'s [Setting], key: &'static str) -> impl Iterator<Item = &'s Setting> {
    settings.iter().filter(move |setting| setting.key == key)
}

//! The public halves of a node's WireGuard keys.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::command::Command;
use crate::error::{Error, IoContext as _};
use crate::host::Host;
use crate::name::Interface;
use crate::path::HostPath;
use crate::root::Kind;

const DIRECTORY: &str = "etc/wireguard";

/// A node's public keys, by interface.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct PublicKeys(pub BTreeMap<Interface, String>);

/// Has `wg` compute the public key of every `/etc/wireguard/INTERFACE.key`. The
/// private ones are read by no other process.
pub fn keys(host: &mut Host<'_>) -> Result<PublicKeys, Error> {
    let names = host
        .root
        .list(DIRECTORY)
        .context(|| format!("list /{DIRECTORY}"))?;
    let mut keys = BTreeMap::new();
    for (name, kind) in names {
        let interface = name.strip_suffix(".key").map(str::to_owned);
        let Some(Ok(interface)) = interface.map(Interface::try_from) else {
            continue;
        };
        let Ok(path) = HostPath::new(format!("/{DIRECTORY}/{name}")) else {
            continue;
        };
        if kind != Kind::File {
            return Err(Error::Obstacle(format!("{path} is no regular file")));
        }
        let output = host.run(&Command::PublicKey(path))?;
        let key = String::from_utf8_lossy(&output).trim().to_owned();
        keys.insert(interface, crate::text::escaped(&key, 44));
    }
    Ok(PublicKeys(keys))
}

/// As a map for a stack's WireGuard settings, interface by interface.
impl fmt::Display for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(interface, key)| writeln!(f, "{interface}: {{publicKey: \"{key}\"}}"))
    }
}

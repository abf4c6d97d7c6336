//! Names that end up as arguments of commands that root runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The units that may be enabled, reloaded or restarted. `*` stands for the
/// name of an interface, or of what ztgit itself renders.
const UNITS: [&str; 7] = [
    "crowdsec.service",
    "crowdsec-firewall-bouncer.service",
    "k3s.service",
    "k3s-agent.service",
    "wg-quick@*.service",
    "ztgit-*.service",
    "ztgit-*.timer",
];

/// How the units begin that take an apply back. They are this program's own:
/// a folder that could stop or replace them could make itself stay.
const WAY_BACK: [&str; 2] = ["ztgit-host-recover", "ztgit-host-rollback"];

/// A systemd unit of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitName(String);

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interface(String);

/// Why a text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A unit that nothing of ztgit's runs in.
    #[error("{0:?} is no unit that ztgit activates")]
    Unit(String),
    /// Something that Linux or nft would not take for exactly one interface.
    #[error("{0:?} is no network interface")]
    Interface(String),
}

/// Whether a unit, or a file that is named like one, takes an apply back.
pub(crate) fn is_way_back(unit: &str) -> bool {
    WAY_BACK.iter().any(|start| unit.starts_with(start))
}

impl UnitName {
    /// Whether it brings up a WireGuard interface.
    pub(crate) fn is_wireguard(&self) -> bool {
        self.0.starts_with("wg-quick@")
    }

    /// Whether it loads the firewall.
    pub(crate) fn is_firewall(&self) -> bool {
        matches!(
            self.as_str(),
            "ztgit-nftables.service" | "ztgit-iptables.service"
        )
    }

    /// The unit that brings up a WireGuard interface.
    pub(crate) fn of_wireguard(interface: &Interface) -> Self {
        Self(format!("wg-quick@{interface}.service"))
    }
}

impl TryFrom<String> for UnitName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        let known = |pattern: &&str| match pattern.split_once('*') {
            None => text == **pattern,
            Some((before, after)) => text
                .strip_prefix(before)
                .and_then(|rest| rest.strip_suffix(after))
                .is_some_and(|name| name.len() <= 64 && is_plain(name)),
        };
        if UNITS.iter().any(known) && !is_way_back(&text) {
            Ok(Self(text))
        } else {
            Err(NameError::Unit(text))
        }
    }
}

impl TryFrom<String> for Interface {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        if text.len() <= 15 && is_plain(&text) {
            Ok(Self(text))
        } else {
            Err(NameError::Interface(text))
        }
    }
}

/// Letters, digits, `.`, `_` and `-`, the first no sign: one word for a command
/// and for a terminal.
pub(crate) fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

text!(UnitName);
text!(Interface);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_units_of_the_list_are_taken() {
        for good in [
            "wg-quick@wg0.service",
            "ztgit-nftables.service",
            "k3s.service",
        ] {
            assert!(UnitName::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in [
            "ssh.service",
            "--root=/",
            "wg-quick@.service",
            "wg-quick@-x.service",
            "ztgit-a b.service",
            "k3s.service\n",
            "ztgit-../x.service",
            "ztgit-host-recover.service",
            "ztgit-host-rollback-2.timer",
        ] {
            assert!(UnitName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn interfaces_are_what_linux_takes_for_one() {
        for bad in ["", "-a", "wg/0", "..", "wg 0", "sixteen-letters-"] {
            assert!(Interface::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(Interface::try_from("wg0".to_owned()).is_ok());
    }
}

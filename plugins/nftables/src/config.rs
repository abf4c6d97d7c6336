//! The plugin's section of a cluster's config.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use ztgit_plugin::Cidr;

use crate::address_set::AddressSet;

/// The nodes' firewalls. Ports are not opened here: the plugins whose services
/// listen on them say so.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// What loads the rules on the nodes.
    #[serde(default)]
    pub backend: Backend,
    /// Ways to a node's shell.
    #[serde(default)]
    pub ssh: Ssh,
    /// How much of what is let in is let in at once.
    #[serde(default)]
    pub limits: Limits,
    /// What is logged of what is dropped.
    #[serde(default)]
    pub log: Log,
    /// The priority of the chains, relative to nft's `filter`. The default is
    /// after `filter`, where the CrowdSec bouncer of Debian 12 has its chain.
    /// For `nftables` only.
    #[serde(default)]
    pub priority: Priority,
}

/// What loads the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// `nft`: a table of its own for both families, replaced in one transaction.
    #[default]
    Nftables,
    /// `iptables-restore` and `ip6tables-restore`: chains of its own in the
    /// table that everybody shares, each family in one transaction.
    Iptables,
}

/// Ways to a node's shell.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ssh {
    /// Ranges from which SSH works even when the VPN does not, such as the
    /// network at home.
    #[serde(default)]
    pub break_glass: Vec<Cidr>,
}

impl Ssh {
    /// Who may come in then: nobody from a range that is refused.
    pub(crate) fn admins(&self) -> AddressSet {
        let ranges = self.break_glass.iter().copied();
        ranges.filter(|range| !is_everybody(range)).collect()
    }
}

/// Whether a range is that of all addresses.
pub(crate) fn is_everybody(range: &Cidr) -> bool {
    range.net().prefix_len() == 0
}

/// How much is let in at once.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// New SSH connections a minute from one address; 0 for no limit.
    #[serde(default)]
    pub ssh_per_minute: u16,
    /// Echo requests a second from everybody together; 0 for no limit.
    #[serde(default)]
    pub ping_per_second: u16,
}

/// What is logged of what is dropped.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Log {
    /// How entries begin; `-input` or `-forward` follows.
    #[serde(default)]
    pub prefix: LogPrefix,
    /// How many are written a minute; 0 for none at all.
    #[serde(default = "default_log_rate")]
    pub per_minute: u16,
    /// How many are written before the rate counts.
    #[serde(default = "default_log_burst")]
    #[schemars(range(min = 1))]
    pub burst: u16,
}

/// How entries in the log begin: neither quote nor space, and short enough for
/// the 29 bytes that iptables takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LogPrefix(String);

/// The priority of a chain, relative to nft's `filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Priority(#[schemars(range(min = -100, max = 100))] pub i16);

const MAX_PREFIX: usize = 20;

impl Config {
    /// The priority that the chains really have: iptables has one of its own.
    pub(crate) fn chain_priority(&self) -> i16 {
        match self.backend {
            Backend::Nftables => self.priority.0,
            Backend::Iptables => 0,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            prefix: LogPrefix::default(),
            per_minute: default_log_rate(),
            burst: default_log_burst(),
        }
    }
}

impl Default for LogPrefix {
    fn default() -> Self {
        Self("ztgit-drop".to_owned())
    }
}

impl TryFrom<String> for LogPrefix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if (1..=MAX_PREFIX).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is no prefix of log entries"))
        }
    }
}

impl fmt::Display for LogPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for LogPrefix {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LogPrefix".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": format!("^[A-Za-z0-9_.-]{{1,{MAX_PREFIX}}}$")})
    }
}

impl Default for Priority {
    fn default() -> Self {
        Self(10)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "filter"),
            above @ 1.. => write!(f, "filter + {above}"),
            below => write!(f, "filter - {}", below.unsigned_abs()),
        }
    }
}

fn default_log_rate() -> u16 {
    6
}

fn default_log_burst() -> u16 {
    10
}

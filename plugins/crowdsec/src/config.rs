//! The plugin's section of a cluster's config.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;

use crate::bouncer::Generation;
use crate::collection::CollectionName;
use crate::duration::BanDuration;
use crate::unit::UnitName;

/// How CrowdSec is set up.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// Which firewall bouncer the nodes have; both in one file would be
    /// misread by each.
    pub bouncer: Generation,
    /// How long an address is banned; `4h` unless set.
    pub ban_duration: BanDuration,
    /// Collections of parsers and scenarios by name (`author/name`): `true`
    /// installs one, `false` leaves it be. `crowdsecurity/linux` and
    /// `crowdsecurity/sshd` are installed unless they are `false` here.
    pub collections: BTreeMap<CollectionName, bool>,
    /// Ranges that are never banned, each under a word of your choice. Pods,
    /// nodes and what other plugins trust are spared already.
    pub trusted: BTreeMap<String, Trusted>,
    /// What to do about CrowdSec's stock list of private ranges, which spares
    /// every attacker on the local network.
    pub private_ranges: PrivateRanges,
    /// Whether the nodes exchange attackers' addresses with CrowdSec's central
    /// API.
    pub community_blocklist: CommunityBlocklist,
    /// The unit whose journal has the logins; `ssh.service` unless set.
    pub ssh_unit: UnitName,
}

/// A range that is never banned.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Trusted {
    /// The range.
    pub range: Cidr,
    /// Why: it becomes a comment.
    pub purpose: String,
}

/// Whether attackers with private addresses are banned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PrivateRanges {
    /// They are like any other: the installer removes the stock list.
    #[default]
    Watch,
    /// They are not: the stock list stays.
    Trust,
}

/// Whether CrowdSec's central API is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommunityBlocklist {
    /// Nodes send who attacked them and get who attacked others.
    #[default]
    Join,
    /// Nothing leaves the node.
    Decline,
}

impl Config {
    /// The collections to install, sorted.
    pub(crate) fn installed_collections(&self) -> impl Iterator<Item = CollectionName> {
        let mut wanted: BTreeMap<CollectionName, bool> = CollectionName::baseline()
            .into_iter()
            .map(|name| (name, true))
            .collect();
        wanted.extend(self.collections.clone());
        wanted
            .into_iter()
            .filter(|(_, install)| *install)
            .map(|(name, _)| name)
    }
}

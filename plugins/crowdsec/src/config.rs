//! The plugin's section of a cluster's config.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;
use ztgit_plugin::fact::LogSource;

use crate::bouncer::Generation;
use crate::duration::BanDuration;
use crate::hub::{CollectionName, HubItem};
use crate::unit::UnitName;

/// How CrowdSec is set up.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// Which firewall bouncer the nodes have; both in one file would be
    /// misread by each.
    pub bouncer: Generation,
    /// The priority of the bouncer's chains, `filter` being 0; `-10` unless
    /// set. The firewall's own chains have to come after it. The bouncer of
    /// Debian 12 is always at 0.
    #[schemars(range(min = -300, max = 100))]
    pub bouncer_priority: Option<i16>,
    /// How long an address is banned; `4h` unless set.
    pub ban_duration: BanDuration,
    /// Collections of parsers and scenarios by name (`author/name`): `true`
    /// installs one, `false` leaves it be. `crowdsecurity/linux` and
    /// `crowdsecurity/sshd` are installed unless they are `false` here.
    pub collections: BTreeMap<CollectionName, bool>,
    /// Logs to watch besides logins and what other plugins ask for, each under
    /// a word of your choice: the journal of a unit, or a file (`*` stands for
    /// any part of a name). `envoy` is the format of Envoy's access log; files
    /// below `/var/log/pods` are read as the output of containers.
    pub logs: BTreeMap<String, LogSource>,
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
    /// What to install from the hub, sorted: the collections of the stack, and
    /// what the logs need, unless the stack says otherwise.
    pub(crate) fn installed(&self, needs: BTreeSet<HubItem>) -> BTreeSet<HubItem> {
        let wanted = CollectionName::baseline()
            .into_iter()
            .chain(self.chosen(true))
            .map(HubItem::Collection);
        let mut installed: BTreeSet<HubItem> = wanted.chain(needs).collect();
        for name in self.chosen(false) {
            installed.remove(&HubItem::Collection(name));
        }
        installed
    }

    fn chosen(&self, install: bool) -> impl Iterator<Item = CollectionName> {
        self.collections
            .iter()
            .filter(move |(_, chosen)| **chosen == install)
            .map(|(name, _)| name.clone())
    }
}

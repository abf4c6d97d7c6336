//! The plugin's section of a cluster's config.

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;

/// The nodes' firewalls. Ports are not opened here: the plugins whose services
/// listen on them say so.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// Ways to a node's shell.
    #[serde(default)]
    pub ssh: Ssh,
    /// The priority of the chains, relative to nft's `filter`. The default is
    /// after `filter`, where the CrowdSec bouncer of Debian 12 has its chain.
    #[serde(default = "default_priority")]
    #[schemars(range(min = -100, max = 100))]
    pub priority: i16,
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

fn default_priority() -> i16 {
    10
}

//! The wireguard plugin.

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::{Cluster, Description, Facts, Plugin, Rendering};

/// The plugin.
pub struct Wireguard;

/// Its config.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {}

impl Plugin for Wireguard {
    type Config = Config;

    fn describe() -> Description {
        Description::new("wireguard", env!("CARGO_PKG_VERSION"), "to be written")
    }

    fn render(_: &Cluster, _: &Config, _: &Facts) -> Rendering {
        Rendering::default()
    }
}

ztgit_plugin::export!(Wireguard);

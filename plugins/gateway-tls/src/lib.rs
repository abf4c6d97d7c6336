//! The gateway-tls plugin.

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::{Cluster, Description, Facts, Plugin, Rendering};

/// The plugin.
pub struct GatewayTls;

/// Its config.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {}

impl Plugin for GatewayTls {
    type Config = Config;

    fn describe() -> Description {
        Description::new("gateway-tls", env!("CARGO_PKG_VERSION"), "to be written")
    }

    fn render(_: &Cluster, _: &Config, _: &Facts) -> Rendering {
        Rendering::default()
    }
}

ztgit_plugin::export!(GatewayTls);

//! The step that installs engine and bouncer on a node.
//!
//! It may run any number of times. What depends on the stack is a block of
//! constants on top; the rest is the same for everybody. The bouncer's key is
//! made by CrowdSec, goes into a file that root alone may read, and is neither
//! printed nor on any command line.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::config::{CommunityBlocklist, Config, PrivateRanges};
use crate::hub::HubItem;
use crate::paths;

const BODY: &str = include_str!("step/install.sh");

/// The script, for a node whose logs need these items of the hub. All constants
/// are enums or names without special characters.
pub(crate) fn render(config: &Config, needs: BTreeSet<HubItem>) -> String {
    let [engine, bouncer] = config.bouncer.packages();
    let mut collections = String::new();
    let mut parsers = String::new();
    for item in config.installed(needs) {
        match item {
            HubItem::Collection(name) => write!(collections, "\n    {name}"),
            HubItem::Parser(name) => write!(parsers, "\n    {name}"),
        }
        .expect("a string takes all text");
    }
    let private_ranges = match config.private_ranges {
        PrivateRanges::Watch => "watch",
        PrivateRanges::Trust => "trust",
    };
    let community = match config.community_blocklist {
        CommunityBlocklist::Join => "join",
        CommunityBlocklist::Decline => "decline",
    };
    format!(
        "\
#!/bin/bash
# Rendered by ztgit. Installs CrowdSec and its firewall bouncer; may be run again
# at any time. Prints no secret.
set -euo pipefail

readonly generation={generation}
readonly engine_package={engine}
readonly bouncer_package={bouncer}
readonly bouncer_version_relation={relation}
readonly bouncer_config={bouncer_config}
readonly private_ranges={private_ranges}
readonly community_blocklist={community}
readonly collections=({collections}
)
readonly parsers=({parsers}
)

{BODY}",
        generation = config.bouncer.name(),
        relation = config.bouncer.version_relation(),
        bouncer_config = paths::BOUNCER,
    )
}

//! The CrowdSec plugin: bans of addresses that attack a node.
//!
//! In go the cluster, the plugin's config, and facts: `log-source` (what to
//! watch), `trusted-cidr` (whom never to ban) and `netfilter-chain` (what has to
//! come after the bouncer's chains). Out come, for every node, the files of the
//! engine and of its firewall bouncer, and a step that installs both. No key is in any of them: the bouncer's is made on the host and stays
//! in a file beside its configuration.

mod acquisition;
mod bouncer;
mod chain;
mod config;
mod duration;
mod hub;
mod log;
mod paths;
mod profile;
mod step;
mod unit;
mod whitelist;

use ztgit_plugin::fact::{LogSource, NetfilterChain, TrustedCidr};
use ztgit_plugin::{
    Activation, Cluster, Description, Diagnostic, Facts, File, Plugin, Rendering, Severity,
};

use acquisition::Acquisition;
pub use bouncer::Generation;
pub use config::{CommunityBlocklist, Config, PrivateRanges, Trusted};
pub use duration::BanDuration;
pub use hub::CollectionName;
pub use unit::UnitName;
use whitelist::Whitelist;

/// The plugin.
pub struct Crowdsec;

impl Plugin for Crowdsec {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "crowdsec",
            env!("CARGO_PKG_VERSION"),
            "bans addresses that attack a node: logs to watch, whom to spare, the nftables bouncer",
        )
        .consumes::<LogSource>()
        .consumes::<NetfilterChain>()
        .consumes::<TrustedCidr>()
        .host_paths(&paths::ALL)
    }

    fn render(cluster: &Cluster, config: &Config, facts: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        let diagnostics = &mut rendering.diagnostics;
        let acquisition = Acquisition::gather(config, facts, diagnostics);
        let whitelist = Whitelist::gather(cluster, config, facts, diagnostics);
        diagnostics.extend(chain::check(config, facts));
        if has_error(diagnostics) {
            return rendering;
        }
        for node in cluster.nodes.keys() {
            for file in files(config, &acquisition, &whitelist, node) {
                rendering.push(file);
            }
        }
        rendering
    }
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

fn files(
    config: &Config,
    acquisition: &Acquisition,
    whitelist: &Whitelist,
    node: &str,
) -> Vec<File> {
    let engine = |path: &str, text: String| {
        // A reload of an engine that does not run fails, and one that runs
        // loses nothing but half-filled buckets by a restart.
        File::on_node(node, path, text).activate(Activation::Restart("crowdsec.service".to_owned()))
    };
    let mut files: Vec<File> = acquisition
        .files(node)
        .into_iter()
        .map(|(path, text)| engine(&path, text))
        .collect();
    files.push(engine(paths::WHITELIST, whitelist.render(node)));
    files.push(engine(
        paths::PROFILES,
        profile::render(config.ban_duration),
    ));
    files.push(
        File::on_node(node, paths::BOUNCER, bouncer::render(config))
            .mode(0o600)
            .activate(Activation::Restart(
                "crowdsec-firewall-bouncer.service".to_owned(),
            )),
    );
    let step = step::render(config, acquisition.needs(config, node));
    files.push(File::on_node(node, paths::STEP, step).mode(0o755));
    files
}

ztgit_plugin::export!(Crowdsec);

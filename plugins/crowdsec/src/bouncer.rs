//! The firewall bouncer: what drops the packets of those who are banned.
//!
//! Its key is not here. The bouncer merges the file of the same name with
//! `.local` behind it, which is made on the host.

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::fact::NetfilterHook;

use crate::config::Config;

/// Which bouncer a node has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// 0.0.25, as in Debian 12: one chain on `input`, at priority 0. The host's
    /// own chain has to come after it, at a priority above 0.
    #[default]
    Debian12,
    /// 0.0.26 and later, from CrowdSec's repository: chains on `input` and
    /// `forward` at priority -10, before any chain at the usual 0.
    Current,
}

impl Generation {
    /// The packages of engine and bouncer, the bouncer last.
    pub(crate) fn packages(self) -> [&'static str; 2] {
        match self {
            Self::Debian12 => ["crowdsec", "crowdsec-firewall-bouncer"],
            Self::Current => ["crowdsec", "crowdsec-firewall-bouncer-nftables"],
        }
    }

    /// How the bouncer's version compares to the first that knows priorities
    /// and hooks, in the words of `dpkg --compare-versions`.
    pub(crate) fn version_relation(self) -> &'static str {
        match self {
            Self::Debian12 => "lt",
            Self::Current => "ge",
        }
    }

    /// The value in a stack.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debian12 => "debian12",
            Self::Current => "current",
        }
    }

    fn service(self) -> &'static str {
        match self {
            // Without it this version never tells systemd that it is ready.
            Self::Debian12 => "daemonize: true\npid_dir: /var/run/\n",
            Self::Current => "",
        }
    }

    /// The hooks on which the bouncer has a chain.
    pub(crate) fn hooks(self) -> &'static [NetfilterHook] {
        match self {
            Self::Debian12 => &[NetfilterHook::Input],
            Self::Current => &[NetfilterHook::Input, NetfilterHook::Forward],
        }
    }

    /// The priority of its chains.
    pub(crate) fn priority(self, config: &Config) -> i16 {
        match self {
            Self::Debian12 => 0,
            Self::Current => config.bouncer_priority.unwrap_or(-10),
        }
    }

    fn hooks_setting(self) -> &'static str {
        match self {
            Self::Debian12 => "",
            Self::Current => {
                "
# forward: what a Gateway or a pod would get is dropped as well.
nftables_hooks:
  - input
  - forward
"
            }
        }
    }
}

/// The bouncer's configuration.
pub(crate) fn render(config: &Config) -> String {
    let generation = config.bouncer;
    let priority = match generation {
        // It knows no such setting.
        Generation::Debian12 => String::new(),
        Generation::Current => format!("    priority: {}\n", generation.priority(config)),
    };
    format!(
        "\
# Rendered by ztgit. The key is made on the host and stands in the file of the
# same name with .local behind it.
mode: nftables
{service}update_frequency: 10s
# To the journal, like every other service.
log_mode: stdout
log_level: info
api_url: http://127.0.0.1:8080/
insecure_skip_verify: false
disable_ipv6: false
deny_action: DROP
deny_log: false
supported_decisions_types:
  - ban
blacklists_ipv4: crowdsec-blacklists
blacklists_ipv6: crowdsec6-blacklists

# Tables of its own: nobody may flush the ruleset.
nftables:
  ipv4:
    enabled: true
    set-only: false
    table: crowdsec
    chain: crowdsec-chain
{priority}  ipv6:
    enabled: true
    set-only: false
    table: crowdsec6
    chain: crowdsec6-chain
{priority}{hooks}
prometheus:
  enabled: false
  listen_addr: 127.0.0.1
  listen_port: 60601
",
        service = generation.service(),
        hooks = generation.hooks_setting(),
    )
}

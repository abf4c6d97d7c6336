//! The plugin's section of a cluster's config.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::components::Components;
use crate::release::Install;

/// How k3s is set up.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// Which of the components that k3s packages it deploys.
    pub components: Components,
    /// The server that made the cluster, or is to make it: all others join
    /// through it. Needed where there are several servers, because whoever
    /// takes it for another one makes a second cluster.
    pub first_server: Option<String>,
    /// The release that every node installs by a step in
    /// `/usr/local/lib/ztgit/install.d`; absent where somebody else installs
    /// k3s.
    pub install: Option<Install>,
    /// More names and addresses under which the API server is reached, each
    /// under a word of your choice. What other plugins need is there already.
    pub tls_sans: BTreeMap<String, String>,
    /// Whether Secrets are encrypted in the datastore. All servers must agree,
    /// and Secrets that were there before have to be written anew.
    pub secrets_encryption: bool,
    /// The API server's audit log; absent for none.
    pub audit: Option<Audit>,
    /// Pod Security admission for namespaces that carry no labels for it;
    /// absent for none.
    pub pod_security: Option<PodSecurity>,
}

/// The API server's audit log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Audit {
    /// How much of a request is written down. Secrets, config maps and tokens
    /// never get more than `metadata`.
    pub level: AuditLevel,
    /// After how many days a log file is removed.
    #[schemars(range(min = 1, max = 3650))]
    pub max_age_days: u16,
    /// How many old log files stay.
    #[schemars(range(min = 1, max = 1000))]
    pub max_backups: u16,
    /// At which size a log file is closed.
    #[schemars(range(min = 1, max = 10_000))]
    pub max_size_megabytes: u16,
}

/// How much of a request the audit log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditLevel {
    /// Who did what to which object.
    Metadata,
    /// And with which body.
    Request,
}

/// Pod Security admission, as in the Pod Security Standards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PodSecurity {
    /// Pods beyond this are refused.
    pub enforce: PodSecurityLevel,
    /// Pods beyond this are noted in the audit log.
    pub audit: PodSecurityLevel,
    /// Pods beyond this get their author a warning.
    pub warn: PodSecurityLevel,
    /// Namespaces that are left out, each with the reason. `kube-system` always
    /// is: the CNI runs there.
    pub exempt: BTreeMap<String, String>,
}

/// A level of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PodSecurityLevel {
    /// No restriction.
    Privileged,
    /// No known way to the node.
    Baseline,
    /// Best practice.
    Restricted,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            level: AuditLevel::Metadata,
            max_age_days: 30,
            max_backups: 10,
            max_size_megabytes: 100,
        }
    }
}

impl Default for PodSecurity {
    fn default() -> Self {
        Self {
            enforce: PodSecurityLevel::Baseline,
            audit: PodSecurityLevel::Restricted,
            warn: PodSecurityLevel::Restricted,
            exempt: BTreeMap::new(),
        }
    }
}

impl AuditLevel {
    /// As an audit policy has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Metadata => "Metadata",
            Self::Request => "Request",
        }
    }
}

impl PodSecurityLevel {
    /// As a Pod Security configuration has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

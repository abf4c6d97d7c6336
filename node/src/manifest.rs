//! `manifest.json` of a node: what the renderer writes beside the files.

use serde::{Deserialize, Serialize};

use crate::digest::{Mode, Sha256};
use crate::name::{Interface, UnitName};
use crate::path::HostPath;

/// The one version that is understood.
pub(crate) const API_VERSION: &str = "ztgit.dev/v1alpha1";
/// The kind of a node's manifest.
pub(crate) const KIND: &str = "HostManifest";

/// The manifest as it is written. A client's has `client` in the place of
/// `node`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) cluster: String,
    pub(crate) node: Option<String>,
    pub(crate) client: Option<String>,
    pub(crate) files: Vec<Entry>,
}

/// One file of a manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) path: HostPath,
    pub(crate) sha256: Sha256,
    pub(crate) mode: Mode,
    pub(crate) user: String,
    pub(crate) group: String,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) activation: Vec<Step>,
    pub(crate) plugin: String,
}

/// Who owns a file's content after the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Lifecycle {
    /// ztgit.
    Managed,
    /// The host: written where it is absent, then never looked at.
    WriteOnce,
}

/// What makes a change of a file take effect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(
    tag = "step",
    content = "argument",
    rename_all = "kebab-case",
    deny_unknown_fields
)]
pub(crate) enum Step {
    /// systemd reads its units again.
    DaemonReload,
    /// A service reads its configuration again.
    Reload(UnitName),
    /// A service starts anew.
    Restart(UnitName),
    /// A unit starts now and at every boot.
    Enable(UnitName),
    /// The file is a ruleset for nft.
    LoadNftables,
    /// A WireGuard interface gets its peers.
    SyncWireguard(Interface),
    /// The file has kernel parameters.
    ApplySysctl,
}

//! How Flux reads the fleet repository, and whom it trusts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::cluster::SourceKind;

/// How Flux reads the fleet repository.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FluxSpec {
    /// Where Flux lives; `flux-system` by default.
    #[serde(default = "flux_system")]
    pub namespace: String,
    /// The source that rendered Kustomizations refer to.
    pub source: FluxSourceSpec,
}

fn flux_system() -> String {
    "flux-system".to_owned()
}

/// A Flux source in Flux's namespace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FluxSourceSpec {
    /// `GitRepository` (the default), `OCIRepository` or `ExternalArtifact`.
    #[serde(default = "git_repository")]
    pub kind: SourceKind,
    /// Its name; `flux-system` by default, as `flux bootstrap` makes it.
    #[serde(default = "flux_system")]
    pub name: String,
    /// Where it fetches from; policies let Flux reach it. Of an `OCIRepository`
    /// what all clusters share: each has its artifact below, by its name.
    #[schemars(regex(pattern = r"^(https?|ssh|oci)://[^/\s]+"))]
    pub url: String,
    /// What of a `GitRepository` is pulled: `fleet` (the default), the fleet
    /// branch; or `slice`, the branch `deploy/CLUSTER` that `ztgit publish` keeps.
    #[serde(default)]
    pub layout: Option<FluxLayout>,
    /// The fleet branch, for the layout `fleet`; `main` by default.
    #[serde(default)]
    pub branch: Option<String>,
    /// Of an `OCIRepository`; `latest` by default.
    #[serde(default)]
    pub tag: Option<String>,
    /// The Secret in Flux's namespace that has the credentials for the URL.
    #[serde(default)]
    pub secret_ref: Option<String>,
    /// Only what one of these has signed is applied.
    #[serde(default)]
    pub verify: Option<FluxVerifySpec>,
}

fn git_repository() -> SourceKind {
    SourceKind::GitRepository
}

/// What of a git repository a cluster pulls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FluxLayout {
    /// The branch with all clusters.
    Fleet,
    /// A branch with what is the cluster's.
    Slice,
}

/// Whose signature counts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FluxVerifySpec {
    /// Public keys, by whose they are: of SSH or `OpenPGP` for commits, of cosign
    /// for artifacts.
    #[schemars(extend("minProperties" = 1))]
    pub keys: BTreeMap<String, String>,
}

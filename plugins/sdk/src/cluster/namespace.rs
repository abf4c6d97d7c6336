//! What a stack declares of namespaces: their modes, workloads and Services.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Labels, ServicePort, WorkloadPort};

/// A declared namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// How far its policy goes.
    pub mode: Mode,
    /// Whether ztgit emits the Namespace object.
    pub create: bool,
    /// Labels of the Namespace object.
    #[serde(default)]
    pub labels: Labels,
    /// Its workloads by name.
    #[serde(default)]
    pub workloads: BTreeMap<String, Workload>,
    /// Its Services by name, where the stack knows them.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
}

/// How far the policy of a namespace goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing but DNS visibility.
    Observe,
    /// Its flows as policies that refuse nothing yet.
    Audit,
    /// The same and a default deny.
    Enforce,
}

impl Mode {
    /// The mode as it stands in a stack.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Audit => "audit",
            Self::Enforce => "enforce",
        }
    }
}

/// Pods that are one thing to the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Labels that all its pods have and no others do.
    pub labels: Labels,
    /// The ports its containers listen on (`targetPort`, not the Service's).
    #[serde(default)]
    pub ports: BTreeMap<String, WorkloadPort>,
    /// The service account that its pods run as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Which C library looks up names in its containers.
    #[serde(default)]
    pub resolver: Resolver,
}

/// Which C library looks up names: they differ in what they do when a name of
/// the search list is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Resolver {
    /// glibc, and whatever else goes on with the next name.
    #[default]
    Glibc,
    /// musl, as in Alpine: gives up at the first refusal.
    Musl,
}

/// A Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The workload of the same namespace whose pods it selects.
    pub workload: String,
    /// Its ports by name.
    pub ports: BTreeMap<String, ServicePort>,
}

/// What holds for namespaces that the stack does not declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndeclaredNamespaces {
    /// Their mode.
    pub mode: Mode,
    /// Those that are left alone altogether.
    pub exempt: Vec<String>,
}

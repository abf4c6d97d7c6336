//! The part of the config that is about policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which kind of object flows become.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// `CiliumNetworkPolicy`: everything that a flow can say.
    #[default]
    Cilium,
    /// Kubernetes' own `NetworkPolicy`, which any network plugin reads. What
    /// it cannot express is refused, and only enforced namespaces have any,
    /// because it always refuses what it does not allow.
    Networkpolicy,
}

/// What the API server says to changes past the stack.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Admission {
    /// How far it goes.
    pub mode: AdmissionMode,
    /// Members of this group may do everything all the same, in an emergency:
    /// `kubectl --as=$USER --as-group=GROUP ...`, for who may impersonate it.
    pub break_glass_group: String,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            mode: AdmissionMode::default(),
            break_glass_group: "ztgit:break-glass".to_owned(),
        }
    }
}

/// How far the API server goes about a policy that is changed by hand, or a
/// namespace that has no mode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdmissionMode {
    /// It says nothing.
    None,
    /// It warns and writes it into the audit log.
    #[default]
    Warn,
    /// It refuses.
    Enforce,
}

/// Jobs that try what the flows allow, and some of what they do not.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probes {
    /// An image with a shell, `nc` and `wget` as busybox has them, by its
    /// digest: `docker.io/library/busybox@sha256:...`.
    #[schemars(regex(pattern = r"^[^@\s]+@sha256:[0-9a-f]{64}$"))]
    pub image: String,
}

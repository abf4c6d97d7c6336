//! What objects say to kustomize-controller about themselves.
//!
//! <https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>

use serde_json::Value;

use crate::object::says;

const SSA: &str = "kustomize.toolkit.fluxcd.io/ssa";
const RECONCILE: &str = "kustomize.toolkit.fluxcd.io/reconcile";
const FORCE: &str = "kustomize.toolkit.fluxcd.io/force";

/// Who says that Flux leaves an object alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exclusion {
    /// Git does.
    Desired,
    /// Only the cluster does.
    Live,
}

/// Whether Flux leaves an object alone.
pub(crate) fn excluded(desired: &Value, live: Option<&Value>) -> Option<Exclusion> {
    let says_so = |object| says(object, RECONCILE, "disabled") || says(object, SSA, "Ignore");
    if says_so(desired) || (live.is_some() && says(desired, SSA, "IfNotPresent")) {
        return Some(Exclusion::Desired);
    }
    live.filter(|live| says_so(live)).map(|_| Exclusion::Live)
}

/// Whether fields of others stay that Flux would take over otherwise.
pub(crate) fn is_merged(desired: &Value, live: &Value) -> bool {
    says(desired, SSA, "Merge") || says(live, SSA, "Merge")
}

/// Whether Flux makes an object anew where it cannot be changed.
pub(crate) fn is_forced(desired: &Value, live: &Value) -> bool {
    says(desired, FORCE, "enabled") || says(live, FORCE, "enabled")
}

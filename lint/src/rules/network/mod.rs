//! The CNI and the cluster's network.

pub(super) mod audit_mode;
pub(super) mod authentication_off;
pub(super) mod client_routes;
pub(super) mod encryption_not_enabled;
pub(super) mod node_encryption_idle;
pub(super) mod overlapping_ranges;
pub(super) mod tunnel_closed;
pub(super) mod uncounted_drops;
pub(super) mod unsupported_cilium;
pub(super) mod visibility_annotation;

use serde_json::Value;
use ztgit_plugin::cluster::{Cluster, Mode};

use crate::finding::{Found, Place};
use crate::subject::{ObjectIndex, Subject};

/// A value of Cilium's release, as `true` or `false`.
fn is(values: &Value, pointer: &str, expected: bool) -> bool {
    values.pointer(pointer) == Some(&Value::Bool(expected))
}

/// A finding about a value of the release.
fn at_value(
    subject: &Subject<'_>,
    release: ObjectIndex,
    pointer: &str,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> Found {
    Found::new(
        subject.object(release).id(),
        Place::Object(release, format!("/spec/values{pointer}")),
        message,
        hint,
    )
}

/// Whether anything is refused in any namespace.
fn enforces(cluster: &Cluster) -> bool {
    let mut modes = cluster.namespaces.values().map(|namespace| namespace.mode);
    modes.any(|mode| mode == Mode::Enforce) || cluster.undeclared_namespaces.mode == Mode::Enforce
}

/// Cilium's release with some values, for tests.
#[cfg(test)]
fn release(values: &Value) -> Value {
    serde_json::json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "cilium", "namespace": "kube-system"},
        "spec": {"releaseName": "cilium", "values": values}
    })
}

/// The subject of findings about [`release`].
#[cfg(test)]
const RELEASE: &str = "HelmRelease/kube-system/cilium";

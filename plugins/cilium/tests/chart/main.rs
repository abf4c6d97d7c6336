//! The real chart of every supported line, rendered by helm with what the
//! plugin says: whether a value does what it is set for shows here alone.
//!
//! Slow only where the chart's Go module has to be fetched first, and run with
//! `--ignored` for that reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agents;
mod bootstrap;
mod gateway;
mod helm;
mod observation;
mod traps;
mod vendored;

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin_cilium::Cilium;

/// The homelab on a version.
fn homelab(version: &str) -> Harness<Cilium> {
    Harness::homelab().patch_cluster(&json!({"cni": {"version": version}}))
}

/// The chart's values as Flux gets them.
fn values(rendered: &Rendered) -> Value {
    assert!(
        rendered.errors().is_empty(),
        "{:#?}",
        rendered.0.diagnostics
    );
    rendered.object("HelmRelease", "cilium")["spec"]["values"].clone()
}

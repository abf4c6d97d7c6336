//! Flux in a cluster: its Kustomizations and sources, and what they say of
//! themselves.

mod exclusion;
mod health;
mod ignore;
mod inventory;
mod selector;
mod source;
mod unit;

use serde_json::Value;

pub(crate) use exclusion::{Exclusion, excluded, is_forced, is_merged};
pub(crate) use health::{Applied, source_findings, unit_finding};
pub(crate) use ignore::{IgnoreRules, remove};
pub(crate) use source::{Source, SourceRef};
pub(crate) use unit::Unit;

/// What Flux says of one aspect of a Kustomization or a source.
struct Condition<'a> {
    status: &'a str,
    reason: &'a str,
    message: &'a str,
}

fn condition<'a>(object: &'a Value, name: &str) -> Option<Condition<'a>> {
    let conditions = object["status"]["conditions"].as_array()?;
    let found = conditions
        .iter()
        .find(|condition| condition["type"] == name)?;
    let text = |field: &str| found[field].as_str().unwrap_or_default();
    Some(Condition {
        status: text("status"),
        reason: text("reason"),
        message: text("message"),
    })
}

/// Whether what Flux says is about the object as it is now.
fn is_observed(object: &Value) -> bool {
    object["status"]["observedGeneration"] == object["metadata"]["generation"]
}

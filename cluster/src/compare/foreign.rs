//! Fields that others added to an object of Flux's: a dry-run does not see them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::difference::is_compared;
use crate::fields::{FieldSet, Manager, Step, is_within, pointer};

/// Controllers that add fields of their own to what others apply, by how their
/// names begin. A name is only what a client calls itself, so they are not let
/// off where every field counts (`guarded.rs`).
const CONTROLLERS: [&str; 14] = [
    "cert-manager",
    "cilium-agent",
    "cilium-operator",
    "cloud-controller-manager",
    "deploy@",
    "helm-controller",
    "k3s",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kustomize-controller",
    "notification-controller",
    "source-controller",
];

/// Annotations that mean something for a moment only.
const REQUESTS: [&str; 2] = [
    "/metadata/annotations/reconcile.fluxcd.io~1requestedAt",
    "/metadata/annotations/reconcile.fluxcd.io~1forceAt",
];

/// Whose fields they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// Of a manager whose fields Flux takes over and removes.
    TakenOver,
    /// Of a controller that is known.
    Controller,
    /// Of somebody else.
    Unknown,
}

/// A manager besides Flux, and what it added.
#[derive(Debug)]
pub(super) struct Foreign<'a> {
    pub(super) manager: &'a str,
    pub(super) whose: Whose,
    /// Pointers into the live object.
    pub(super) added: BTreeSet<String>,
}

/// All managers besides Flux that own something that Flux compares.
pub(super) fn foreign<'a>(
    live: &Value,
    managers: &'a [Manager],
    flux: &FieldSet,
    ignored: &[&str],
) -> Vec<Foreign<'a>> {
    let others = managers.iter().filter(|manager| !manager.is_flux());
    others
        .filter_map(|manager| {
            let is_of_interest = |pointer: &String| {
                is_compared(pointer)
                    && !REQUESTS.contains(&pointer.as_str())
                    && !ignored.iter().any(|ignored| is_within(pointer, ignored))
            };
            let located = |paths: Vec<Vec<Step>>| -> BTreeSet<String> {
                let pointers = paths.iter().filter_map(|path| pointer(live, path));
                pointers.filter(is_of_interest).collect()
            };
            let owns_something = !located(manager.fields.leaves()).is_empty();
            owns_something.then(|| Foreign {
                manager: &manager.name,
                whose: whose(manager),
                added: located(manager.fields.beyond(flux)),
            })
        })
        .collect()
}

fn whose(manager: &Manager) -> Whose {
    if manager.is_taken_over() {
        Whose::TakenOver
    } else if CONTROLLERS
        .iter()
        .any(|known| manager.name.starts_with(known))
    {
        Whose::Controller
    } else {
        Whose::Unknown
    }
}

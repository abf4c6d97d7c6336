//! What denies: applied once every policy that allows is in place.
//!
//! A namespace's own default deny is one object that does nothing else, so
//! that moving the namespace from audit to enforce adds one file and changes
//! none.

use serde_json::json;
use ztgit_plugin::cluster::Mode;
use ztgit_plugin::{Cluster, Diagnostic, Manifest, Phase};

use crate::config::Config;
use crate::policy::{Otherwise, Policy, Scope, Section, pods};
use crate::stance::{SYSTEM_NAMESPACE, exempt};

/// Cloud metadata services, over IPv4 and IPv6.
pub(crate) const METADATA: [&str; 2] = ["169.254.169.254/32", "fd00:ec2::254/128"];

/// All that denies without being a flow.
pub(crate) fn manifests(cluster: &Cluster, config: &Config) -> (Vec<Manifest>, Vec<Diagnostic>) {
    let enforced = cluster
        .namespaces
        .iter()
        .filter(|(_, n)| n.mode == Mode::Enforce);
    let (system, enforced): (Vec<_>, Vec<_>) = enforced
        .map(|(name, _)| name.as_str())
        .partition(|name| *name == SYSTEM_NAMESPACE);
    let policies = enforced
        .into_iter()
        .map(default_deny)
        .chain(undeclared(cluster))
        .chain(config.deny_metadata.then(|| metadata(cluster)))
        .chain(config.deny_system_egress.then(system_egress));
    // An audit's deny denies nothing, but its place is where it will.
    let manifests = policies
        .map(|policy| policy.in_phase(Phase::Enforce))
        .collect();
    (
        manifests,
        system.into_iter().map(|_| system_enforced()).collect(),
    )
}

fn default_deny(namespace: &str) -> Policy {
    let scope = Scope::Namespace(namespace.to_owned());
    let description = "what no other policy allows is refused";
    deny_all(Policy::new(
        scope,
        "zt-default-deny",
        description,
        json!({}),
    ))
    .otherwise(Otherwise::Denied)
}

/// Namespaces that the stack does not know, by exclusion.
fn undeclared(cluster: &Cluster) -> Option<Policy> {
    let otherwise = match cluster.undeclared_namespaces.mode {
        Mode::Observe => return None,
        Mode::Audit => Otherwise::Undecided,
        Mode::Enforce => Otherwise::Denied,
    };
    let mut known = exempt(cluster);
    known.extend(cluster.namespaces.keys().map(String::as_str));
    let policy = Policy::new(
        Scope::Cluster,
        "zt-default-deny-undeclared",
        "what no other policy allows is refused in namespaces that the stack does not declare",
        pods::outside(known),
    );
    Some(deny_all(policy).otherwise(otherwise))
}

/// A rule that names nobody: a list without rules would be no policy at all.
fn deny_all(policy: Policy) -> Policy {
    policy
        .rule(Section::Ingress, json!({}))
        .rule(Section::Egress, json!({}))
}

/// Credentials of the machine, a plain request away: no flow may open it.
fn metadata(cluster: &Cluster) -> Policy {
    Policy::new(
        Scope::Cluster,
        "zt-deny-metadata",
        "no pod reaches the metadata service of a cloud",
        pods::outside(exempt(cluster)),
    )
    .rule(Section::EgressDeny, json!({ "toCIDR": METADATA }))
}

/// Pods that everybody trusts and nobody looks at: what they need is in the
/// baselines, and what they answer is not restricted.
fn system_egress() -> Policy {
    Policy::new(
        Scope::Namespace(SYSTEM_NAMESPACE.to_owned()),
        "zt-deny-system-egress",
        "what no other policy allows is refused on its way out of system pods",
        json!({}),
    )
    .rule(Section::Egress, json!({}))
    .otherwise(Otherwise::EgressDenied)
}

/// Why the namespace of the cluster's own pods is never denied by default.
pub(crate) fn system_enforced() -> Diagnostic {
    let message =
        format!("`{SYSTEM_NAMESPACE}` cannot be enforced: the cluster's own pods live there");
    Diagnostic::error("enforce-system", message)
        .at_cluster(["namespaces", SYSTEM_NAMESPACE, "mode"])
        .hint("use `mode: audit`, or do not declare it")
}

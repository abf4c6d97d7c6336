//! How far policy goes in a namespace.
//!
//! A declared namespace has its own mode; any other has the cluster's mode for
//! undeclared ones, unless it is exempt: then nothing here touches it.

use std::collections::BTreeSet;

use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::Mode;

/// Where the cluster's DNS and the CNI itself run. Never denied by default:
/// without them nothing else in the cluster works.
pub(crate) const SYSTEM_NAMESPACE: &str = "kube-system";

/// The mode of a namespace; nothing for one that is left alone.
pub(crate) fn mode_of(cluster: &Cluster, namespace: &str) -> Option<Mode> {
    match cluster.namespaces.get(namespace) {
        Some(declared) => Some(declared.mode),
        None if exempt(cluster).contains(namespace) => None,
        None => Some(cluster.undeclared_namespaces.mode),
    }
}

/// Namespaces that are left alone: exempt, and not declared after all.
pub(crate) fn exempt(cluster: &Cluster) -> BTreeSet<&str> {
    cluster
        .undeclared_namespaces
        .exempt
        .iter()
        .map(String::as_str)
        .chain([SYSTEM_NAMESPACE])
        .filter(|name| !cluster.namespaces.contains_key(*name))
        .collect()
}

//! Services, addresses, and whether policy is carried out at all.

use ztgit_plugin::Diagnostic;
use ztgit_plugin::cluster::Distribution;

use super::Values;

/// k3s is told to run no kube-proxy.
pub(super) fn kube_proxy(values: &Values<'_>) -> Option<Diagnostic> {
    const KEY: &str = "kubeProxyReplacement";
    if values.is(KEY, true) || values.cluster.distribution != Distribution::K3s {
        return None;
    }
    let finding = Diagnostic::warning(
        "kube-proxy",
        "without the replacement of kube-proxy no Service works, unless k3s runs its own",
    )
    .hint(format!("leave `{KEY}` out"));
    Some(values.at(finding, KEY))
}

/// Without ranges of its own the chart takes 10.0.0.0/8.
pub(super) fn default_pool(values: &Values<'_>) -> Option<Diagnostic> {
    let mode = values.text("ipam.mode").unwrap_or("cluster-pool");
    let named = ["IPv4", "IPv6"].into_iter().any(|family| {
        values
            .get(&format!("ipam.operator.clusterPool{family}PodCIDRList"))
            .is_some()
    });
    if mode != "cluster-pool" || named {
        return None;
    }
    let finding = Diagnostic::error(
        "default-pool",
        "without ranges the chart takes 10.0.0.0/8 for pods, whatever `network.podCIDRs` says",
    )
    .hint("leave `ipam` out, or set `ipam.mode: kubernetes`");
    Some(values.at(finding, "ipam.operator"))
}

/// A chained Cilium sees only a part of the traffic.
pub(super) fn chaining(values: &Values<'_>) -> Option<Diagnostic> {
    const KEY: &str = "cni.chainingMode";
    let mode = values.text(KEY).filter(|mode| *mode != "none")?;
    if !values.enforces() {
        return None;
    }
    let message =
        format!("policies are not enforced in full behind another network plugin ({mode})");
    let finding = Diagnostic::error("chained", message)
        .hint("let cilium be the only network plugin: leave `cni.chainingMode` out")
        .hint("or set no namespace to `enforce`");
    Some(values.at(finding, KEY))
}

/// The knob for one namespace is its mode; this one is for all.
pub(super) fn audit(values: &Values<'_>) -> Option<Diagnostic> {
    const KEY: &str = "policyAuditMode";
    if !values.is(KEY, true) || !values.enforces() {
        return None;
    }
    let finding = Diagnostic::warning(
        "nothing-enforced",
        "the audit mode of the cluster lets through what the namespaces in `enforce` refuse; only requests and DNS look-ups are still refused",
    )
    .hint("take it out again once you have seen enough")
    .hint("to watch one namespace, give it `mode: audit` instead");
    Some(if values.config.policy_audit_mode {
        finding.at_config([KEY])
    } else {
        values.at(finding, KEY)
    })
}

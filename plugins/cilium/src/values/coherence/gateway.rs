//! Gateway API in Cilium.

use serde_json::Value;
use ztgit_plugin::Diagnostic;

use super::Values;

const ENABLED: &str = "gatewayAPI.enabled";

/// Gateways live on what replaces kube-proxy and on the proxy for layer 7.
pub(super) fn without_its_base(values: &Values<'_>) -> Option<Diagnostic> {
    if !values.is(ENABLED, true) {
        return None;
    }
    let off = ["kubeProxyReplacement", "l7Proxy"]
        .into_iter()
        .find(|key| values.is(key, false))?;
    let message = format!("Gateways do not work with `{off}: false`");
    let finding = Diagnostic::error("gateway-base", message).hint(format!("leave `{off}` out"));
    Some(values.at(finding, off))
}

/// A listener below 1024 in the node's network needs a right that Envoy drops
/// unless it is told to keep it; and lists replace, so all must be named.
pub(super) fn low_ports(values: &Values<'_>) -> Option<Diagnostic> {
    const HOST_NETWORK: &str = "gatewayAPI.hostNetwork.enabled";
    const CAPABILITIES: &str = "envoy.securityContext.capabilities";
    if !values.is(ENABLED, true) || !values.is(HOST_NETWORK, true) {
        return None;
    }
    let keeps = values.is(&format!("{CAPABILITIES}.keepCapNetBindService"), true);
    let named = values
        .get(&format!("{CAPABILITIES}.envoy"))
        .and_then(Value::as_array);
    let has = |name: &str| named.is_some_and(|list| list.iter().any(|each| each == name));
    if keeps
        && ["NET_ADMIN", "SYS_ADMIN", "NET_BIND_SERVICE"]
            .into_iter()
            .all(has)
    {
        return None;
    }
    let finding = Diagnostic::warning(
        "gateway-ports",
        "Gateways in the nodes' network cannot listen below port 1024 with these capabilities of Envoy",
    )
    .hint(format!(
        "set `{CAPABILITIES}: {{keepCapNetBindService: true, envoy: [NET_ADMIN, SYS_ADMIN, NET_BIND_SERVICE]}}`"
    ))
    .hint("or let the plugin gateway-tls set it, with `exposure: hostNetwork`");
    Some(values.at(finding, HOST_NETWORK))
}

/// The operator looks for Gateway API's kinds once, at its start.
pub(super) fn definitions(values: &Values<'_>) -> Option<Diagnostic> {
    const GROUP: &str = "gateway.networking.k8s.io";
    let own = values.config.values.get("gatewayAPI")?.get("enabled");
    if own != Some(&Value::Bool(true)) || values.cluster.apis.contains_key(GROUP) {
        return None;
    }
    let finding = Diagnostic::warning(
        "gateway-definitions",
        "nothing is known to install Gateway API's definitions before cilium",
    )
    .hint("let the plugin gateway-tls switch Gateways on: it brings the definitions")
    .hint(format!("or say in `apis` that the cluster has `{GROUP}`"));
    Some(values.at(finding, ENABLED))
}

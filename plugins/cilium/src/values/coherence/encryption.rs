//! Encryption, and the keys of what is observed.

use ztgit_plugin::Diagnostic;

use super::Values;
use crate::config::Encryption;

/// The chart writes nothing of encryption unless it is enabled: the cluster
/// talks in the clear, and the install is green.
pub(super) fn named_but_off(values: &Values<'_>) -> Option<Diagnostic> {
    let kind = values.text("encryption.type")?;
    if values.is("encryption.enabled", true) {
        return None;
    }
    let message =
        format!("encryption is of type {kind} and not enabled: traffic stays in the clear");
    let finding = Diagnostic::error("encryption-off", message)
        .hint("set `encryption: wireguard` in the config of cilium and leave the values out")
        .hint("or set `encryption.enabled: true` beside the type");
    Some(values.at(finding, "encryption.type"))
}

/// ztunnel takes WireGuard's place; the two cannot both be.
pub(super) fn ztunnel(values: &Values<'_>) -> Option<Diagnostic> {
    if values.text("encryption.type") != Some("ztunnel") {
        return None;
    }
    let finding = if values.config.encryption == Encryption::None {
        Diagnostic::warning(
            "ztunnel",
            "ztunnel is beta, and encrypts enrolled namespaces alone",
        )
        .hint("`encryption: wireguard` encrypts what all pods send to other nodes")
    } else {
        Diagnostic::error("ztunnel", "ztunnel is instead of WireGuard, not beside it")
            .hint("leave `encryption.type` to the config's `encryption`")
            .hint("or set `encryption: none` in the config and all of ztunnel's values")
    };
    Some(values.at(finding, "encryption.type"))
}

/// What the chart makes itself, it makes anew with every upgrade; and a chart
/// that is rendered into git takes the keys along.
pub(super) fn certificates_by_helm(values: &Values<'_>) -> Option<Diagnostic> {
    const METHOD: &str = "hubble.tls.auto.method";
    if values.text(METHOD) != Some("helm") {
        return None;
    }
    let finding = Diagnostic::warning(
        "hubble-keys",
        "with the method `helm` every upgrade makes new keys for hubble, and the relay loses its agents until all have them",
    )
    .hint("leave `hubble.tls.auto.method` out: a job in the cluster makes the keys once");
    Some(values.at(finding, METHOD))
}

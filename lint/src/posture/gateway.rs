//! The way in for everybody.

use super::{Evidence, Verdict};
use crate::gateway::cert_manager::release;
use crate::gateway::{GROUP, Listener, gateways, issuer, listeners};

/// What keeps a host from its certificate.
const NO_CERTIFICATE: [&str; 5] = [
    "cert-manager-blind",
    "http01-unreachable",
    "listener-certificate",
    "reserved-name",
    "wildcard-by-http01",
];

pub(super) fn installation(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    let elsewhere = |group: &str| subject.cluster.apis.contains_key(group);
    let mut definitions = subject.of_kind("apiextensions.k8s.io", "CustomResourceDefinition");
    let defined = definitions
        .any(|definition| definition.object.value.pointer("/spec/group") == Some(&GROUP.into()));
    if !defined && !elsewhere(GROUP) {
        return Verdict::fail("nothing brings the Gateway API's definitions");
    }
    if release(subject).is_none() && !elsewhere(issuer::GROUP) {
        return Verdict::fail("nothing installs cert-manager");
    }
    let codes = ["cert-manager-blind", "gateway-bundle", "gateway-off"];
    evidence
        .contradiction(&codes)
        .unwrap_or_else(|| Verdict::pass("both come before what needs them"))
}

pub(super) fn certificates(evidence: Evidence<'_>) -> Verdict {
    if !listeners(evidence.subject).any(Listener::ends_tls) {
        return Verdict::fail("no listener of a Gateway ends TLS");
    }
    evidence.contradiction(&NO_CERTIFICATE).unwrap_or_else(|| {
        Verdict::cannot_tell(
            "`kubectl get certificates --all-namespaces` shows which have been issued",
        )
    })
}

pub(super) fn tls(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    if gateways(subject).next().is_none() {
        return Verdict::fail("there is no Gateway");
    }
    if !listeners(subject).any(|listener| matches!(listener.protocol(), "HTTPS" | "TLS")) {
        return Verdict::fail("no listener of a Gateway has TLS");
    }
    let mut findings = evidence.findings.iter();
    let plain = findings.find(|finding| finding.code == "no-redirect");
    if let Some(plain) = plain {
        return Verdict::fail(format!("{} ({})", plain.message, plain.code));
    }
    evidence
        .contradiction(&["listener-certificate"])
        .unwrap_or_else(|| Verdict::pass("what comes in plain text is sent to HTTPS"))
}

//! cert-manager's issuers and Certificates.

use serde_json::Value;
use ztgit_plugin::host_name;

use super::{Gateway, Listener};
use crate::json::{list, text};
use crate::spot::ObjectSpot;
use crate::subject::{Object, Subject};

/// cert-manager's group.
pub(crate) const GROUP: &str = "cert-manager.io";

/// An issuer of a namespace or of the cluster.
#[derive(Clone, Copy)]
pub(crate) struct Issuer<'s> {
    /// Its object.
    pub(crate) spot: ObjectSpot<'s>,
}

/// Every issuer.
pub(crate) fn issuers<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Issuer<'s>> {
    let kinds = ["ClusterIssuer", "Issuer"].into_iter();
    kinds
        .flat_map(|kind| subject.of_kind(GROUP, kind))
        .map(|spot| Issuer { spot })
}

/// The issuer that a Gateway's annotations name, where it is among the objects.
pub(crate) fn of_gateway<'s>(subject: &'s Subject<'s>, gateway: Gateway<'_>) -> Option<Issuer<'s>> {
    let annotated = |kind: &'static str, key| gateway.annotation(key).map(|name| (kind, name));
    let (kind, name) = annotated("ClusterIssuer", "cert-manager.io/cluster-issuer")
        .or_else(|| annotated("Issuer", "cert-manager.io/issuer"))?;
    named(subject, kind, name, gateway.spot.namespace())
}

/// The issuer of a name.
fn named<'s>(
    subject: &'s Subject<'s>,
    kind: &str,
    name: &str,
    namespace: &str,
) -> Option<Issuer<'s>> {
    issuers(subject).find(|issuer| {
        let here = kind == "ClusterIssuer" || issuer.spot.object.namespace() == Some(namespace);
        issuer.spot.object.kind() == kind && issuer.spot.object.name() == name && here
    })
}

/// Whether cert-manager makes a Certificate of a listener.
pub(crate) fn is_made_of(listener: Listener<'_>) -> bool {
    let gateway = listener.gateway;
    let ignored = gateway.annotation("cert-manager.io/ignore-tls-listeners");
    let mut ignored = ignored.unwrap_or_default().split(',');
    let asked = ["cluster-issuer", "issuer"]
        .iter()
        .any(|key| gateway.annotation(&format!("{GROUP}/{key}")).is_some());
    asked && listener.ends_tls() && !ignored.any(|name| name.trim() == listener.name())
}

/// The Certificates that are for a Secret of a namespace.
pub(crate) fn certificates<'s>(
    subject: &'s Subject<'s>,
    namespace: &'s str,
    secret: &'s str,
) -> impl Iterator<Item = &'s Object<'s>> {
    let certificates = subject.of_kind(GROUP, "Certificate");
    certificates
        .map(|certificate| certificate.object)
        .filter(move |object| {
            object.namespace() == Some(namespace)
                && text(object.value, "/spec/secretName") == secret
        })
}

/// Who signs the certificate of a listener, where it is among the objects.
pub(crate) fn of_listener<'s>(
    subject: &'s Subject<'s>,
    listener: Listener<'s>,
) -> Option<Issuer<'s>> {
    if is_made_of(listener) {
        return of_gateway(subject, listener.gateway);
    }
    let namespace = listener.gateway.spot.namespace();
    let secrets = listener.secrets().into_iter();
    let mut certificates = secrets.flat_map(|secret| certificates(subject, namespace, secret));
    let certificate = certificates.next()?.value;
    let kind = Some(text(certificate, "/spec/issuerRef/kind")).filter(|kind| !kind.is_empty());
    named(
        subject,
        kind.unwrap_or("Issuer"),
        text(certificate, "/spec/issuerRef/name"),
        namespace,
    )
}

impl<'s> Issuer<'s> {
    /// The ACME server that it asks; none for other issuers.
    pub(crate) fn acme_server(self) -> Option<&'s str> {
        self.spot
            .object
            .value
            .pointer("/spec/acme/server")?
            .as_str()
    }

    /// Its solvers, each with its position.
    pub(crate) fn solvers(self) -> impl Iterator<Item = (usize, &'s Value)> {
        list(self.spot.object.value, "/spec/acme/solvers")
            .iter()
            .enumerate()
    }

    /// The solvers that are for a host.
    pub(crate) fn solvers_for(self, host: &str) -> impl Iterator<Item = &'s Value> {
        let solvers = self.solvers().map(|(_, solver)| solver);
        solvers.filter(move |solver| {
            let names = list(solver, "/selector/dnsNames");
            let zones = list(solver, "/selector/dnsZones");
            let is_host = |value: &Value| value.as_str() == Some(host);
            let within = |value: &Value| {
                let zone = value.as_str();
                zone.is_some_and(|zone| host_name::is_within(host, zone))
            };
            (names.is_empty() && zones.is_empty())
                || names.iter().any(is_host)
                || zones.iter().any(within)
        })
    }
}

/// Whether an ACME server is Let's Encrypt's, either of them.
pub(crate) fn is_lets_encrypt(server: &str) -> bool {
    server.contains("api.letsencrypt.org")
}

/// Whether an ACME server is Let's Encrypt's for trying things out.
pub(crate) fn is_staging(server: &str) -> bool {
    is_lets_encrypt(server) && server.contains("staging")
}

//! cert-manager: its pods, and the servers that it asks for certificates.

use ztgit_plugin::server::Server;

use super::{Residents, workload_name};
use crate::gateway::cert_manager::{Release, release};
use crate::gateway::issuer::issuers;
use crate::json::text;
use crate::subject::Subject;

/// What asks for certificates.
pub(crate) const CONTROLLER: &str = "cert-manager";
/// What judges cert-manager's objects for the API server.
pub(crate) const WEBHOOK: &str = "cert-manager-webhook";
/// What gives the API server the webhook's certificate.
pub(crate) const INJECTOR: &str = "cert-manager-cainjector";

/// A part of a release by its name among the pods.
pub(crate) fn cert_manager_pod(release: &Release<'_>, part: &str) -> String {
    workload_name(namespace(release), part)
}

/// The servers outside that issuers ask, each with its port.
pub(crate) fn acme_servers<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = (&'s str, u16)> {
    issuers(subject).filter_map(|issuer| {
        let url = text(issuer.spot.object.value, "/spec/acme/server");
        let server = Server::of(url, subject.cluster_domain())?;
        Some((server.external_name()?, server.port))
    })
}

fn namespace<'s>(release: &Release<'s>) -> &'s str {
    match text(release.spot.object.value, "/spec/targetNamespace") {
        "" => release.spot.object.namespace().unwrap_or("default"),
        target => target,
    }
}

/// Its pods, with the labels and accounts that its chart gives them.
pub(super) fn move_in(residents: &mut Residents, subject: &Subject<'_>) {
    let Some(release) = release(subject) else {
        return;
    };
    let instance = match text(release.spot.object.value, "/spec/releaseName") {
        "" => release.spot.object.name(),
        name => name,
    };
    let parts = [
        (CONTROLLER, "cert-manager", "controller"),
        (WEBHOOK, "webhook", "webhook"),
        (INJECTOR, "cainjector", "cainjector"),
    ];
    for (part, name, component) in parts {
        let labels = [
            ("app", name),
            ("app.kubernetes.io/name", name),
            ("app.kubernetes.io/instance", instance),
            ("app.kubernetes.io/component", component),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let inventory = subject.inventory();
        let pod = inventory.pod(part, namespace(&release), &labels.into(), Some(part));
        residents.add_pod(&pod.name, &pod.labels);
    }
}

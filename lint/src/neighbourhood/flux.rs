//! Flux: its controllers, and where they fetch the fleet repository from.

use ztgit_plugin::server::Server;

use super::{Residents, workload_name};
use crate::subject::Subject;

const CONTROLLERS: [&str; 4] = [
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
];

/// A controller by its name among the pods.
pub(crate) fn flux_controller(subject: &Subject<'_>, name: &str) -> String {
    workload_name(&subject.cluster.flux.namespace, name)
}

/// The server outside that the fleet repository is on, with its port.
pub(crate) fn fleet_server<'s>(subject: &'s Subject<'_>) -> Option<(&'s str, u16)> {
    let server = Server::of(&subject.cluster.flux.source.url, subject.cluster_domain())?;
    Some((server.external_name()?, server.port))
}

pub(super) fn move_in(residents: &mut Residents, subject: &Subject<'_>) {
    let namespace = &subject.cluster.flux.namespace;
    for name in CONTROLLERS {
        let labels = [("app".to_owned(), name.to_owned())].into();
        let inventory = subject.inventory();
        let pod = inventory.pod(name, namespace, &labels, Some(name));
        residents.add_pod(&pod.name, &pod.labels);
    }
}

//! The declared workloads and what stands around them, for questions about who
//! reaches whom.

use std::net::{IpAddr, Ipv4Addr};

use ztgit_policy::model::{LabelSet, Policy, Protocol};
use ztgit_policy::reach::{Endpoint, Judge, World};

use crate::subject::Subject;

/// The API server.
pub(crate) const API_SERVER: &str = "kube-apiserver";
/// The metadata service of cloud providers.
pub(crate) const METADATA: &str = "metadata";
/// Where Flux fetches the fleet repository from.
pub(crate) const FLEET_HOST: &str = "fleet-host";

const FLUX: [&str; 4] = [
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
];

/// Everybody who is asked about.
pub(crate) fn world(subject: &Subject<'_>) -> World {
    let mut world = World::default();
    let mut add = |name: &str, endpoint: Endpoint| {
        world.endpoints.insert(name.to_owned(), endpoint);
    };
    for (namespace, declared) in &subject.cluster.namespaces {
        let namespace_labels = declared.labels.iter().map(pair);
        for (name, workload) in &declared.workloads {
            let labels = LabelSet::of_pod(
                namespace,
                workload.labels.iter().map(pair),
                namespace_labels.clone(),
                workload.service_account.as_deref(),
            );
            add(&workload_name(namespace, name), Endpoint::pod(labels));
        }
    }
    let flux = &subject.cluster.flux.namespace;
    for controller in FLUX {
        add(
            &flux_controller(subject, controller),
            pod(flux, ("app", controller), controller),
        );
    }
    add(API_SERVER, Endpoint::kube_apiserver());
    let metadata = Ipv4Addr::new(169, 254, 169, 254);
    add(METADATA, Endpoint::world(IpAddr::V4(metadata)));
    if let Some(host) = fleet_host(subject) {
        // An address for documentation stands for whatever the name resolves to.
        let address = Ipv4Addr::new(192, 0, 2, 1);
        add(
            FLEET_HOST,
            Endpoint::world(IpAddr::V4(address)).with_name(&host),
        );
    }
    world
}

/// All policies, as the cluster's agents apply them.
pub(crate) fn judge<'w>(subject: &Subject<'_>, world: &'w World) -> Judge<'w> {
    let policies: Vec<&Policy> = subject.policies.iter().map(|(_, policy)| policy).collect();
    Judge::new(world, policies, &crate::agent::of(subject))
}

/// A workload's name among the endpoints.
pub(crate) fn workload_name(namespace: &str, workload: &str) -> String {
    format!("{namespace}/{workload}")
}

/// A controller of Flux's, by its name among the endpoints.
pub(crate) fn flux_controller(subject: &Subject<'_>, name: &str) -> String {
    workload_name(&subject.cluster.flux.namespace, name)
}

/// The port on which Flux's source answers, by its scheme or its URL.
pub(crate) fn fleet_port(subject: &Subject<'_>) -> u16 {
    let url = &subject.cluster.flux.source.url;
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let port = authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(match scheme {
        "ssh" => 22,
        "http" => 80,
        _ => 443,
    })
}

/// The name of the host that Flux's source is on; nothing for an address.
fn fleet_host(subject: &Subject<'_>) -> Option<String> {
    let (_, rest) = subject.cluster.flux.source.url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.parse::<IpAddr>().is_err().then(|| host.to_owned())
}

fn pod(namespace: &str, (key, value): (&str, &str), account: &str) -> Endpoint {
    Endpoint::pod(LabelSet::of_pod(
        namespace,
        [(key, value)],
        [],
        Some(account),
    ))
}

fn pair<'a>((key, value): (&'a String, &'a String)) -> (&'a str, &'a str) {
    (key, value)
}

/// A protocol of the stack as policies have it.
pub(crate) fn protocol(protocol: ztgit_plugin::cluster::Protocol) -> Protocol {
    match protocol {
        ztgit_plugin::cluster::Protocol::Tcp => Protocol::Tcp,
        ztgit_plugin::cluster::Protocol::Udp => Protocol::Udp,
        ztgit_plugin::cluster::Protocol::Sctp => Protocol::Sctp,
    }
}

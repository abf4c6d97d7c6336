//! Everybody whom policies may be about, and who of them reaches whom.
//!
//! Enters: a subject. Leaves: answers to questions, all policies together, as the
//! cluster's agents give them. In the neighbourhood are the pods that are known of, a
//! made-up one for each default deny that isolates none of these, the pods of Flux and
//! cert-manager, and what is no pod.

mod cert_manager;
mod flux;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ztgit_plugin::cluster::Labels;
use ztgit_policy::model::{LabelKey, LabelSet, Protocol, well_known};
use ztgit_policy::reach::{Endpoint, Judge, Question, Verdict, World};

use crate::governed;
use crate::inventory::{SYSTEM, is_pod};
use crate::spot;
use crate::subject::{ObjectIndex, Subject};

pub(crate) use cert_manager::{CONTROLLER, INJECTOR, WEBHOOK, acme_servers, cert_manager_pod};
pub(crate) use flux::{fleet_server, flux_controller};

/// The pods of the cluster's DNS.
pub(crate) const DNS_SERVER: &str = "DNS server";
/// A pod of which nothing is known.
pub(crate) const CLIENT: &str = "some pod";
/// The API server.
pub(crate) const API_SERVER: &str = "API server";
/// The node that the pods run on.
pub(crate) const HOST: &str = "host";
/// The proxy of Cilium's Gateways.
pub(crate) const GATEWAY: &str = "Gateway";
/// Somebody outside.
pub(crate) const OUTSIDE: &str = "world";
/// The metadata service of cloud providers.
pub(crate) const METADATA: &str = "metadata";

/// An address for documentation, for whatever is outside.
const SOMEWHERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);

/// Who reaches whom. Servers outside go by their DNS names.
#[derive(Debug)]
pub(crate) struct Neighbourhood {
    pods: Vec<String>,
    judge: Judge,
}

impl Neighbourhood {
    /// Everybody, under all policies.
    pub(crate) fn of(subject: &Subject<'_>) -> Self {
        let mut residents = Residents::default();
        residents.move_in_pods(subject);
        let pods = residents.world.endpoints.keys().cloned().collect();
        residents.move_in_others(subject);
        let refused: BTreeSet<ObjectIndex> = subject
            .violations()
            .iter()
            .filter(|(_, violation)| violation.consequence.is_refusal())
            .map(|(index, _)| *index)
            .collect();
        let taken = subject
            .policies
            .iter()
            .filter(|(index, _)| !refused.contains(index));
        Self {
            pods,
            judge: Judge::of_taken(residents.world, taken.map(|(_, policy)| policy)),
        }
    }

    /// Every pod by its name, but for those of the cluster's DNS.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &str> {
        self.pods.iter().map(String::as_str)
    }

    /// Asks for a connection to a port; nothing where an end is unknown.
    pub(crate) fn ask(
        &self,
        (from, to): (&str, &str),
        (protocol, port): (Protocol, u16),
    ) -> Option<Verdict> {
        self.judge.ask(&Question {
            from,
            to,
            protocol,
            port,
            request: None,
        })
    }
}

/// A workload's name among the pods.
pub(crate) fn workload_name(namespace: &str, workload: &str) -> String {
    format!("{namespace}/{workload}")
}

/// Who has moved in so far.
#[derive(Default)]
struct Residents {
    world: World,
}

impl Residents {
    fn move_in_pods(&mut self, subject: &Subject<'_>) {
        for pod in subject.inventory().pods() {
            self.add_pod(&pod.name, &pod.labels);
        }
        let isolating = spot::rules(subject).filter(|rule| !rule.rule.isolates.is_empty());
        for (name, labels) in isolating.flat_map(|rule| governed::subjects(&rule)) {
            self.add_pod(&name, &labels);
        }
        flux::move_in(self, subject);
        cert_manager::move_in(self, subject);
    }

    fn move_in_others(&mut self, subject: &Subject<'_>) {
        let inventory = subject.inventory();
        let labels = [("k8s-app".to_owned(), "kube-dns".to_owned())].into();
        let server = inventory.pod("kube-dns", SYSTEM, &labels, None);
        let client = inventory.pod(CLIENT, "some-namespace", &Labels::new(), None);
        let metadata = Ipv4Addr::new(169, 254, 169, 254);
        self.world.endpoints.extend([
            (DNS_SERVER.to_owned(), Endpoint::pod(server.labels)),
            (CLIENT.to_owned(), Endpoint::pod(client.labels)),
            (API_SERVER.to_owned(), Endpoint::kube_apiserver()),
            (HOST.to_owned(), Endpoint::host()),
            (GATEWAY.to_owned(), Endpoint::ingress()),
            (OUTSIDE.to_owned(), Endpoint::world(SOMEWHERE.into())),
            (METADATA.to_owned(), Endpoint::world(metadata.into())),
        ]);
        let servers = fleet_server(subject)
            .into_iter()
            .chain(acme_servers(subject));
        for (name, _) in servers {
            let server = Endpoint::world(SOMEWHERE.into()).with_name(name);
            self.world.endpoints.insert(name.to_owned(), server);
        }
    }

    /// Adds a pod under its name; of several of one name, the first keeps it.
    fn add_pod(&mut self, name: &str, labels: &LabelSet) {
        if !is_pod(labels) || is_dns_server(labels) {
            return;
        }
        let mut unique = name.to_owned();
        let mut count = 1;
        while let Some(other) = self.world.endpoints.get(&unique) {
            if other.labels == *labels {
                return;
            }
            count += 1;
            unique = format!("{name} ({count})");
        }
        let endpoint = Endpoint::pod(labels.clone());
        self.world.endpoints.insert(unique, endpoint);
    }
}

/// They are in the neighbourhood as [`DNS_SERVER`].
fn is_dns_server(labels: &LabelSet) -> bool {
    let is = |key: &str, value| labels.get(&LabelKey::k8s(key)) == Some(value);
    is("k8s-app", "kube-dns") && is(well_known::NAMESPACE, SYSTEM)
}

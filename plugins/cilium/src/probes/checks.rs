//! What is tried from a workload, and what should come of it.

use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::{Action, Flow, FlowPort, HttpMatch, Mode, Peer, Protocol};

use crate::config::Backend;
use crate::context::Context;
use crate::cover::{covers, on_port};
use crate::enforce::METADATA;
use crate::flows::Wanted;

/// How many connections that must not work are tried from one workload: a
/// refusal takes as long as a timeout.
const MOST_REFUSALS: usize = 4;

/// A path that no application has.
const NOWHERE: &str = "/.ztgit-probe";

/// What a try should come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It works.
    Allowed,
    /// It does not.
    Refused,
}

/// Something to try.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Check {
    /// What should come of it.
    pub(super) outcome: Outcome,
    /// The host to connect to.
    pub(super) host: String,
    /// The TCP port.
    pub(super) port: u16,
    /// The path to get; only connecting without.
    pub(super) path: Option<String>,
}

/// What is tried from one workload.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Each once, sorted.
    pub(super) checks: Vec<Check>,
    /// In a few words, flows that start here and are not tried.
    pub(super) untried: Vec<String>,
}

/// A Service's port, with the workload's behind it.
struct Target<'a> {
    host: String,
    port: u16,
    peer: Peer,
    behind: FlowPort,
    namespace: &'a str,
}

impl Plan {
    /// What to try from a workload.
    pub(super) fn of(
        context: &Context<'_>,
        wanted: &[Wanted],
        namespace: &str,
        name: &str,
    ) -> Self {
        let from = Peer::Workload {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        let flows: Vec<&Wanted> = wanted
            .iter()
            .filter(|wanted| covers(context.cluster, &wanted.flow.from, &from))
            .collect();
        let targets = targets(context);
        let mut plan = Self::default();
        for flow in flows.iter().filter(|wanted| wanted.flow.from == from) {
            plan.add_flow(context.cluster, flow, &targets);
        }
        let source = Source {
            context,
            flows: &flows,
            namespace,
        };
        plan.checks.extend(source.refused_requests(&targets));
        if !plan.checks.is_empty() {
            plan.checks.extend(source.refusals(&targets));
        }
        plan.checks.sort();
        plan.checks.dedup();
        plan
    }

    fn add_flow(&mut self, cluster: &Cluster, wanted: &Wanted, targets: &[Target<'_>]) {
        let flow = &wanted.flow;
        if flow.action == Action::Deny {
            return;
        }
        let before = self.checks.len();
        if let Peer::Fqdn(host) = &flow.to
            && !host.starts_with('*')
        {
            let ports = flow.ports.iter().filter(|port| is_single_tcp(**port));
            self.checks
                .extend(ports.map(|port| Check::connect(Outcome::Allowed, host, port.port)));
        }
        for target in targets.iter().filter(|target| {
            covers(cluster, &target.peer, &flow.to) && on_port(&flow.ports, target.behind)
        }) {
            let connect = Check::connect(Outcome::Allowed, &target.host, target.port);
            let requests = flow.http.iter().filter_map(gettable_path);
            let requests = requests.map(|path| connect.clone().get(path));
            self.checks.extend(requests);
            self.checks.push(connect);
        }
        if self.checks.len() == before {
            self.untried.push(wanted.title());
        }
    }
}

/// Where is tried from, with every flow that starts there.
struct Source<'a> {
    context: &'a Context<'a>,
    flows: &'a [&'a Wanted],
    namespace: &'a str,
}

impl Source<'_> {
    /// A path that no flow names, where all of them name paths.
    fn refused_requests(&self, targets: &[Target<'_>]) -> Vec<Check> {
        targets
            .iter()
            .filter(|target| {
                let mut flows = self.leading_to(target).peekable();
                self.is_enforced(target)
                    && flows.peek().is_some()
                    && flows.all(|flow| {
                        !flow.http.is_empty() && flow.http.iter().all(|one| one.path.is_some())
                    })
            })
            .map(|target| Check::connect(Outcome::Refused, &target.host, target.port).get(NOWHERE))
            .collect()
    }

    /// Connections that no flow allows, and the guardrail.
    fn refusals(&self, targets: &[Target<'_>]) -> Vec<Check> {
        let mut checks: Vec<Check> = targets
            .iter()
            .filter(|target| self.is_enforced(target) && self.leading_to(target).next().is_none())
            .map(|target| Check::connect(Outcome::Refused, &target.host, target.port))
            .take(MOST_REFUSALS)
            .collect();
        let config = self.context.config;
        if config.deny_metadata && config.policy == Backend::Cilium {
            let address = METADATA[0].trim_end_matches("/32");
            checks.push(Check::connect(Outcome::Refused, address, 80));
        }
        checks
    }

    fn leading_to<'t>(&'t self, target: &'t Target<'_>) -> impl Iterator<Item = &'t Flow> {
        let cluster = self.context.cluster;
        let leads = move |flow: &&Flow| {
            covers(cluster, &flow.to, &target.peer) && on_port(&flow.ports, target.behind)
        };
        let denied = self
            .flows
            .iter()
            .map(|wanted| &wanted.flow)
            .filter(leads)
            .any(|flow| flow.action == Action::Deny);
        self.flows
            .iter()
            .map(|wanted| &wanted.flow)
            .filter(leads)
            .filter(move |flow| !denied && flow.action == Action::Allow && flow.icmp.is_empty())
    }

    fn is_enforced(&self, target: &Target<'_>) -> bool {
        [self.namespace, target.namespace].iter().any(|name| {
            let declared = self.context.cluster.namespaces.get(*name);
            declared.is_some_and(|namespace| namespace.mode == Mode::Enforce)
        })
    }
}

/// All TCP ports of Services that the stack knows.
fn targets<'a>(context: &Context<'a>) -> Vec<Target<'a>> {
    let domain = &context.config.cluster_domain;
    let mut targets = Vec::new();
    for (namespace, declared) in &context.cluster.namespaces {
        for (name, service) in &declared.services {
            let ports = service.ports.values();
            for port in ports.filter(|port| port.protocol == Protocol::Tcp) {
                targets.push(Target {
                    host: format!("{name}.{namespace}.svc.{domain}"),
                    port: port.port,
                    peer: Peer::Workload {
                        namespace: namespace.clone(),
                        name: service.workload.clone(),
                    },
                    behind: FlowPort::tcp(port.target_port),
                    namespace,
                });
            }
        }
    }
    targets
}

fn is_single_tcp(port: FlowPort) -> bool {
    port.protocol == Protocol::Tcp && port.end_port.is_none()
}

/// A path that may be asked for without changing anything.
fn gettable_path(request: &HttpMatch) -> Option<&str> {
    let gets = request
        .method
        .as_deref()
        .is_none_or(|method| method == "GET");
    let plain = request.host.is_none() && request.headers.is_empty();
    request.path.as_deref().filter(|_| gets && plain)
}

impl Check {
    fn connect(outcome: Outcome, host: &str, port: u16) -> Self {
        Self {
            outcome,
            host: host.to_owned(),
            port,
            path: None,
        }
    }

    fn get(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }
}

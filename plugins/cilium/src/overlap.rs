//! Flows that void each other.
//!
//! All policies that select a pod are added up: where one flow opens a port to
//! a peer as a whole and another only for some requests, every request is
//! allowed, and the second one says nothing. The stack's own flows that
//! contradict each other so are refused. A plugin's flow gives way to the
//! stack's: it loses the ports that the stack restricts, and a finding says so.
//!
//! Seen is what one flow covers of another as a whole: the same ends, a
//! namespace around a workload, fewer labels, an entity around a range. Not
//! seen are ends that merely have pods in common, by labels that are not
//! compared.

use ztgit_plugin::cluster::{Action, Authentication, Flow, FlowPort};
use ztgit_plugin::{Cluster, Diagnostic};

use crate::context::Context;
use crate::cover::{covers, on_port};
use crate::flows::{Source, Wanted};

/// What a flow asks of a connection beyond its ends and ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Certain requests.
    Http,
    /// Certain server names.
    ServerNames,
    /// Authenticated ends.
    Authentication,
}

impl Demand {
    const ALL: [Self; 3] = [Self::Http, Self::ServerNames, Self::Authentication];

    fn field(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::ServerNames => "serverNames",
            Self::Authentication => "authentication",
        }
    }

    fn made_by(self, flow: &Flow) -> bool {
        match self {
            Self::Http => !flow.http.is_empty(),
            Self::ServerNames => !flow.server_names.is_empty(),
            Self::Authentication => flow.authentication == Authentication::Required,
        }
    }

    /// Whether the other demand cannot stand beside it on one port.
    fn excludes(self, other: Self) -> bool {
        self != other && self != Self::Authentication && other != Self::Authentication
    }
}

/// The flows of which none voids another, and what had to give way.
pub(crate) fn settle(
    context: &Context<'_>,
    mut wanted: Vec<Wanted>,
) -> (Vec<Wanted>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let demanding: Vec<Wanted> = wanted
        .iter()
        .filter(|one| Demand::ALL.iter().any(|demand| demand.made_by(&one.flow)))
        .cloned()
        .collect();
    wanted.retain_mut(|one| {
        demanding.iter().all(|demands| {
            let Some(demand) = voided(context.cluster, one, demands) else {
                return true;
            };
            give_way(one, demands, demand, &mut diagnostics)
        })
    });
    (wanted, diagnostics)
}

/// Which demand of the second flow the first one voids.
fn voided(cluster: &Cluster, one: &Wanted, demands: &Wanted) -> Option<Demand> {
    let (wide, narrow) = (&one.flow, &demands.flow);
    if wide.action != Action::Allow
        || !wide.icmp.is_empty()
        || !ports_meet(&wide.ports, &narrow.ports)
    {
        return None;
    }
    let demand = Demand::ALL
        .into_iter()
        .find(|demand| demand.made_by(narrow) && !demand.made_by(wide))?;
    let same_ends = wide.from == narrow.from && wide.to == narrow.to;
    if same_ends && demand == Demand::ServerNames && Demand::Http.made_by(wide) {
        // Found from the other side already.
        return None;
    }
    let covered =
        covers(cluster, &wide.from, &narrow.from) && covers(cluster, &wide.to, &narrow.to);
    covered.then_some(demand)
}

/// Takes the ports that are restricted from a plugin's flow; whether anything
/// is left of it. A flow of the stack's own stays as it is and is reported.
fn give_way(
    one: &mut Wanted,
    demands: &Wanted,
    demand: Demand,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let restricted = &demands.flow.ports;
    let removable = |port: &FlowPort| port.end_port.is_none() && restricted.contains(port);
    let gives_way = matches!(one.source, Source::Fact { .. })
        && demands.source == Source::Stack
        && !one.flow.ports.is_empty()
        && one
            .flow
            .ports
            .iter()
            .all(|port| removable(port) || !on_port(restricted, *port));
    if !gives_way {
        diagnostics.push(contradiction(one, demands, demand));
        return true;
    }
    one.flow.ports.retain(|port| !removable(port));
    let message = format!(
        "{} restricts by `{}` what {} opens as a whole, and takes its place",
        demands.title(),
        demand.field(),
        one.title()
    );
    diagnostics.push(
        demands
            .locate(
                Diagnostic::info("flow-narrowed", message),
                &[demand.field()],
            )
            .hint("make sure that it admits what the plugin needs"),
    );
    !one.flow.ports.is_empty()
}

fn contradiction(one: &Wanted, demands: &Wanted, demand: Demand) -> Diagnostic {
    let excluded = Demand::ALL
        .into_iter()
        .find(|other| demand.excludes(*other) && other.made_by(&one.flow));
    let (code, message) = match excluded {
        Some(other) => (
            "l7-mixed",
            format!(
                "{} has `{}` where {} has `{}`, and a port takes one of the two",
                demands.title(),
                demand.field(),
                one.title(),
                other.field()
            ),
        ),
        None => (
            "l7-void",
            format!(
                "`{}` of {} has no effect: {} opens the same port between the same ends without it",
                demand.field(),
                demands.title(),
                one.title()
            ),
        ),
    };
    demands
        .locate(Diagnostic::error(code, message), &[demand.field()])
        .hint("take the port out of the wider flow")
        .hint("or narrow its ends, so that the two have nothing in common")
}

fn ports_meet(ports: &[FlowPort], others: &[FlowPort]) -> bool {
    others.is_empty() || others.iter().any(|port| on_port(ports, *port))
}

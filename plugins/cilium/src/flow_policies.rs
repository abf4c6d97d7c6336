//! Flows as policies.
//!
//! In goes a flow; out come its two halves: an egress policy where it starts
//! and an ingress policy where it ends, as far as these are pods. Both are
//! needed, because each end judges for itself. A half comes out only where the
//! mode of its namespace asks for it: what allows from `audit` on, what denies
//! under `enforce` only, since a denial refuses traffic at once.

mod check;
mod remark;

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::{Action, Authentication, Mode, Peer};
use ztgit_plugin::{Cluster, Diagnostic, Manifest};

use crate::config::Config;
use crate::context::Context;
use crate::flows::Wanted;
use crate::policy::dns::{ExternalName, lookup};
use crate::policy::pods::Pods;
use crate::policy::{Policy, Scope, Section, entity, name, ports};
use crate::stance::mode_of;

pub(crate) use check::problems;
pub(crate) use remark::remarks;

/// Which side of a flow a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    /// Where it starts.
    Egress,
    /// Where it ends.
    Ingress,
}

/// The policies of a flow, or all that is wrong with it.
pub(crate) fn manifests(
    context: &Context<'_>,
    wanted: &Wanted,
) -> Result<Vec<Manifest>, Vec<Diagnostic>> {
    let problems = problems(context, wanted);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Half::BOTH
        .into_iter()
        .filter_map(|half| policy(context.cluster, context.config, wanted, half))
        .map(Policy::manifest)
        .collect())
}

fn policy(cluster: &Cluster, config: &Config, wanted: &Wanted, half: Half) -> Option<Policy> {
    let flow = &wanted.flow;
    let (own, other) = half.ends(wanted);
    let subject = Pods::of(cluster, own, flow.action)?;
    if mode_of(cluster, &subject.namespace)? < least_mode(flow.action) {
        return None;
    }
    let description = format!("{}: {}", wanted.title(), half.description());
    let mut policy = Policy::new(
        Scope::Namespace(subject.namespace.clone()),
        &half.policy_name(wanted),
        &description,
        subject.subject(),
    )
    .rule(
        half.section(flow.action),
        rule(cluster, config, wanted, half, other),
    );
    if let (Half::Egress, Peer::Fqdn(text)) = (half, other) {
        // Agents learn the addresses of a name by watching this look-up.
        let names = external(config, text).look_ups(cluster, config, own);
        policy = policy.rule(Section::Egress, lookup(&names));
    }
    Some(policy)
}

fn least_mode(action: Action) -> Mode {
    match action {
        Action::Allow => Mode::Audit,
        Action::Deny => Mode::Enforce,
    }
}

fn rule(cluster: &Cluster, config: &Config, wanted: &Wanted, half: Half, other: &Peer) -> Value {
    let flow = &wanted.flow;
    let (key, peers) = peers(cluster, config, flow.action, other);
    let mut rule = Map::new();
    rule.insert(format!("{}{key}", half.preposition()), peers);
    if flow.authentication == Authentication::Required {
        rule.insert("authentication".to_owned(), json!({"mode": "required"}));
    }
    if !flow.icmp.is_empty() {
        rule.insert("icmps".to_owned(), ports::messages(&flow.icmp));
    }
    if let Some(ports) = ports::of_flow(flow) {
        rule.insert("toPorts".to_owned(), ports);
    }
    Value::Object(rule)
}

/// The other end, under the field that has ends of its kind.
fn peers(
    cluster: &Cluster,
    config: &Config,
    action: Action,
    other: &Peer,
) -> (&'static str, Value) {
    match other {
        Peer::Workload { .. } | Peer::Pods { .. } => {
            let pods =
                Pods::of(cluster, other, action).expect("both ends were checked to be declared");
            ("Endpoints", json!([pods.peer()]))
        }
        Peer::Entity(other) => ("Entities", entity::list(&[*other])),
        // All nodes are two entities; some of them need agents that look at
        // the labels of nodes at all.
        Peer::Nodes { labels } if labels.is_empty() => ("Entities", entity::list(&entity::NODES)),
        Peer::Nodes { labels } => ("Nodes", json!([{ "matchLabels": labels }])),
        Peer::Cidr { range, except } => {
            let mut entry = json!({ "cidr": range });
            if !except.is_empty() {
                entry["except"] = json!(except);
            }
            ("CIDRSet", json!([entry]))
        }
        Peer::Fqdn(text) => ("FQDNs", json!([external(config, text).selector()])),
    }
}

fn external(config: &Config, text: &str) -> ExternalName {
    ExternalName::parse(text, &config.cluster_domain).expect("the name was checked")
}

impl Half {
    /// Both, as they follow each other in the output.
    pub(crate) const BOTH: [Self; 2] = [Self::Egress, Self::Ingress];

    /// The end that the half is for, and the other.
    pub(crate) fn ends(self, wanted: &Wanted) -> (&Peer, &Peer) {
        match self {
            Self::Egress => (&wanted.flow.from, &wanted.flow.to),
            Self::Ingress => (&wanted.flow.to, &wanted.flow.from),
        }
    }

    /// The name of its policy.
    pub(crate) fn policy_name(self, wanted: &Wanted) -> String {
        let mut stem = wanted.stem();
        stem.push(self.name());
        name::join(&stem)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Egress => "the half where it starts",
            Self::Ingress => "the half where it ends",
        }
    }

    fn preposition(self) -> &'static str {
        match self {
            Self::Egress => "to",
            Self::Ingress => "from",
        }
    }

    fn section(self, action: Action) -> Section {
        match (self, action) {
            (Self::Egress, Action::Allow) => Section::Egress,
            (Self::Egress, Action::Deny) => Section::EgressDeny,
            (Self::Ingress, Action::Allow) => Section::Ingress,
            (Self::Ingress, Action::Deny) => Section::IngressDeny,
        }
    }
}

//! Flows as policies.
//!
//! In goes a flow; out come its two halves: an egress policy where it starts
//! and an ingress policy where it ends, as far as these are pods. Both are
//! needed, because each end judges for itself. A half comes out only where the
//! mode of its namespace asks for it: what allows from `audit` on, what denies
//! under `enforce` only, since a denial refuses traffic at once.

mod check;

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::{Action, Mode, Peer};
use ztgit_plugin::{Cluster, Diagnostic, Manifest};

use crate::config::Config;
use crate::flows::Wanted;
use crate::policy::dns::{ExternalName, lookup};
use crate::policy::pods::Pods;
use crate::policy::{Policy, Scope, Section, entity, name, ports};
use crate::stance::mode_of;

/// Which side of a flow a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    /// Where it starts.
    Egress,
    /// Where it ends.
    Ingress,
}

/// The policies of a flow, or all that is wrong with it.
pub(crate) fn manifests(
    cluster: &Cluster,
    config: &Config,
    wanted: &Wanted,
) -> Result<Vec<Manifest>, Vec<Diagnostic>> {
    let problems = check::problems(cluster, config, wanted);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok([Half::Egress, Half::Ingress]
        .into_iter()
        .filter_map(|half| policy(cluster, config, wanted, half))
        .map(Policy::manifest)
        .collect())
}

fn policy(cluster: &Cluster, config: &Config, wanted: &Wanted, half: Half) -> Option<Policy> {
    let flow = &wanted.flow;
    let (own, other) = match half {
        Half::Egress => (&flow.from, &flow.to),
        Half::Ingress => (&flow.to, &flow.from),
    };
    let subject = Pods::of(cluster, own, flow.action)?;
    if mode_of(cluster, &subject.namespace)? < least_mode(flow.action) {
        return None;
    }
    let mut stem = wanted.stem();
    stem.push(half.name());
    let description = format!("{}: {}", wanted.title(), half.description());
    let mut policy = Policy::new(
        Scope::Namespace(subject.namespace.clone()),
        &name::join(&stem),
        &description,
        subject.subject(),
    )
    .rule(
        half.section(flow.action),
        rule(cluster, config, wanted, half, other),
    );
    if let (Half::Egress, Peer::Fqdn(text)) = (half, other) {
        // Agents learn the addresses of a name by watching this look-up.
        policy = policy.rule(
            Section::Egress,
            lookup(&[external(config, text).selector()]),
        );
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
    let (key, peers) = match other {
        Peer::Workload { .. } | Peer::Pods { .. } => {
            let pods = Pods::of(cluster, other, wanted.flow.action)
                .expect("both ends were checked to be declared");
            ("Endpoints", json!([pods.peer()]))
        }
        Peer::Entity(other) => ("Entities", entity::list(&[*other])),
        Peer::Cidr { range, except } => {
            let mut entry = json!({ "cidr": range });
            if !except.is_empty() {
                entry["except"] = json!(except);
            }
            ("CIDRSet", json!([entry]))
        }
        Peer::Fqdn(text) => ("FQDNs", json!([external(config, text).selector()])),
    };
    let mut rule = Map::new();
    rule.insert(format!("{}{key}", half.preposition()), peers);
    if let Some(ports) = ports::of_flow(&wanted.flow) {
        rule.insert("toPorts".to_owned(), ports);
    }
    Value::Object(rule)
}

fn external(config: &Config, text: &str) -> ExternalName {
    ExternalName::parse(text, &config.cluster_domain).expect("the name was checked")
}

impl Half {
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

//! Cilium's policy objects.
//!
//! Invariant: every policy has at least one rule (an agent refuses one
//! without, while the API server takes it) and says of both directions whether
//! it denies by default: Cilium's own default is that any rule does.

pub(crate) mod dns;
pub(crate) mod entity;
pub(crate) mod expression;
pub(crate) mod http;
pub(crate) mod name;
pub(crate) mod pods;
pub(crate) mod ports;
pub(crate) mod regex;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::{Manifest, Object, Phase};

/// The API group and version of policies.
const API_VERSION: &str = "cilium.io/v2";

/// Where a policy applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// To pods of one namespace.
    Namespace(String),
    /// To endpoints of the whole cluster.
    Cluster,
}

/// A list of rules in a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    /// What may come in.
    Ingress,
    /// What may not come in, whatever else allows it.
    IngressDeny,
    /// What may go out.
    Egress,
    /// What may not go out, whatever else allows it.
    EgressDeny,
}

/// What happens to traffic of the selected endpoints that no rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// Whatever other policies say.
    Undecided,
    /// It is refused.
    Denied,
    /// It is refused on its way out.
    EgressDenied,
}

/// A policy in the making.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    scope: Scope,
    name: String,
    description: String,
    selector: Value,
    otherwise: Otherwise,
    rules: BTreeMap<Section, Vec<Value>>,
}

impl Policy {
    /// A policy for the endpoints of a selector, without rules yet.
    pub(crate) fn new(scope: Scope, name: &str, description: &str, selector: Value) -> Self {
        Self {
            scope,
            name: name.to_owned(),
            description: description.to_owned(),
            selector,
            otherwise: Otherwise::Undecided,
            rules: BTreeMap::new(),
        }
    }

    /// Adds a rule.
    pub(crate) fn rule(mut self, section: Section, rule: Value) -> Self {
        self.rules.entry(section).or_default().push(rule);
        self
    }

    /// Says what happens to the rest.
    pub(crate) fn otherwise(mut self, otherwise: Otherwise) -> Self {
        self.otherwise = otherwise;
        self
    }

    /// The object in its phase: a policy that refuses anything waits for every
    /// policy that allows.
    pub(crate) fn manifest(self) -> Manifest {
        let denies = self.otherwise != Otherwise::Undecided
            || self
                .rules
                .keys()
                .any(|s| matches!(s, Section::IngressDeny | Section::EgressDeny));
        self.in_phase(if denies { Phase::Enforce } else { Phase::Allow })
    }

    /// The object in a phase of the caller's choice.
    pub(crate) fn in_phase(self, phase: Phase) -> Manifest {
        assert!(!self.rules.is_empty(), "policy {} has no rule", self.name);
        let object = match &self.scope {
            Scope::Namespace(namespace) => {
                Object::namespaced(API_VERSION, "CiliumNetworkPolicy", namespace, &self.name)
            }
            Scope::Cluster => {
                Object::cluster_scoped(API_VERSION, "CiliumClusterwideNetworkPolicy", &self.name)
            }
        };
        Manifest::new(phase, object.spec(self.spec()))
    }

    fn spec(self) -> Value {
        let ingress = self.otherwise == Otherwise::Denied;
        let egress = self.otherwise != Otherwise::Undecided;
        let mut spec = json!({
            "description": self.description,
            "endpointSelector": self.selector,
            "enableDefaultDeny": {"ingress": ingress, "egress": egress},
        });
        for (section, rules) in self.rules {
            spec[section.field()] = Value::Array(rules);
        }
        spec
    }
}

impl Section {
    fn field(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::IngressDeny => "ingressDeny",
            Self::Egress => "egress",
            Self::EgressDeny => "egressDeny",
        }
    }
}

//! A policy as a whole.

use serde_json::Value;

use super::reading::{Field, Reader};
use super::{Problem, Rule, cilium, kubernetes};

/// The kinds of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// `cilium.io/v2`, in a namespace.
    CiliumNetworkPolicy,
    /// `cilium.io/v2`, for the whole cluster.
    CiliumClusterwideNetworkPolicy,
    /// `networking.k8s.io/v1`.
    NetworkPolicy,
}

impl PolicyKind {
    /// The kind of an object, if it is a policy.
    pub fn of(object: &Value) -> Option<Self> {
        let group = object.get("apiVersion")?.as_str()?.split_once('/')?.0;
        match (group, object.get("kind")?.as_str()?) {
            ("cilium.io", "CiliumNetworkPolicy") => Some(Self::CiliumNetworkPolicy),
            ("cilium.io", "CiliumClusterwideNetworkPolicy") => {
                Some(Self::CiliumClusterwideNetworkPolicy)
            }
            ("networking.k8s.io", "NetworkPolicy") => Some(Self::NetworkPolicy),
            _ => None,
        }
    }

    /// The kind's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CiliumNetworkPolicy => "CiliumNetworkPolicy",
            Self::CiliumClusterwideNetworkPolicy => "CiliumClusterwideNetworkPolicy",
            Self::NetworkPolicy => "NetworkPolicy",
        }
    }

    /// Whether Cilium defines it.
    pub fn is_cilium(self) -> bool {
        self != Self::NetworkPolicy
    }
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its kind.
    pub kind: PolicyKind,
    /// Its name, empty where it has none.
    pub name: String,
    /// Its namespace, `default` where it names none; absent for a clusterwide one.
    pub namespace: Option<String>,
    /// Whether there is a `spec` or `specs` at all.
    pub has_body: bool,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Policy {
    /// Reads an object that is a policy.
    pub fn read(object: &Value) -> Option<Self> {
        let kind = PolicyKind::of(object)?;
        let mut reader = Reader::default();
        let root = Field::root(object);
        let (has_body, rules) = match kind {
            PolicyKind::NetworkPolicy => kubernetes::read_rules(&mut reader, &root),
            _ => cilium::read_rules(&mut reader, &root),
        };
        let metadata = |key: &str| {
            let text = object.get("metadata")?.get(key)?.as_str()?;
            Some(text.to_owned())
        };
        let namespace = metadata("namespace").filter(|namespace| !namespace.is_empty());
        Some(Self {
            kind,
            name: metadata("name").unwrap_or_default(),
            namespace: match kind {
                PolicyKind::CiliumClusterwideNetworkPolicy => None,
                _ => Some(namespace.unwrap_or_else(|| "default".to_owned())),
            },
            has_body,
            rules,
            problems: reader.into_problems(),
        })
    }
}

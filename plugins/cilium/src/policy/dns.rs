//! DNS names, and the rule that lets pods look them up.
//!
//! The rule always says which names: it is how the agents learn the addresses
//! behind a name, and a look-up of anything at all is a way out of the
//! cluster. It covers both transports, because a long answer comes over TCP.

use std::net::IpAddr;

use serde_json::{Value, json};
use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::{FlowPort, Peer, Protocol, Resolver};

use super::pods::Pods;
use super::ports;
use crate::config::Config;
use crate::stance::SYSTEM_NAMESPACE;

/// What DNS listens on.
pub(crate) const PORTS: [FlowPort; 2] = [
    FlowPort {
        port: 53,
        end_port: None,
        protocol: Protocol::Udp,
    },
    FlowPort {
        port: 53,
        end_port: None,
        protocol: Protocol::Tcp,
    },
];

/// A name outside the cluster, or all names one label below another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExternalName(String);

/// Why a text is not an [`ExternalName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameError {
    /// It is an address.
    Address,
    /// It stands for everything, or for a whole top-level domain.
    TooWide,
    /// A `*` somewhere else than as the first label.
    Wildcard,
    /// It is a name of the cluster's own.
    InCluster,
    /// It is not a full DNS name at all.
    Syntax,
}

impl NameError {
    /// What is wrong, to be put behind the name.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Address => "is an address, not a DNS name",
            Self::TooWide => "stands for every name there is, or for a whole top-level domain",
            Self::Wildcard => "has a wildcard that is not its first label",
            Self::InCluster => "is a name of the cluster's own",
            Self::Syntax => "is not a full DNS name",
        }
    }

    /// What to do about it.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Address => "use `cidr`, as in `{cidr: 192.0.2.10/32}`",
            Self::TooWide => "name the hosts, or the domain that they are all in: `*.example.com`",
            Self::Wildcard => "use `*.` in front: it stands for exactly one label",
            Self::InCluster => {
                "use the workload behind it: a Service is not an end of a connection"
            }
            Self::Syntax => "use a name such as `api.example.com`, without scheme, port or path",
        }
    }
}

impl ExternalName {
    /// Reads a name as it stands in a stack.
    pub(crate) fn parse(text: &str, cluster_domain: &str) -> Result<Self, NameError> {
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if name.parse::<IpAddr>().is_ok() {
            return Err(NameError::Address);
        }
        if name.chars().all(|c| c == '*' || c == '.') && name.contains('*') {
            return Err(NameError::TooWide);
        }
        let suffix = name.strip_prefix("*.");
        let domain = suffix.unwrap_or(&name);
        if domain.contains('*') {
            return Err(NameError::Wildcard);
        }
        if !is_name(domain) {
            return Err(NameError::Syntax);
        }
        if is_in_cluster(domain, cluster_domain) {
            return Err(NameError::InCluster);
        }
        match (domain.contains('.'), suffix) {
            (true, _) => Ok(Self(name)),
            (false, Some(_)) => Err(NameError::TooWide),
            (false, None) => Err(NameError::Syntax),
        }
    }

    /// As `toFQDNs` and DNS rules have it.
    pub(crate) fn selector(&self) -> Value {
        selector(&self.0)
    }

    /// What a peer's pods ask for when they look the name up.
    ///
    /// Every resolver first tries a name with few dots below each domain of its
    /// search list. Below the cluster's own domain that is allowed to all pods;
    /// below those of the nodes it has to be for musl, which stops at the first
    /// refusal, where others go on.
    pub(crate) fn look_ups(&self, cluster: &Cluster, config: &Config, from: &Peer) -> Vec<Value> {
        let mut names = vec![self.selector()];
        if uses_musl(cluster, from) {
            let below = |domain: &String| selector(&format!("{}.{domain}", self.0));
            names.extend(config.search_domains.iter().map(below));
        }
        names
    }
}

fn selector(name: &str) -> Value {
    let key = if name.starts_with('*') {
        "matchPattern"
    } else {
        "matchName"
    };
    json!({ key: name })
}

fn uses_musl(cluster: &Cluster, peer: &Peer) -> bool {
    let Peer::Workload { namespace, name } = peer else {
        return false;
    };
    let declared = cluster.namespaces.get(namespace);
    declared
        .and_then(|namespace| namespace.workloads.get(name))
        .is_some_and(|workload| workload.resolver == Resolver::Musl)
}

fn is_in_cluster(name: &str, cluster_domain: &str) -> bool {
    let below = name.strip_suffix(cluster_domain);
    below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        || name.rsplit('.').next() == Some("svc")
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 250 && text.split('.').all(label)
}

/// Every name in the cluster's own domain, at any depth.
///
/// Resolvers in pods append each domain of their search list to a name with
/// few dots, so `api.example.com` is first asked for as
/// `api.example.com.NAMESPACE.svc.cluster.local`; this covers that as well.
/// The cluster's DNS answers for its domain alone: nothing leaks by it.
pub(crate) fn in_cluster(cluster_domain: &str) -> Value {
    json!({ "matchPattern": format!("**.{cluster_domain}") })
}

/// Lets pods ask the cluster's DNS for some names.
pub(crate) fn lookup(names: &[Value]) -> Value {
    json!({
        "toEndpoints": [server().peer()],
        "toPorts": [{"ports": ports::list(&PORTS), "rules": {"dns": names}}],
    })
}

/// The pods of the cluster's DNS.
pub(crate) fn server() -> Pods {
    Pods::labelled(SYSTEM_NAMESPACE, &[("k8s-app", "kube-dns")])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> NameError {
        ExternalName::parse(text, "cluster.local").unwrap_err()
    }

    #[test]
    fn names_are_lower_case_and_without_the_final_dot() {
        let name = ExternalName::parse("API.GitHub.com.", "cluster.local").unwrap();
        assert_eq!(name.selector(), json!({"matchName": "api.github.com"}));
    }

    #[test]
    fn a_leading_wildcard_becomes_a_pattern() {
        let name = ExternalName::parse("*.s3.amazonaws.com", "cluster.local").unwrap();
        assert_eq!(
            name.selector(),
            json!({"matchPattern": "*.s3.amazonaws.com"})
        );
    }

    #[test]
    fn what_is_not_a_name_outside_the_cluster_is_refused_with_its_reason() {
        assert_eq!(refused("192.0.2.1"), NameError::Address);
        assert_eq!(refused("2001:db8::1"), NameError::Address);
        assert_eq!(refused("*"), NameError::TooWide);
        assert_eq!(refused("*.*"), NameError::TooWide);
        assert_eq!(refused("*.com"), NameError::TooWide);
        assert_eq!(refused("api*.example.com"), NameError::Wildcard);
        assert_eq!(refused("**.example.com"), NameError::Wildcard);
        assert_eq!(refused("api.shop.svc.cluster.local"), NameError::InCluster);
        assert_eq!(refused("api.shop.svc"), NameError::InCluster);
        assert_eq!(refused("https://example.com"), NameError::Syntax);
        assert_eq!(refused("localhost"), NameError::Syntax);
        assert_eq!(refused(""), NameError::Syntax);
    }
}

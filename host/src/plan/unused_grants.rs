//! Grants that cover nothing, whatever the plugin does: most likely a typo, or left
//! over from what it did once.

use ztgit_plugin::fact::{HostPort, TrustedCidr};
use ztgit_plugin::{Cidr, Description, StandardFact};

use crate::diagnostic::did_you_mean;
use crate::stack::schema::GrantSpec;

/// A grant that covers nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unused {
    /// What is granted, and why it covers nothing.
    pub(super) problem: String,
    /// What may be meant.
    pub(super) hint: Option<String>,
}

/// What of a plugin's grants covers nothing.
pub(super) fn unused(grants: &GrantSpec, description: &Description) -> Vec<Unused> {
    let kinds = grants.cluster_kinds.iter().filter_map(|kind| {
        let is_kind = kind == "*" || kind.contains('.');
        (!is_kind).then(|| Unused {
            problem: format!("`clusterKinds: {kind}` is no kind with its group"),
            hint: Some(format!(
                "write `Kind.group`, and `{kind}.` for the core group"
            )),
        })
    });
    let paths = grants.host_paths.iter().filter_map(|path| {
        let is_path = path == "*" || path.starts_with('/') || path.starts_with("clients/");
        (!is_path).then(|| Unused {
            problem: format!("`hostPaths: {path}` is no path of a node or client"),
            hint: Some("write `/absolute/path`, or `clients/NAME/PATH`".to_owned()),
        })
    });
    let facts = grants
        .facts
        .iter()
        .flat_map(|(kind, limits)| unused_facts(kind, limits, description));
    kinds.chain(paths).chain(facts).collect()
}

fn unused_facts(kind: &str, limits: &[String], description: &Description) -> Vec<Unused> {
    let stated = || description.provides.iter().map(|(kind, _)| kind.as_str());
    if !stated().any(|known| known == kind) {
        return vec![Unused {
            problem: format!("it does not state facts `{kind}`"),
            hint: did_you_mean(kind, stated()),
        }];
    }
    let Some((form, is_limit)) = form(kind) else {
        return Vec::new();
    };
    let in_vain = limits
        .iter()
        .filter(|limit| *limit != "*" && !is_limit(limit));
    in_vain
        .map(|limit| Unused {
            problem: format!("`facts: {{{kind}: [{limit}]}}` covers nothing"),
            hint: Some(format!("write {form}")),
        })
        .collect()
}

/// Whether a text is a limit.
type IsLimit = fn(&str) -> bool;

/// How the limits of a kind are written, where not every text is one.
fn form(kind: &str) -> Option<(&'static str, IsLimit)> {
    match kind {
        HostPort::KIND => Some(("`tcp/9100`, or `udp/1000-2000`", is_port_range)),
        TrustedCidr::KIND => Some(("a range such as `10.0.0.0/8`", |limit| {
            limit.parse::<Cidr>().is_ok()
        })),
        custom if custom.contains('/') => Some(("`*`, the only limit that it has", |_| false)),
        _ => None,
    }
}

fn is_port_range(limit: &str) -> bool {
    let Some((protocol, range)) = limit.split_once('/') else {
        return false;
    };
    let is_known = ["tcp", "udp", "sctp"]
        .iter()
        .any(|known| protocol.eq_ignore_ascii_case(known));
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let ordered = low.parse::<u16>().ok().zip(high.parse::<u16>().ok());
    is_known && ordered.is_some_and(|(low, high)| low <= high)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(grants: &serde_json::Value) -> Vec<String> {
        let grants = serde_json::from_value(grants.clone()).unwrap();
        let description = Description::new("metrics", "0.1.0", "")
            .provides::<HostPort>(&[])
            .provides::<TrustedCidr>(&[])
            .provides_custom("example.com/target", json!({}));
        let unused = unused(&grants, &description);
        unused.into_iter().map(|unused| unused.problem).collect()
    }

    #[test]
    fn what_can_cover_something_is_no_finding() {
        let grants = json!({
            "namespaces": ["demo"],
            "clusterKinds": ["*", "Node.", "ClusterRole.rbac.authorization.k8s.io"],
            "hostPaths": ["*", "/etc/motd", "clients/laptop/wg0.conf"],
            "facts": {
                "host-port": ["tcp/22", "UDP/1-2", "*"],
                "trusted-cidr": ["10.0.0.0/8", "fd00::/8"],
                "example.com/target": ["*"],
            },
        });
        assert_eq!(problems(&grants), [""; 0]);
    }

    #[test]
    fn what_can_cover_nothing_is_named() {
        let grants = json!({
            "clusterKinds": ["ClusterRole"],
            "hostPaths": ["etc/motd"],
            "facts": {
                "host-port": ["22", "tcp/9-1", "icmp/1"],
                "trusted-cidr": ["10.0.0.0/99"],
                "example.com/target": ["all"],
                "flow": ["demo"],
            },
        });
        assert_eq!(
            problems(&grants),
            [
                "`clusterKinds: ClusterRole` is no kind with its group",
                "`hostPaths: etc/motd` is no path of a node or client",
                "`facts: {example.com/target: [all]}` covers nothing",
                "it does not state facts `flow`",
                "`facts: {host-port: [22]}` covers nothing",
                "`facts: {host-port: [tcp/9-1]}` covers nothing",
                "`facts: {host-port: [icmp/1]}` covers nothing",
                "`facts: {trusted-cidr: [10.0.0.0/99]}` covers nothing",
            ]
        );
    }
}

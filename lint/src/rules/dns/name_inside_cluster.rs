//! A rule about external names names an address or the cluster's own names.

use std::net::IpAddr;

use ztgit_plugin::{Severity, host_name};
use ztgit_policy::model::PeerSelector;

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "fqdn-inside-cluster",
    severity: Severity::Error,
    text: include_str!("name_inside_cluster.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::peers(subject)
        .filter_map(|(spot, peer)| {
            let PeerSelector::Fqdn { name, pattern } = &peer.selector else {
                return None;
            };
            let written = name.as_deref().or(pattern.as_deref())?;
            let (message, hint) = problem(written, subject.cluster_domain())?;
            Some(spot.finding(&peer.pointer, message, hint))
        })
        .collect()
}

fn problem(written: &str, cluster_domain: &str) -> Option<(String, &'static str)> {
    if written.parse::<IpAddr>().is_ok() {
        return Some((
            format!("`{written}` is an address, not a name"),
            "use `toCIDR` for an address outside the cluster",
        ));
    }
    let name = written.trim_end_matches('.');
    let inside = [cluster_domain, "svc"].map(|domain| host_name::is_within(name, domain));
    inside.contains(&true).then(|| {
        (
            format!("`{written}` is a name of the cluster's own"),
            "select the pods behind it by their labels: a Service's address is translated before policy is asked",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn to(name: &str) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": name}]}]}))
    }

    #[test]
    fn a_service_and_an_address_are_found() {
        Lint::homelab()
            .object(to("db.my-app.svc.cluster.local"))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(to("192.0.2.1"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn the_domain_of_a_cluster_may_be_another() {
        Lint::homelab()
            .config("cilium", json!({"clusterDomain": "k8s.lab"}))
            .object(to("db.my-app.svc.k8s.lab"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn an_external_name_is_not() {
        Lint::homelab()
            .object(to("api.github.com"))
            .passes(super::RULE);
    }
}

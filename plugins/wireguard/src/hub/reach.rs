//! What devices are sent through the tunnel for: ranges behind the hub, and
//! resolvers.

use std::net::IpAddr;

use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::config::Hub;
use crate::section::Section;
use crate::subnets::Subnets;

/// Looks at `routes` and `dns`.
pub(super) fn check(
    cluster: &Cluster,
    section: Section<'_>,
    hub: &Hub,
    subnets: &Subnets,
    findings: &mut Vec<Diagnostic>,
) {
    for (index, route) in hub.routes.iter().enumerate() {
        let at = ["routes", &index.to_string()];
        findings.extend(check_route(cluster, section, &at, route, subnets));
    }
    for (index, resolver) in hub.dns.iter().enumerate() {
        let at = ["dns", &index.to_string()];
        findings.extend(check_resolver(cluster, section, &at, *resolver, subnets));
    }
}

fn check_route(
    cluster: &Cluster,
    section: Section<'_>,
    at: &[&str],
    route: &Cidr,
    subnets: &Subnets,
) -> Option<Diagnostic> {
    let network = &cluster.network;
    let within = |ranges: &[Cidr]| ranges.iter().any(|range| range.overlaps(route));
    if route.net().prefix_len() == 0 {
        let message = format!("{route} would bring all of the devices' traffic here");
        let hint = "name networks: nothing here translates addresses for the rest of the world";
        Some(section.error(at, "routes-everything", message).hint(hint))
    } else if subnets.iter().any(|range| range.overlaps(route)) {
        let message = format!("{route} overlaps the VPN's own range");
        let hint = "leave it out: devices have no business with one another";
        Some(section.error(at, "routes-overlap", message).hint(hint))
    } else if within(&network.pod_cidrs) {
        let message = format!("{route} overlaps the range of pods");
        Some(
            section
                .error(at, "routes-overlap", message)
                .hint("set `podAccess` instead"),
        )
    } else if within(&network.service_cidrs) {
        let message = format!(
            "{route} leads nowhere: Cilium translates the addresses of services \
                               only for what comes from within the cluster"
        );
        let hint = "reach services through a Gateway, or pods with `podAccess`";
        Some(section.warning(at, "routes-services", message).hint(hint))
    } else {
        None
    }
}

fn check_resolver(
    cluster: &Cluster,
    section: Section<'_>,
    at: &[&str],
    resolver: IpAddr,
    subnets: &Subnets,
) -> Option<Diagnostic> {
    let services = &cluster.network.service_cidrs;
    let message = if subnets.first_addresses().any(|hub| hub == resolver) {
        format!(
            "nothing here makes the hub answer DNS at {resolver}: without a resolver of your \
                 own there, devices have no names while the VPN is up"
        )
    } else if subnets.contains(resolver) {
        format!("{resolver} is another device's, which no device reaches")
    } else if services
        .iter()
        .any(|range| range.contains_address(resolver))
    {
        format!("{resolver} is a service's, which no device reaches")
    } else {
        return None;
    };
    let hint = "leave `dns` out: devices then keep their own resolvers";
    Some(section.warning(at, "dns-unserved", message).hint(hint))
}

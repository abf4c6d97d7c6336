//! Addresses, and who filters what comes in through them.

use std::net::IpAddr;

use ztgit_plugin::cluster::Network;
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::config::Exposure;
use crate::controller;
use crate::exposure::addresses;
use crate::gateway::Gateway;
use crate::plan::Plan;

/// All findings about the exposure.
pub(super) fn all(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let exposure = &plan.config.exposure;
    let gateways = plan.gateways.iter();
    let mut found: Vec<_> = gateways.flat_map(|each| fixed(exposure, each)).collect();
    let Some(place) = place(exposure) else {
        return found;
    };
    if !controller::any_of_cilium(&plan.gateways) {
        found.push(not_ciliums(&place));
        return found;
    }
    found.extend(in_use(plan.cluster, &place, addresses(exposure)));
    found.push(bypass(&place));
    found
}

/// Where an exposure stands that is a `LoadBalancer`.
fn place(exposure: &Exposure) -> Option<Vec<&'static str>> {
    match exposure {
        Exposure::HostNetwork => None,
        Exposure::L2 { .. } => Some(vec!["exposure", "l2"]),
        Exposure::Bgp { .. } => Some(vec!["exposure", "bgp"]),
        Exposure::NodeIpam => Some(vec!["exposure"]),
    }
}

fn not_ciliums(place: &[&str]) -> Diagnostic {
    let message = "only Cilium's Gateways are exposed so, and none is of class cilium";
    Diagnostic::error("exposure-elsewhere", message)
        .at_config(place.iter().copied())
        .hint("leave `exposure` out: how the Gateways are reached is their controller's")
}

fn bypass(place: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        "host-firewall-bypassed",
        "Cilium translates connections to a LoadBalancer before the host firewall sees them: \
         neither it nor what bans addresses through it filters ports 80 and 443",
    )
    .at_config(place.iter().copied())
    .hint("use `exposure: hostNetwork` to have them filtered")
}

fn in_use(cluster: &Cluster, place: &[&str], ranges: &[Cidr]) -> Vec<Diagnostic> {
    let ranges = ranges.iter().enumerate();
    ranges
        .filter_map(|(index, range)| {
            let what = used_by(cluster, range)?;
            let message = format!("{range} contains addresses of {what}");
            let index = index.to_string();
            let at = [place, &["addresses", &index]].concat();
            Some(
                Diagnostic::error("address-in-use", message)
                    .at_config(at)
                    .hint("choose addresses that nothing else uses"),
            )
        })
        .collect()
}

/// What else has an address in the range.
fn used_by(cluster: &Cluster, range: &Cidr) -> Option<String> {
    let Network {
        pod_cidrs,
        service_cidrs,
        ..
    } = &cluster.network;
    let meets = |ranges: &[Cidr]| ranges.iter().any(|other| other.overlaps(range));
    if meets(pod_cidrs) {
        return Some("pods".to_owned());
    }
    if meets(service_cidrs) {
        return Some("services".to_owned());
    }
    let on_node = |addresses: &[IpAddr]| {
        addresses
            .iter()
            .any(|&address| range.contains_address(address))
    };
    let (name, _) = cluster
        .nodes
        .iter()
        .find(|(_, node)| on_node(&node.addresses))?;
    Some(format!("node `{name}`"))
}

/// Addresses that a Gateway wants and the exposure does not have.
fn fixed(exposure: &Exposure, gateway: &Gateway<'_>) -> Vec<Diagnostic> {
    let ranges = addresses(exposure);
    let wanted = gateway.settings.addresses.iter().enumerate();
    let outside =
        wanted.filter(|(_, address)| !ranges.iter().any(|range| range.contains_address(**address)));
    outside
        .map(|(index, address)| {
            let message = format!("`exposure` has no address {address}");
            Diagnostic::error("address-not-exposed", message)
                .at_config(gateway.place(&["addresses", &index.to_string()]))
                .hint("add it to the addresses of `exposure`, as `l2` or `bgp`")
        })
        .collect()
}

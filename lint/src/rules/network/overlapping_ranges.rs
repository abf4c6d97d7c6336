//! Ranges of addresses that must not overlap do.

use ipnet::IpNet;
use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::{Found, Place};
use crate::host::wireguard::of_nodes;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "range-overlap",
    severity: Severity::Error,
    text: include_str!("overlapping_ranges.md"),
    find,
};

/// What Cilium's operator hands out to pods where nothing is said
/// (`ipam.operator.clusterPoolIPv4PodCIDRList` of the chart).
const DEFAULT_POOL: &str = "10.0.0.0/8";

/// A range, whose it is, and where that stands.
struct Range {
    net: IpNet,
    of: &'static str,
    subject: String,
    place: Place,
    hint: &'static str,
}

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut ranges = declared(subject);
    ranges.extend(tunnels(subject));
    ranges.extend(pools(subject));
    let mut found = Vec::new();
    for (index, later) in ranges.iter().enumerate() {
        let clash = ranges[..index]
            .iter()
            .find(|earlier| earlier.of != later.of && meets(earlier.net, later.net));
        found.extend(clash.map(|earlier| later.clash(earlier)));
    }
    found
}

fn meets(one: IpNet, other: IpNet) -> bool {
    one.contains(&other) || other.contains(&one)
}

fn declared(subject: &Subject<'_>) -> Vec<Range> {
    let network = &subject.cluster.network;
    let lists = [
        ("podCIDRs", "pods", &network.pod_cidrs),
        ("serviceCIDRs", "Services", &network.service_cidrs),
        ("nodeCIDRs", "nodes", &network.node_cidrs),
    ];
    let mut ranges = Vec::new();
    for (key, of, list) in lists {
        for (index, cidr) in list.iter().enumerate() {
            ranges.push(Range {
                net: cidr.net(),
                of,
                subject: format!("network/{key}"),
                place: Place::cluster(["network", key, &index.to_string()]),
                hint: "choose ranges that have nothing in common",
            });
        }
    }
    ranges
}

/// The networks of tunnels that end on nodes.
fn tunnels(subject: &Subject<'_>) -> Vec<Range> {
    of_nodes(subject)
        .flat_map(|interface| {
            let settings = interface.settings.iter();
            let addresses = settings.filter(|setting| setting.key == "Address");
            addresses.flat_map(move |setting| {
                let ranges: Vec<_> = setting.ranges().collect();
                ranges.into_iter().map(move |net| Range {
                    net: net.trunc(),
                    of: "the VPN",
                    subject: interface.file.name(),
                    place: Place::File(interface.file.index, setting.line),
                    hint: "give the VPN a range of its own",
                })
            })
        })
        .collect()
}

/// What Cilium hands out to pods, where it is not the range that the stack names.
fn pools(subject: &Subject<'_>) -> Vec<Range> {
    let Some((release, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    let mode = values.pointer("/ipam/mode").and_then(Value::as_str);
    if mode.is_some_and(|mode| mode != "cluster-pool") {
        return Vec::new();
    }
    let list = values.pointer("/ipam/operator/clusterPoolIPv4PodCIDRList");
    let (texts, pointer): (Vec<&str>, _) = match list {
        Some(Value::Array(list)) => (
            list.iter().filter_map(Value::as_str).collect(),
            "/spec/values/ipam/operator/clusterPoolIPv4PodCIDRList",
        ),
        Some(Value::String(text)) => (
            text.split_whitespace().collect(),
            "/spec/values/ipam/operator/clusterPoolIPv4PodCIDRList",
        ),
        _ => (vec![DEFAULT_POOL], "/spec/values"),
    };
    let nets = texts.into_iter().filter_map(|text| text.parse().ok());
    nets.filter(|net| {
        let mut pods = subject.cluster.network.pod_cidrs.iter();
        !pods.any(|pods| pods.net() == *net)
    })
    .map(|net| Range {
        net,
        of: "pods",
        subject: subject.object(release).id(),
        place: Place::Object(release, pointer.to_owned()),
        hint: "set `ipam.operator.clusterPoolIPv4PodCIDRList` to the cluster's `podCIDRs`",
    })
    .collect()
}

impl Range {
    fn clash(&self, earlier: &Self) -> Found {
        Found::new(
            self.subject.clone(),
            self.place.clone(),
            format!(
                "`{}` of {} overlaps `{}` of {}",
                self.net, self.of, earlier.net, earlier.of
            ),
            self.hint,
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{RELEASE, release};
    use crate::testing::Lint;

    fn tunnel(address: &str) -> Lint {
        let text = format!("[Interface]\nAddress = {address}\nListenPort = 51820\n");
        Lint::homelab().file("pi-1", "/etc/wireguard/wg0.conf", &text)
    }

    #[test]
    fn the_default_pool_holds_the_vpn() {
        tunnel("10.100.0.1/24")
            .cluster(&json!({"network": {"serviceCIDRs": ["172.20.0.0/16"]}}))
            .object(release(&json!({})))
            .finds(super::RULE, RELEASE);
    }

    #[test]
    fn the_default_pool_holds_services() {
        Lint::homelab()
            .object(release(&json!({"ipam": {"mode": "cluster-pool"}})))
            .finds(super::RULE, RELEASE);
    }

    #[test]
    fn a_vpn_in_the_lan_or_among_pods_is_found() {
        for address in ["192.168.1.1/28", "10.42.200.1/24"] {
            tunnel(address).finds(super::RULE, "pi-1:/etc/wireguard/wg0.conf");
        }
    }

    #[test]
    fn nodes_among_services_are_found() {
        Lint::homelab()
            .cluster(&json!({"network": {"nodeCIDRs": ["10.43.8.0/24"]}}))
            .finds(super::RULE, "network/nodeCIDRs");
    }

    #[test]
    fn ranges_of_their_own_are_not() {
        let list = json!({"operator": {"clusterPoolIPv4PodCIDRList": ["10.42.0.0/16"]}});
        tunnel("10.100.0.1/24")
            .object(release(&json!({ "ipam": list })))
            .passes(super::RULE);
        tunnel("10.100.0.1/24")
            .object(release(&json!({"ipam": {"mode": "kubernetes"}})))
            .passes(super::RULE);
    }
}

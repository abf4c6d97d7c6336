//! A Gateway waits for an address that nobody gives.

use serde_json::Value;
use ztgit_plugin::Severity;
use ztgit_plugin::cluster::Distribution;

use super::is_on;
use crate::finding::Found;
use crate::gateway::of_cilium;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-address-pool",
    severity: Severity::Error,
    text: include_str!("no_address_pool.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((_, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    // Elsewhere a cloud's controller may give addresses.
    let bare = subject.cluster.distribution == Distribution::K3s;
    if !bare || gives_addresses(subject, values) {
        return Vec::new();
    }
    of_cilium(subject)
        .map(|gateway| {
            gateway.spot.finding(
                "/spec",
                "the Gateway gets a Service of type LoadBalancer, and nothing gives it an address",
                "add a CiliumLoadBalancerIPPool, or set `gatewayAPI: {hostNetwork: {enabled: true}}`",
            )
        })
        .collect()
}

fn gives_addresses(subject: &Subject<'_>, values: &Value) -> bool {
    let pool = |group: &str, kind: &str| {
        let objects = &subject.objects;
        objects
            .iter()
            .any(|object| object.group() == group && object.kind() == kind)
    };
    is_on(values, "/gatewayAPI/hostNetwork/enabled")
        || is_on(values, "/nodeIPAM/enabled")
        || pool("cilium.io", "CiliumLoadBalancerIPPool")
        || pool("metallb.io", "IPAddressPool")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{GATEWAY, gateway, http, release};
    use crate::testing::Lint;

    fn with(values: &Value) -> Lint {
        let lint = Lint::homelab().object(release(values));
        lint.object(gateway(&[http()]))
    }

    fn on(switch: &str) -> Value {
        json!({"gatewayAPI": {"enabled": true}, switch: {"enabled": true}})
    }

    #[test]
    fn a_load_balancer_without_a_pool_is_found() {
        with(&on("l2announcements")).finds(super::RULE, GATEWAY);
    }

    #[test]
    fn one_with_a_pool_is_fine() {
        let pool = json!({
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumLoadBalancerIPPool",
            "metadata": {"name": "lan"},
            "spec": {"blocks": [{"cidr": "192.168.1.240/28"}]}
        });
        with(&on("l2announcements"))
            .object(pool)
            .passes(super::RULE);
    }

    #[test]
    fn addresses_of_nodes_are_some_too() {
        with(&on("nodeIPAM")).passes(super::RULE);
        with(&json!({"gatewayAPI": {"enabled": true, "hostNetwork": {"enabled": true}}}))
            .passes(super::RULE);
    }
}

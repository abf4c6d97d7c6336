//! Where pods get their addresses from.

use serde_json::{Map, Value, json};
use ztgit_plugin::{Cidr, Cluster};

/// Cilium cuts a pool into at most 2^16 blocks, one for each node.
const POOL_BITS: u8 = 16;

/// The pools of the cluster's own ranges. Cilium's default is 10.0.0.0/8: it
/// ignores the cluster's pod ranges and swallows most VPNs.
pub(super) fn pools(cluster: &Cluster) -> Value {
    let (v4, v6): (Vec<Cidr>, Vec<Cidr>) =
        cluster.network.pod_cidrs.iter().partition(|r| r.is_ipv4());
    let mut operator = Map::new();
    let mut add = |family: &str, ranges: &[Cidr], least: u8, most: u8| {
        let Some(widest) = ranges.iter().map(|r| r.net().prefix_len()).min() else {
            return;
        };
        let narrowest = ranges
            .iter()
            .map(|r| r.net().prefix_len())
            .max()
            .unwrap_or(widest);
        let block = (widest + POOL_BITS).min(most).min(least.max(narrowest));
        let texts: Vec<String> = ranges.iter().map(Cidr::to_string).collect();
        operator.insert(format!("clusterPool{family}PodCIDRList"), json!(texts));
        operator.insert(format!("clusterPool{family}MaskSize"), json!(block));
    };
    add("IPv4", &v4, 24, 32);
    add("IPv6", &v6, 120, 128);
    json!({
        "ipam": {"mode": "cluster-pool", "operator": operator},
        "ipv4": {"enabled": !v4.is_empty()},
        "ipv6": {"enabled": !v6.is_empty()},
    })
}

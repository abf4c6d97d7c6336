//! Announcing the Gateways' addresses to routers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Labels;
use ztgit_plugin::{Artifact, Object};

use super::{declared, pool, select_nodes};
use crate::config::BgpPeer;
use crate::plan::Plan;

const API_VERSION: &str = "cilium.io/v2";

/// By which the peers' families find what they advertise.
const ADVERTISES: &str = "ztgit.dev/advertises";

/// The sessions, the settings of each, and what they advertise.
pub(super) fn artifacts(
    plan: &Plan<'_>,
    local_asn: u32,
    peers: &BTreeMap<String, BgpPeer>,
    nodes: &Labels,
) -> Vec<Artifact> {
    let name = pool::name(plan);
    let mut artifacts = Vec::new();
    artifacts.extend(declared(
        "ciliumbgpadvertisements",
        advertisement(plan, &name),
    ));
    for (peer, settings) in peers {
        let config = peer_config(&name, peer, settings);
        let [awaited, object] = declared("ciliumbgppeerconfigs", config);
        if !artifacts.contains(&awaited) {
            artifacts.push(awaited);
        }
        artifacts.push(object);
    }
    artifacts.extend(declared(
        "ciliumbgpclusterconfigs",
        cluster_config(&name, local_asn, peers, nodes),
    ));
    artifacts
}

fn cluster_config(
    name: &str,
    local_asn: u32,
    peers: &BTreeMap<String, BgpPeer>,
    nodes: &Labels,
) -> Object {
    let sessions = peers.iter().map(|(peer, settings)| {
        json!({
            "name": peer,
            "peerAddress": settings.address.to_string(),
            "peerASN": settings.asn,
            "peerConfigRef": {"name": peer_config_name(name, peer)},
        })
    });
    let sessions: Vec<_> = sessions.collect();
    let mut spec = json!({
        "bgpInstances": [{"name": "gateways", "localASN": local_asn, "peers": sessions}],
    });
    select_nodes(&mut spec, nodes);
    Object::cluster_scoped(API_VERSION, "CiliumBGPClusterConfig", name).spec(spec)
}

fn peer_config(name: &str, peer: &str, settings: &BgpPeer) -> Object {
    let family = |afi: &str| {
        json!({
            "afi": afi,
            "safi": "unicast",
            "advertisements": {"matchLabels": {ADVERTISES: "gateways"}},
        })
    };
    let mut spec: Value = json!({
        "families": [family("ipv4"), family("ipv6")],
        // An agent that restarts must not take the routes with it.
        "gracefulRestart": {"enabled": true},
    });
    if let Some(secret) = &settings.password_secret {
        spec["authSecretRef"] = secret.as_str().into();
    }
    if let Some(hops) = settings.multihop {
        spec["ebgpMultihop"] = hops.get().into();
    }
    Object::cluster_scoped(
        API_VERSION,
        "CiliumBGPPeerConfig",
        &peer_config_name(name, peer),
    )
    .spec(spec)
}

fn peer_config_name(name: &str, peer: &str) -> String {
    format!("{name}.{peer}")
}

fn advertisement(plan: &Plan<'_>, name: &str) -> Object {
    Object::cluster_scoped(API_VERSION, "CiliumBGPAdvertisement", name)
        .label(ADVERTISES, "gateways")
        .spec(json!({
            "advertisements": [{
                "advertisementType": "Service",
                "service": {"addresses": ["LoadBalancerIP"]},
                "selector": pool::services(plan),
            }],
        }))
}

//! Ends of flows in the words of a `NetworkPolicy`.

use serde_json::{Value, json};
use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{Entity, Labels, Peer};

use crate::context::Context;
use crate::enforce::METADATA;

/// The peers that stand for an end; nothing where there are no words for it.
pub(super) fn peers(context: &Context<'_>, peer: &Peer) -> Option<Value> {
    match peer {
        Peer::Workload { .. } | Peer::Pods { .. } => {
            let (namespace, labels) = context.cluster.pods_of(peer)?;
            Some(json!([pods(namespace, labels)]))
        }
        Peer::Cidr { range, except } => Some(json!([block(context, *range, except)])),
        Peer::Entity(Entity::World) => Some(world(context)),
        Peer::Entity(_) | Peer::Fqdn(_) | Peer::Nodes { .. } => None,
    }
}

/// Pods of a namespace by label, or all of them.
pub(super) fn pods(namespace: &str, labels: &Labels) -> Value {
    let mut peer =
        json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}});
    if !labels.is_empty() {
        peer["podSelector"] = selector(labels);
    }
    peer
}

/// A selector of pods by label, or of all.
pub(super) fn selector(labels: &Labels) -> Value {
    if labels.is_empty() {
        json!({})
    } else {
        json!({ "matchLabels": labels })
    }
}

/// Everything that is neither pod nor service nor node, of both families.
fn world(context: &Context<'_>) -> Value {
    let network = &context.cluster.network;
    let own: Vec<Cidr> = [
        &network.pod_cidrs,
        &network.service_cidrs,
        &network.node_cidrs,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect();
    ["0.0.0.0/0", "::/0"]
        .map(|text| text.parse::<Cidr>().expect("a range"))
        .iter()
        .map(|all| {
            let inside: Vec<Cidr> = own
                .iter()
                .filter(|own| all.contains(own))
                .copied()
                .collect();
            block(context, *all, &inside)
        })
        .collect()
}

/// A range less its exceptions, and less what a guardrail would refuse: there
/// is no denial here.
fn block(context: &Context<'_>, range: Cidr, except: &[Cidr]) -> Value {
    let mut except = except.to_vec();
    if context.config.deny_metadata {
        let metadata = METADATA.iter().map(|text| text.parse().expect("a range"));
        except.extend(metadata.filter(|hole| range.contains(hole) && range != *hole));
    }
    let mut block = json!({ "cidr": range });
    if !except.is_empty() {
        block["except"] = json!(except);
    }
    json!({ "ipBlock": block })
}

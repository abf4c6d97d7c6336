//! JSON Merge Patch (RFC 7396) over nodes: defaults, then profiles in the order
//! named, then the cluster; what came last keeps its place.

use super::node::{Field, Mapping, Node, NodeValue};

/// Applies a patch.
///
/// A `null` removes what it meets, with one exception: under `config` it says
/// that a plugin takes no part, and has to stay.
pub(super) fn merge(target: &mut Node, patch: &Node) {
    merge_at(target, patch, Place::Root);
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Config,
    Elsewhere,
}

fn merge_at(target: &mut Node, patch: &Node, place: Place) {
    let NodeValue::Mapping(fields) = &patch.value else {
        *target = patch.clone();
        return;
    };
    if target.as_mapping().is_none() {
        *target = Node { value: NodeValue::Mapping(Mapping::new()), span: patch.span };
    }
    target.span = patch.span;
    let NodeValue::Mapping(existing) = &mut target.value else {
        unreachable!("it was just made a map");
    };
    for (key, field) in fields {
        let below = match place {
            Place::Root if key == "config" => Place::Config,
            _ => Place::Elsewhere,
        };
        if field.node.value == NodeValue::Null && place != Place::Config {
            existing.remove(key);
            continue;
        }
        let target = existing.entry(key.clone()).or_insert_with(|| Field {
            key: field.key,
            node: Node { value: NodeValue::Null, span: field.node.span },
        });
        target.key = field.key;
        merge_at(&mut target.node, &field.node, below);
    }
}

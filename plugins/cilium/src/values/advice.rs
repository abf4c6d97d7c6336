//! What to do about a value that a chart does not take.

use serde_json::Value;

use super::known::{Keys, Known, Node};
use crate::release::Line;

/// Values that a chart has dropped, with what took their place.
const RETIRED: [(&str, &str); 12] = [
    (
        "encryption.strictMode.enabled",
        "it is `encryption.strictMode.egress.enabled`",
    ),
    (
        "encryption.strictMode.cidr",
        "it is `encryption.strictMode.egress.cidr`",
    ),
    (
        "encryption.strictMode.allowRemoteNodeIdentities",
        "it is `encryption.strictMode.egress.allowRemoteNodeIdentities`",
    ),
    (
        "externalIPs",
        "`kubeProxyReplacement: true` includes it: leave it out",
    ),
    (
        "hostPort",
        "`kubeProxyReplacement: true` includes it: leave it out",
    ),
    (
        "nodePort.enabled",
        "`kubeProxyReplacement: true` includes it: leave it out",
    ),
    ("tunnel", "use `routingMode` and `tunnelProtocol`"),
    ("proxy.prometheus", "it is `envoy.prometheus`"),
    (
        "enableCiliumEndpointSlice",
        "it is `ciliumEndpointSlice.enabled`",
    ),
    (
        "containerRuntime.integration",
        "agents find the runtime themselves: leave it out",
    ),
    ("remoteNodeIdentity", "it is always on: leave it out"),
    ("hubble.redact.kafka", "kafka rules are gone: leave it out"),
];

/// Hints for a key that nothing reads; at least one.
pub(crate) fn for_unknown(line: Line, known: &Known, path: &[&str]) -> Vec<String> {
    let dotted = path.join(".");
    let retired = RETIRED
        .iter()
        .filter(|(key, _)| dotted == *key || dotted.starts_with(&format!("{key}.")))
        .map(|(_, advice)| (*advice).to_owned());
    let hints: Vec<String> = retired.collect();
    if !hints.is_empty() {
        return hints;
    }
    if let Some(other) = other_line(line, path) {
        return vec![format!(
            "cilium {other}'s chart reads it, this one does not"
        )];
    }
    let meant = similar(known, path).or_else(|| elsewhere(known, path));
    vec![match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "`helm show values oci://quay.io/cilium/charts/cilium` of a {}.x has what there is",
            line.name()
        ),
    }]
}

/// A hint for a value of another type.
pub(crate) fn for_type(takes: &str, given: &Value) -> String {
    match given {
        Value::Bool(_) | Value::Number(_) if takes.contains("a text") => {
            format!("quote it: \"{given}\"")
        }
        Value::String(text) if takes.contains("true or false") || takes.contains("number") => {
            format!("write it without quotes: {text}")
        }
        Value::String(_) if takes.contains("list") => format!("write it as a list: [{given}]"),
        _ => format!("give it {takes}"),
    }
}

fn other_line(line: Line, path: &[&str]) -> Option<String> {
    Line::ALL
        .into_iter()
        .find(|other| *other != line && Known::of(*other).reads(path))
        .map(Line::name)
}

/// The key beside it that is written most like it.
fn similar(known: &Known, path: &[&str]) -> Option<String> {
    let (written, above) = path.split_last()?;
    let wanted = written.to_lowercase();
    let (distance, key) = keys_at(known, above)?
        .iter()
        .map(|(key, _)| {
            let distance = strsim::damerau_levenshtein(&wanted, &key.to_lowercase());
            (distance, key)
        })
        .min()?;
    let longer = key.len().max(written.len());
    (distance <= 1 + longer / 4).then(|| dotted(above, key))
}

fn keys_at<'a>(known: &'a Known, path: &[&str]) -> Option<Keys<'a>> {
    path.iter()
        .try_fold(known.root(), |at, key| match at.get(key) {
            Some(Node::Map(keys)) => Some(keys),
            _ => None,
        })
}

/// The same key at the only other place that has it.
fn elsewhere(known: &Known, path: &[&str]) -> Option<String> {
    let mut found = Vec::new();
    collect(known.root(), path.last()?, &mut Vec::new(), &mut found);
    // A key that stands at every turn, such as `enabled`, says nothing.
    <[String; 1]>::try_from(found).ok().map(|[only]| only)
}

fn collect<'a>(keys: Keys<'a>, wanted: &str, above: &mut Vec<&'a str>, found: &mut Vec<String>) {
    for (key, node) in keys.iter() {
        if key == wanted {
            found.push(dotted(above, key));
        }
        if let Node::Map(below) = node {
            above.push(key);
            collect(below, wanted, above, found);
            above.pop();
        }
    }
}

fn dotted(above: &[&str], key: &str) -> String {
    let mut path = above.to_vec();
    path.push(key);
    path.join(".")
}

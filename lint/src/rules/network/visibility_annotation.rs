//! An annotation that asks for visibility of requests, which nothing reads.

use serde_json::Value;
use ztgit_plugin::{Severity, pointer};

use crate::finding::Found;
use crate::json;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "visibility-annotation",
    severity: Severity::Warning,
    text: include_str!("visibility_annotation.md"),
    find,
};

const KEYS: [&str; 2] = [
    "policy.cilium.io/proxy-visibility",
    "io.cilium.proxy-visibility",
];

/// Where pods, and what makes pods, have annotations.
const PLACES: [&str; 3] = [
    "/metadata/annotations",
    "/spec/template/metadata/annotations",
    "/spec/jobTemplate/spec/template/metadata/annotations",
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    subject
        .spots()
        .filter_map(|spot| {
            let pointer = annotation(spot.object.value)?;
            Some(spot.finding(
                &pointer,
                "nothing reads this annotation any more",
                "remove it: a rule about requests, or about names on port 53, makes them visible",
            ))
        })
        .collect()
}

fn annotation(object: &Value) -> Option<String> {
    let places = PLACES.into_iter();
    let mut found = places.filter_map(|place| {
        let annotations = json::at(object, place)?;
        let key = KEYS.iter().find(|key| annotations.get(key).is_some())?;
        let mut pointer = place.to_owned();
        pointer::push(&mut pointer, key);
        Some(pointer)
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Lint;

    fn deployment(annotations: &Value) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "api", "namespace": "my-app"},
            "spec": {"template": {"metadata": {"annotations": annotations}}}
        })
    }

    #[test]
    fn the_annotation_is_found_on_what_makes_pods() {
        let asked = json!({"policy.cilium.io/proxy-visibility": "<Egress/53/UDP/DNS>"});
        Lint::homelab()
            .object(deployment(&asked))
            .finds(super::RULE, "Deployment/my-app/api");
    }

    #[test]
    fn others_are_not() {
        Lint::homelab()
            .object(deployment(&json!({"policy.cilium.io/other": "x"})))
            .passes(super::RULE);
    }
}

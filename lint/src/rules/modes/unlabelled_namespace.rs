//! A namespace does not carry its mode.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "unlabelled-namespace",
    severity: Severity::Warning,
    text: include_str!("unlabelled_namespace.md"),
    find,
};

const LABEL: &str = "ztgit.dev/mode";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    subject
        .of_kind("", "Namespace")
        // Of these only labels are set, on an object that is somebody else's.
        .filter(|spot| spot.object.value.pointer("/metadata/annotations").is_none())
        .filter(|spot| spot.object.value["metadata"]["labels"].get(LABEL).is_none())
        .map(|spot| {
            spot.finding(
                "/metadata/labels",
                format!("it has no label `{LABEL}`, so nobody sees how far its policy goes"),
                "declare the namespace with a mode",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Lint;

    fn namespace(labels: &serde_json::Value) -> serde_json::Value {
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo", "labels": labels}})
    }

    #[test]
    fn a_namespace_without_the_label_is_found() {
        Lint::homelab()
            .object(namespace(&json!({"team": "x"})))
            .finds(super::RULE, "Namespace/demo");
    }

    #[test]
    fn a_namespace_with_it_is_not() {
        Lint::homelab()
            .object(namespace(&json!({"ztgit.dev/mode": "audit"})))
            .passes(super::RULE);
    }
}

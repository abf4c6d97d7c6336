//! A selector uses a label that nothing has.

use std::collections::BTreeSet;
use std::slice;

use ztgit_plugin::Severity;
use ztgit_policy::Pointer;
use ztgit_policy::model::{
    LabelKey, Matcher, PeerSelector, Requirement, Selector, Source, well_known,
};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot::{self, RuleSpot, Spot};
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "unknown-label",
    severity: Severity::Warning,
    text: include_str!("unknown_label.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::rules(subject)
        .flat_map(|spot| {
            let selectors = selectors(&spot);
            selectors
                .into_iter()
                .flat_map(move |selector| problems(&spot, selector))
        })
        .collect()
}

/// The selectors that select in namespaces whose pods are all known.
fn selectors<'s>(spot: &RuleSpot<'s>) -> Vec<&'s Selector> {
    let inventory = spot.subject.inventory();
    let namespace = spot.policy.namespace.as_deref();
    let own = spot.rule.endpoint_selector.iter();
    let own = own.filter(|_| namespace.is_some_and(|name| inventory.is_complete(name)));
    let peers = spot.entries().flat_map(Spot::peers);
    let peers = peers.filter_map(|(peer, matchers)| {
        let (PeerSelector::Endpoints(selector)
        | PeerSelector::Pods {
            pods: Some(selector),
            ..
        }) = &peer.selector
        else {
            return None;
        };
        let known = matchers
            .iter()
            .all(|matcher| is_within_known(spot.subject, matcher));
        known.then_some(selector)
    });
    own.chain(peers).collect()
}

fn is_within_known(subject: &Subject<'_>, matcher: &Matcher) -> bool {
    matcher.requirements().iter().any(|requirement| {
        let Requirement::In(key, namespaces) = requirement else {
            return false;
        };
        is_name_of_namespace(key.key())
            && namespaces
                .iter()
                .all(|name| subject.inventory().is_complete(name))
    })
}

fn is_name_of_namespace(key: &str) -> bool {
    let label = key.strip_prefix(well_known::NAMESPACE_LABELS);
    key == well_known::NAMESPACE || label == Some(".kubernetes.io/metadata.name")
}

fn problems(spot: &RuleSpot<'_>, selector: &Selector) -> Vec<Found> {
    let unknown = unknown(spot.subject, selector).into_iter();
    unknown
        .map(|label| {
            let message = format!("nothing in the stack has the label `{}`", label.text);
            let hint = label.nearest(spot.subject);
            spot.finding(&label.pointer, message, hint)
        })
        .collect()
}

struct Unknown {
    pointer: Pointer,
    text: String,
}

/// Whether a selector uses a label that nothing has.
pub(super) fn has_unknown(subject: &Subject<'_>, selector: &Selector) -> bool {
    !unknown(subject, selector).is_empty()
}

fn unknown(subject: &Subject<'_>, selector: &Selector) -> Vec<Unknown> {
    let labels = selector.match_labels.iter();
    let labels = labels
        .filter(|(key, value)| !is_known(subject, key, slice::from_ref(*value)))
        .map(|(key, value)| Unknown {
            pointer: selector.label_pointer(key),
            text: format!("{key}={value}"),
        });
    let expressions = selector.match_expressions.iter();
    let expressions = expressions.filter_map(|expression| {
        let asked = expression.operator == "In";
        let values = if asked { &expression.values[..] } else { &[] };
        (!is_known(subject, &expression.key, values)).then(|| Unknown {
            pointer: expression.pointer.clone(),
            text: match values {
                [value] => format!("{}={value}", expression.key),
                _ => expression.key.clone(),
            },
        })
    });
    labels.chain(expressions).collect()
}

/// Labels that Cilium or Kubernetes sets are nobody's to declare, and service
/// accounts have a rule of their own.
fn is_checked(written: &str) -> bool {
    let (source, bare) = LabelKey::split(written, Source::Any);
    let prefix = bare.split_once('/').map_or("", |(prefix, _)| prefix);
    matches!(source, Source::Any | Source::K8s)
        && !bare.starts_with("io.kubernetes.")
        && !bare.starts_with("io.cilium.")
        && !matches!(
            bare,
            "pod-template-hash" | "controller-revision-hash" | "job-name"
        )
        && (!prefix.ends_with("kubernetes.io") || prefix == "app.kubernetes.io")
}

/// Whether any pod has the key, with one of the values where values are asked for; also
/// where the key is not for pods to have.
fn is_known(subject: &Subject<'_>, key: &str, values: &[String]) -> bool {
    let (_, bare) = LabelKey::split(key, Source::Any);
    let known = || subject.inventory().values(bare);
    let has_one = |known: &BTreeSet<String>| values.iter().any(|value| known.contains(value));
    !is_checked(key) || known().is_some_and(|known| values.is_empty() || has_one(known))
}

impl Unknown {
    fn nearest(&self, subject: &Subject<'_>) -> String {
        let known = subject.inventory().labels();
        let known: Vec<String> = known
            .filter(|(key, _)| is_checked(key))
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let written = self.text.strip_prefix("k8s:").unwrap_or(&self.text);
        let distance = |text: &String| strsim::damerau_levenshtein(text, written);
        let nearest = known.iter().min_by_key(|text| distance(text));
        match nearest.filter(|text| distance(text) <= written.len().div_ceil(3)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "correct it, or declare the workload that has it".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn between(from: &serde_json::Value, to: &serde_json::Value) -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": to},
            "ingress": [{"fromEndpoints": [{"matchLabels": from}]}]
        }))
    }

    #[test]
    fn a_misspelt_label_is_found_at_either_end() {
        let (right, wrong) = (json!({"app": "my-api"}), json!({"app": "my-apu"}));
        Lint::homelab()
            .object(between(&right, &wrong))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(between(&wrong, &right))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn labels_of_workloads_and_of_unknown_namespaces_are_not() {
        let elsewhere = json!({"k8s:io.kubernetes.pod.namespace": "monitoring", "app": "grafana"});
        Lint::homelab()
            .object(between(
                &json!({"k8s:app": "my-frontend"}),
                &json!({"app": "my-api"}),
            ))
            .object(between(&elsewhere, &json!({"any:app": "my-api"})))
            .passes(super::RULE);
    }

    #[test]
    fn labels_that_nobody_declares_are_left_alone() {
        Lint::homelab()
            .object(between(
                &json!({"io.cilium.k8s.policy.serviceaccount": "api"}),
                &json!({"statefulset.kubernetes.io/pod-name": "db-0"}),
            ))
            .passes(super::RULE);
    }
}

//! Flux may put something else in the place of a text.

use serde_json::Value;
use ztgit_plugin::Severity;
use ztgit_plugin::pointer::pointer;

use crate::finding::Found;
use crate::json::text;
use crate::rule::Rule;
use crate::subject::{Object, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "substituted-text",
    severity: Severity::Error,
    text: include_str!("substituted_text.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut kustomizations = subject.of_kind("kustomize.toolkit.fluxcd.io", "Kustomization");
    let substitutes =
        kustomizations.any(|spot| spot.object.value.pointer("/spec/postBuild").is_some());
    // Without `postBuild` nothing is replaced yet.
    let severity = if substitutes {
        Severity::Error
    } else {
        Severity::Info
    };
    subject
        .spots()
        .filter(|spot| !is_spared(spot.object))
        .filter_map(|spot| {
            let (name, path) = variable(spot.object.value)?;
            let at = pointer(path.iter().rev().map(String::as_str));
            let message = format!("Flux replaces `${{{name}}}` where its Kustomization has `postBuild`");
            let hint = "annotate it with `kustomize.toolkit.fluxcd.io/substitute: disabled`, or write `$${`";
            Some(spot.finding(&at, message, hint).severity(severity))
        })
        .collect()
}

const SPARING: [&str; 2] = [
    "/metadata/annotations/kustomize.toolkit.fluxcd.io~1substitute",
    "/metadata/labels/kustomize.toolkit.fluxcd.io~1substitute",
];

fn is_spared(object: &Object<'_>) -> bool {
    let mut keys = SPARING.iter();
    keys.any(|at| text(object.value, at) == "disabled")
}

/// The first variable in any text, and the way from it to the whole.
fn variable(value: &Value) -> Option<(&str, Vec<String>)> {
    let found = match value {
        Value::String(text) => return Some((name(text)?, Vec::new())),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| Some((variable(item)?, index.to_string())))
        }
        Value::Object(fields) => {
            let mut fields = fields.iter();
            fields.find_map(|(key, field)| Some((variable(field)?, key.clone())))
        }
        _ => None,
    };
    let ((name, mut path), key) = found?;
    path.push(key);
    Some((name, path))
}

/// The name in `${name}`, `${name:=…}` and their like; none where it is escaped.
fn name(text: &str) -> Option<&str> {
    // Most texts have none at all.
    if !text.as_bytes().contains(&b'$') {
        return None;
    }
    let mut from = 0;
    while let Some(found) = text[from..].find('$') {
        let start = from + found;
        from = start + 1;
        let Some(rest) = text[from..].strip_prefix('{') else {
            continue;
        };
        let part = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let end = rest
            .find(|character| !part(character))
            .unwrap_or(rest.len());
        let begins = rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if begins && !text[..start].ends_with('$') {
            return Some(&rest[..end]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use ztgit_plugin::Severity;

    use crate::testing::Lint;

    const SCRIPT: &str = "ConfigMap/my-app/script";

    fn script(text: &str, annotations: &Value) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "script", "namespace": "my-app", "annotations": annotations},
            "data": {"run.sh": text}
        })
    }

    fn substituting(object: Value) -> Lint {
        let kustomization = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": {"name": "apps", "namespace": "flux-system"},
            "spec": {"postBuild": {"substitute": {"HOME": "x"}}}
        });
        Lint::homelab().object(kustomization).object(object)
    }

    #[test]
    fn a_variable_that_flux_replaces_is_found() {
        substituting(script("echo ${HOME}", &json!({}))).finds_of(
            super::RULE,
            SCRIPT,
            Severity::Error,
        );
    }

    #[test]
    fn without_substitution_it_is_merely_told() {
        let lint = Lint::homelab().object(script("echo ${HOME}", &json!({})));
        lint.finds_of(super::RULE, SCRIPT, Severity::Info);
    }

    #[test]
    fn what_is_spared_or_escaped_is_fine() {
        let spared = json!({"kustomize.toolkit.fluxcd.io/substitute": "disabled"});
        substituting(script("echo ${HOME}", &spared)).passes(super::RULE);
        substituting(script("echo $${HOME} $HOME ${1}", &json!({}))).passes(super::RULE);
    }
}

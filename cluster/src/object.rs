//! Reading Kubernetes objects that are just JSON.

use serde_json::{Map, Value};

use crate::report::ObjectRef;

/// The labels that kustomize-controller puts on everything it applies.
pub(crate) const OWNER_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
pub(crate) const OWNER_NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";

/// The group of Flux's Kustomization.
pub(crate) const KUSTOMIZE_GROUP: &str = "kustomize.toolkit.fluxcd.io";

/// Group and version of an object.
pub(crate) fn group_version(object: &Value) -> (&str, &str) {
    let text = object["apiVersion"].as_str().unwrap_or_default();
    text.split_once('/').unwrap_or(("", text))
}

/// What identifies an object, if it has a kind and a name.
pub(crate) fn identity(object: &Value) -> Option<ObjectRef> {
    let text = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Some(ObjectRef {
        group: group_version(object).0.to_owned(),
        kind: text(&object["kind"])?,
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"])?,
    })
}

/// A label's value.
pub(crate) fn label<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["labels"][name].as_str()
}

/// Whether a label or an annotation has this value, in whatever case: so Flux
/// reads its own.
pub(crate) fn says(object: &Value, name: &str, value: &str) -> bool {
    ["labels", "annotations"].iter().any(|place| {
        object["metadata"][*place][name]
            .as_str()
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    })
}

/// A field that has to be an object, made where it is missing.
pub(crate) fn fields_of<'a>(
    parent: &'a mut Value,
    name: &str,
) -> Option<&'a mut Map<String, Value>> {
    let field = parent.as_object_mut()?.entry(name).or_insert(Value::Null);
    if field.is_null() {
        *field = Value::Object(Map::new());
    }
    field.as_object_mut()
}

/// Whether another object is named as the one that made this one.
pub(crate) fn is_controlled(object: &Value) -> bool {
    let owners = object["metadata"]["ownerReferences"].as_array();
    owners
        .into_iter()
        .flatten()
        .any(|owner| owner["controller"] == true)
}

/// A JSON pointer's next segment.
pub(crate) fn segment(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

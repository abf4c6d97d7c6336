//! An object as kustomize-controller sends it.
//!
//! Enters: an object of git and the unit that applies it. Leaves: the same, in
//! the form that Flux gives it before it applies.
//! <https://github.com/fluxcd/pkg/blob/main/ssa/normalize/normalize.go>

use k8s_openapi::ByteString;
use serde_json::{Map, Value};

use crate::flux::Unit;
use crate::object::{OWNER_NAME, OWNER_NAMESPACE, fields_of, identity};

/// What SOPS puts in the place of a value.
const ENCRYPTED: &str = "ENC[";

/// The object that Flux would apply, if it is one.
pub(crate) fn prepared(object: &Value, unit: &Unit) -> Value {
    let mut prepared = object.clone();
    normalise(&mut prepared);
    for place in ["labels", "annotations"] {
        if let Some(common) = unit.common_metadata(place) {
            extend(&mut prepared, place, common);
        }
    }
    let mut owner = Map::new();
    owner.insert(OWNER_NAME.to_owned(), unit.name.name.clone().into());
    owner.insert(
        OWNER_NAMESPACE.to_owned(),
        unit.name.namespace.clone().into(),
    );
    extend(&mut prepared, "labels", &owner);
    prepared
}

/// Whether the values of an object are encrypted: Flux has the key, this has not.
pub(crate) fn is_encrypted(object: &Value) -> bool {
    object["sops"].is_object()
}

/// Whether a value is an encrypted one.
pub(crate) fn is_ciphertext(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with(ENCRYPTED))
}

fn extend(object: &mut Value, place: &str, entries: &Map<String, Value>) {
    let metadata = object.get_mut("metadata");
    if let Some(fields) = metadata.and_then(|metadata| fields_of(metadata, place)) {
        fields.extend(entries.clone());
    }
}

fn normalise(object: &mut Value) {
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    if kind != "CustomResourceDefinition"
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("creationTimestamp");
    }
    match kind.as_str() {
        "Secret" if identity(object).is_some_and(|secret| secret.is_secret()) => encode(object),
        "Service" => default_protocols(object.pointer_mut("/spec/ports")),
        "Pod" => containers(object.pointer_mut("/spec")),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => {
            containers(object.pointer_mut("/spec/template/spec"));
        }
        "CronJob" => containers(object.pointer_mut("/spec/jobTemplate/spec/template/spec")),
        _ => {}
    }
    if is_encrypted(object)
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("sops");
    }
}

/// The server merges `stringData` only when it writes: Flux does it itself.
fn encode(secret: &mut Value) {
    let is_encrypted = is_encrypted(secret);
    let Some(fields) = secret.as_object_mut() else {
        return;
    };
    let Some(Value::Object(texts)) = fields.remove("stringData") else {
        return;
    };
    let encoded = |value: Value| match value {
        Value::String(text) if !is_encrypted => {
            serde_json::to_value(ByteString(text.into_bytes())).expect("it becomes a string")
        }
        other => other,
    };
    if let Some(data) = fields_of(secret, "data") {
        data.extend(
            texts
                .into_iter()
                .map(|(name, value)| (name, encoded(value))),
        );
    }
}

fn containers(pod: Option<&mut Value>) {
    let containers = pod.and_then(|pod| pod.get_mut("containers"));
    for container in containers
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        default_protocols(container.get_mut("ports"));
    }
}

/// A port without its protocol, which is one of its keys, would be another port.
fn default_protocols(ports: Option<&mut Value>) {
    for port in ports.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(fields) = port.as_object_mut() {
            fields.entry("protocol").or_insert_with(|| "TCP".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unit(spec: &Value) -> Unit {
        let metadata = json!({"namespace": "flux-system", "name": "base-bundle"});
        Unit::of(json!({"metadata": metadata, "spec": spec}))
    }

    #[test]
    fn the_owner_is_labelled_over_whatever_is_there() {
        let object = json!({"kind": "X", "metadata": {"name": "x", "labels": {OWNER_NAME: "other"}},
            "status": {}});
        let spec = json!({"commonMetadata": {"annotations": {"team": "net"}}});
        let expected = json!({"kind": "X", "metadata": {"name": "x",
            "labels": {OWNER_NAME: "base-bundle", OWNER_NAMESPACE: "flux-system"},
            "annotations": {"team": "net"}}});
        assert_eq!(prepared(&object, &unit(&spec)), expected);
    }

    #[test]
    fn text_of_a_secret_becomes_data() {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
            "stringData": {"a": "hunter2"}, "data": {"b": "eA=="}});
        let prepared = prepared(&secret, &unit(&json!({})));
        assert_eq!(prepared["data"], json!({"a": "aHVudGVyMg==", "b": "eA=="}));
        assert!(prepared.get("stringData").is_none());
    }

    #[test]
    fn what_sops_adds_is_not_sent_whatever_the_kind() {
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"},
            "data": {"a": "ENC[AES256_GCM,data:x]"}, "sops": {"mac": "ENC[y]"}});
        let prepared = prepared(&object, &unit(&json!({})));
        assert!(prepared.get("sops").is_none());
        assert_eq!(prepared["data"], object["data"]);
    }

    #[test]
    fn ports_have_a_protocol() {
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
            "spec": {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 80}]}});
        let prepared = prepared(&service, &unit(&json!({})));
        assert_eq!(prepared["spec"]["ports"][0]["protocol"], "UDP");
        assert_eq!(prepared["spec"]["ports"][1]["protocol"], "TCP");
    }
}

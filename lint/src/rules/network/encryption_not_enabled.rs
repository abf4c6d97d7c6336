//! A kind of encryption is chosen and encryption is off.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::{Found, Place};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "encryption-not-enabled",
    severity: Severity::Error,
    text: include_str!("encryption_not_enabled.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((index, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    let encryption = &values["encryption"];
    let Some(kind) = encryption["type"].as_str() else {
        return Vec::new();
    };
    if encryption["enabled"] == Value::Bool(true) {
        return Vec::new();
    }
    vec![Found::new(
        subject.object(index).id(),
        Place::Object(index, "/spec/values/encryption".to_owned()),
        format!("encryption of type `{kind}` is chosen, and encryption is not enabled"),
        "set `encryption.enabled: true` beside the type",
    )]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Lint;

    fn release(encryption: &serde_json::Value) -> serde_json::Value {
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "cilium", "namespace": "kube-system"},
            "spec": {"releaseName": "cilium", "values": {"encryption": encryption}}
        })
    }

    #[test]
    fn a_type_without_enabled_is_found() {
        Lint::homelab()
            .object(release(&json!({"type": "wireguard"})))
            .finds(super::RULE, "HelmRelease/kube-system/cilium");
    }

    #[test]
    fn a_type_that_is_enabled_is_not() {
        Lint::homelab()
            .object(release(&json!({"type": "wireguard", "enabled": true})))
            .passes(super::RULE);
    }
}

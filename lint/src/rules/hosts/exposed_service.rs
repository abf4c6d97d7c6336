//! A Service is reached on the nodes past their firewall.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::json::{list, text};
use crate::rule::Rule;
use crate::spot::ObjectSpot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "exposed-service",
    severity: Severity::Error,
    text: include_str!("exposed_service.md"),
    find,
};

const HINT: &str = "use a ClusterIP and a route through a Gateway";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for service in subject.of_kind("", "Service") {
        let kind = text(service.object.value, "/spec/type");
        if is_exposed(kind) {
            found.push(exposed(service, "/spec/type", kind));
        }
        if !list(service.object.value, "/spec/externalIPs").is_empty() {
            found.push(exposed(service, "/spec/externalIPs", "externalIPs"));
        }
    }
    for release in subject.of_kind("helm.toolkit.fluxcd.io", "HelmRelease") {
        if let Some(values) = release.object.value.pointer("/spec/values") {
            in_values(
                values,
                &mut "/spec/values".to_owned(),
                &mut |pointer, kind| {
                    found.push(exposed(release, pointer, kind));
                },
            );
        }
    }
    found
}

fn exposed(spot: ObjectSpot<'_>, pointer: &str, kind: &str) -> Found {
    let message =
        format!("a Service by {kind} is translated before the nodes' firewall sees the packets");
    spot.finding(pointer, message, HINT)
}

fn is_exposed(kind: &str) -> bool {
    matches!(kind, "NodePort" | "LoadBalancer")
}

/// Charts have a Service's type under `service.type`, at whatever depth.
fn in_values(values: &Value, pointer: &mut String, tell: &mut impl FnMut(&str, &str)) {
    for (key, value) in values.as_object().into_iter().flatten() {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        let kind = text(value, "/type");
        if key.to_ascii_lowercase().ends_with("service") && is_exposed(kind) {
            tell(&format!("{pointer}/type"), kind);
        }
        in_values(value, pointer, tell);
        pointer.truncate(length);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Lint;

    fn service(spec: &Value) -> Lint {
        Lint::homelab().object(json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "my-app"},
            "spec": spec
        }))
    }

    fn release(values: &Value) -> Lint {
        Lint::homelab().object(json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "app", "namespace": "my-app"},
            "spec": {"values": values}
        }))
    }

    #[test]
    fn a_service_outside_the_cluster_is_found() {
        for spec in [
            json!({"type": "NodePort"}),
            json!({"type": "LoadBalancer"}),
            json!({"externalIPs": ["192.168.1.10"]}),
        ] {
            service(&spec).finds(super::RULE, "Service/my-app/web");
        }
    }

    #[test]
    fn a_chart_that_makes_one_is_found() {
        release(&json!({"web": {"service": {"type": "NodePort"}}}))
            .finds(super::RULE, "HelmRelease/my-app/app");
    }

    #[test]
    fn a_service_inside_is_fine() {
        service(&json!({"type": "ClusterIP"})).passes(super::RULE);
        service(&json!({})).passes(super::RULE);
        release(&json!({"service": {"type": "ClusterIP"}})).passes(super::RULE);
    }
}

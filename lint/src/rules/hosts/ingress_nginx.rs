//! Something still depends on ingress-nginx.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::json::text;
use crate::rule::Rule;
use crate::subject::{Object, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "ingress-nginx",
    severity: Severity::Warning,
    text: include_str!("ingress_nginx.md"),
    find,
};

const ANNOTATION: &str = "/metadata/annotations/kubernetes.io~1ingress.class";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    subject
        .spots()
        .filter_map(|spot| {
            let (pointer, message) = dependence(spot.object)?;
            let hint = "serve the host through a Gateway and an HTTPRoute";
            Some(spot.finding(pointer, message, hint))
        })
        .collect()
}

fn dependence(object: &Object<'_>) -> Option<(&'static str, &'static str)> {
    let is = |pointer, value| text(object.value, pointer) == value;
    let ingress = "the Ingress is for ingress-nginx, which nobody maintains any more";
    match object.kind() {
        "Ingress" if is("/spec/ingressClassName", "nginx") => {
            Some(("/spec/ingressClassName", ingress))
        }
        "Ingress" if is(ANNOTATION, "nginx") => Some((ANNOTATION, ingress)),
        "HelmRelease" if is("/spec/chart/spec/chart", "ingress-nginx") => Some((
            "/spec/chart/spec/chart",
            "the release installs ingress-nginx, which nobody maintains any more",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Lint;

    fn ingress(class: &str) -> Value {
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "web", "namespace": "my-app"},
            "spec": {"ingressClassName": class}
        })
    }

    #[test]
    fn an_ingress_of_its_class_is_found() {
        let lint = Lint::homelab().object(ingress("nginx"));
        lint.finds(super::RULE, "Ingress/my-app/web");
    }

    #[test]
    fn its_chart_is_found() {
        let release = json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "edge", "namespace": "edge"},
            "spec": {"chart": {"spec": {"chart": "ingress-nginx"}}}
        });
        Lint::homelab()
            .object(release)
            .finds(super::RULE, "HelmRelease/edge/edge");
    }

    #[test]
    fn an_ingress_of_another_class_is_fine() {
        Lint::homelab()
            .object(ingress("cilium"))
            .passes(super::RULE);
    }
}

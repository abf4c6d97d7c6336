//! What runs may change without a commit.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::json::{list, text};
use crate::rule::Rule;
use crate::subject::{Object, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "floating-version",
    severity: Severity::Warning,
    text: include_str!("floating_version.md"),
    find,
};

/// Tags that are moved on purpose.
const MOVING: [&str; 6] = ["latest", "main", "master", "edge", "nightly", "dev"];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    subject
        .spots()
        .flat_map(|spot| {
            let found = floating(spot.object).into_iter();
            found.map(move |(pointer, message, hint)| spot.finding(&pointer, message, hint))
        })
        .collect()
}

type Floating = (String, String, &'static str);

fn floating(object: &Object<'_>) -> Vec<Floating> {
    let template = match (object.group(), object.kind()) {
        ("", "Pod") => "",
        ("batch", "CronJob") => "/spec/jobTemplate/spec/template",
        (_, "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "StatefulSet") => "/spec/template",
        ("source.toolkit.fluxcd.io", "OCIRepository") => return artifact(object.value),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            return chart(object.value, "/spec/chart/spec", "/version");
        }
        ("helm.cattle.io", "HelmChart") => return chart(object.value, "/spec", "/version"),
        _ => return Vec::new(),
    };
    images(object.value, template)
}

fn images(value: &Value, template: &str) -> Vec<Floating> {
    let lists = ["containers", "initContainers"].into_iter();
    lists
        .flat_map(|name| {
            let at = format!("{template}/spec/{name}");
            let containers = list(value, &at).iter().enumerate();
            let images = containers.map(move |(index, container)| {
                (format!("{at}/{index}/image"), text(container, "/image"))
            });
            images.collect::<Vec<_>>()
        })
        .filter(|(_, image)| !image.is_empty() && moves(image))
        .map(|(pointer, image)| {
            let message = format!("image `{image}` may be another one tomorrow");
            (pointer, message, "name a version, or better a digest")
        })
        .collect()
}

fn moves(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split_once(':')
        .is_none_or(|(_, tag)| MOVING.contains(&tag))
}

fn artifact(value: &Value) -> Vec<Floating> {
    let reference = &value["spec"]["ref"];
    let tag = reference["tag"].as_str();
    let fixed = reference["digest"].is_string()
        || (reference["semver"].is_null() && tag.is_some_and(|tag| !MOVING.contains(&tag)));
    let found = (!fixed).then(|| {
        (
            "/spec/ref".to_owned(),
            "the artifact may be another one tomorrow".to_owned(),
            "name a `tag` that is a version, or a `digest`",
        )
    });
    found.into_iter().collect()
}

/// A version with less than three parts, or none, is a range to Helm.
fn chart(value: &Value, at: &str, version: &str) -> Vec<Floating> {
    if text(value, &format!("{at}/chart")).is_empty() {
        return Vec::new();
    }
    let pointer = format!("{at}{version}");
    let version = text(value, &pointer);
    let number = version.trim_start_matches('v');
    let number = number.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = number.split('.').collect();
    let exact = parts.len() == 3 && parts.iter().all(|part| part.parse::<u64>().is_ok());
    let found = (!exact).then(|| {
        let message = match version {
            "" => "the newest version of the chart is taken, whichever that is".to_owned(),
            range => format!("the newest version of the chart within `{range}` is taken"),
        };
        (pointer, message, "name one version, such as `1.20.2`")
    });
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Lint;

    fn deployment(image: &str) -> Lint {
        Lint::homelab().object(json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "my-app"},
            "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}}
        }))
    }

    fn source(reference: &Value) -> Lint {
        Lint::homelab().object(json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "OCIRepository",
            "metadata": {"name": "chart", "namespace": "my-app"},
            "spec": {"ref": reference}
        }))
    }

    fn release(version: &Value) -> Lint {
        Lint::homelab().object(json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "app", "namespace": "my-app"},
            "spec": {"chart": {"spec": {"chart": "app", "version": version}}}
        }))
    }

    #[test]
    fn an_image_without_a_version_is_found() {
        for image in ["nginx", "registry:5000/team/web", "nginx:latest"] {
            deployment(image).finds(super::RULE, "Deployment/my-app/web");
        }
    }

    #[test]
    fn an_image_with_one_is_fine() {
        for image in [
            "nginx:1.29.1",
            "registry:5000/team/web:2",
            "nginx@sha256:00",
        ] {
            deployment(image).passes(super::RULE);
        }
    }

    #[test]
    fn an_artifact_by_a_range_is_found() {
        for reference in [
            json!({"semver": "1.x"}),
            json!({"tag": "latest"}),
            json!({}),
        ] {
            source(&reference).finds(super::RULE, "OCIRepository/my-app/chart");
        }
        source(&json!({"tag": "1.20.2"})).passes(super::RULE);
        source(&json!({"digest": "sha256:00"})).passes(super::RULE);
    }

    #[test]
    fn a_chart_by_a_range_is_found() {
        for version in [Value::Null, "1.20".into(), ">=1.20.0".into(), "*".into()] {
            release(&version).finds(super::RULE, "HelmRelease/my-app/app");
        }
        release(&"v1.20.2-rc.1".into()).passes(super::RULE);
    }
}

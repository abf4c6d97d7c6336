//! cert-manager's real chart under the values that are rendered.
//!
//! The chart lies in cert-manager's Go module. Slow, and ignored unless asked
//! for: the first run builds Helm.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use ztgit_test_support::{go, said, scratch};

use crate::built_in::BuiltIn;
use crate::helm::helm;
use crate::{dns01, render};

/// The last that has the switch under its older name.
const OLDER: &str = "v1.20.2";

/// Everything that the chart makes of the values.
fn template(test: &str, patch: &Value) -> Option<Vec<Value>> {
    let helm = helm()?;
    let rendered = render(patch);
    let source = rendered.object("OCIRepository", "cert-manager");
    let chart = chart(test, source["spec"]["ref"]["tag"].as_str().unwrap())?;
    let release = rendered.object("HelmRelease", "cert-manager");
    let values = scratch(test).join("values.json");
    fs::write(&values, release["spec"]["values"].to_string()).unwrap();
    let output = Command::new(helm)
        .args(["template", "cert-manager"])
        .arg(chart)
        .args(["--namespace", "cert-manager", "--values"])
        .arg(values)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    Some(documents(&String::from_utf8(output.stdout).unwrap()))
}

/// A copy of the chart. Older modules have its `Chart.yaml` as a template for
/// their release alone.
fn chart(test: &str, version: &str) -> Option<PathBuf> {
    let module = go::module(&format!("github.com/cert-manager/cert-manager@{version}"))?;
    let module = module.join("deploy/charts/cert-manager");
    let copy = scratch(test).join("chart");
    let copied = Command::new("cp")
        .args(["--recursive", "--no-target-directory", "--no-preserve=mode"])
        .args([&module, &copy])
        .status();
    assert!(copied.unwrap().success());
    let (template, chart) = (copy.join("Chart.template.yaml"), copy.join("Chart.yaml"));
    if !chart.exists() {
        fs::rename(template, chart).unwrap();
    }
    Some(copy)
}

fn documents(text: &str) -> Vec<Value> {
    let options = serde_saphyr::options! { budget: None };
    let documents = serde_saphyr::from_multiple_with_options(text, options);
    let documents: Vec<Value> = documents.unwrap();
    documents
        .into_iter()
        .filter(|each| !each.is_null())
        .collect()
}

/// The configuration that the controller's pod reads.
fn controller(objects: &[Value]) -> Value {
    let mut maps = objects.iter().filter(|each| each["kind"] == "ConfigMap");
    let text = maps.find_map(|map| map["data"]["config.yaml"].as_str());
    serde_saphyr::from_str(text.expect("the chart writes the configuration")).unwrap()
}

fn count(objects: &[Value], kind: &str) -> usize {
    objects.iter().filter(|each| each["kind"] == kind).count()
}

#[test]
#[ignore = "builds Helm and fetches the chart"]
fn the_real_chart_watches_gateways_and_brings_its_definitions() {
    let Some(objects) = template(
        "the_real_chart_watches_gateways_and_brings_its_definitions",
        &json!({}),
    ) else {
        return;
    };
    assert_eq!(controller(&objects)["gatewayAPI"]["enabled"], true);
    assert_eq!(count(&objects, "CustomResourceDefinition"), 6);
    let definitions = objects
        .iter()
        .filter(|each| each["kind"] == "CustomResourceDefinition");
    for definition in definitions {
        let kept = &definition["metadata"]["annotations"]["helm.sh/resource-policy"];
        assert_eq!(kept, "keep", "{}", definition["metadata"]["name"]);
    }
}

#[test]
#[ignore = "builds Helm and fetches the chart"]
fn the_older_chart_takes_the_switch_under_its_older_name() {
    let Some(objects) = template(
        "the_older_chart_takes_the_switch_under_its_older_name",
        &json!({"certManager": {"version": OLDER}}),
    ) else {
        return;
    };
    assert_eq!(controller(&objects)["enableGatewayAPI"], true);
}

#[test]
#[ignore = "builds Helm and fetches the chart"]
fn the_real_chart_passes_the_way_that_records_are_checked_on() {
    let Some(objects) = template(
        "the_real_chart_passes_the_way_that_records_are_checked_on",
        &dns01::two_hosts(),
    ) else {
        return;
    };
    let deployments = objects.iter().filter(|each| each["kind"] == "Deployment");
    let arguments: Vec<_> = deployments
        .filter(|each| each["metadata"]["name"] == "cert-manager")
        .map(|each| each["spec"]["template"]["spec"]["containers"][0]["args"].clone())
        .collect();
    let flag = "--dns01-recursive-nameservers-only";
    assert!(arguments[0].to_string().contains(flag), "{arguments:?}");
}

/// The flows of this plugin name pods by these labels and ports.
#[test]
#[ignore = "builds Helm and fetches the chart"]
fn the_real_charts_pods_are_those_that_flows_are_for() {
    let Some(objects) = template(
        "the_real_charts_pods_are_those_that_flows_are_for",
        &json!({}),
    ) else {
        return;
    };
    let labels = |component: &str| {
        objects.iter().any(|each| {
            let labels = &each["spec"]["template"]["metadata"]["labels"];
            labels["app.kubernetes.io/instance"] == "cert-manager"
                && labels["app.kubernetes.io/component"] == component
        })
    };
    assert!(labels("controller") && labels("webhook"));
    let webhook = objects
        .iter()
        .find(|each| {
            each["kind"] == "Deployment" && each["metadata"]["name"] == "cert-manager-webhook"
        })
        .unwrap();
    let ports = &webhook["spec"]["template"]["spec"]["containers"][0]["ports"];
    assert_eq!(ports[0]["containerPort"], 10250);
}

#[test]
#[ignore = "builds Helm and fetches the chart"]
fn the_real_charts_objects_are_valid() {
    let Some(objects) = template("the_real_charts_objects_are_valid", &json!({})) else {
        return;
    };
    let built_in = BuiltIn::new();
    assert!(objects.len() > 40, "{}", objects.len());
    for object in objects {
        assert_eq!(built_in.problems(&object), [""; 0], "{object:#}");
    }
}

//! Cilium's release in every stack, rendered by helm from the real chart.
//!
//! Slow where the chart's Go module has to be fetched first.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use ztgit_test_support::{go, require_tool, said};

use crate::rendered::{Place, Rendered};

/// The chart of a release, from the module that it is published with.
fn chart(version: &str) -> Option<PathBuf> {
    let module = go::module(&format!("github.com/cilium/cilium@v{version}"))?;
    Some(module.join("install/kubernetes/cilium"))
}

/// The objects of a stream of documents.
fn documents(yaml: &str) -> Vec<Value> {
    let options = serde_saphyr::options! { budget: None };
    serde_saphyr::from_multiple_with_options(yaml, options).unwrap()
}

/// Version and values of the release in a unit's directory.
fn release(unit: &Place) -> (String, Value) {
    let files = unit.files_below();
    let objects = files
        .iter()
        .flat_map(|name| documents(&std::fs::read_to_string(unit.path.join(name)).unwrap()));
    let (mut version, mut values) = (None, None);
    for object in objects {
        match object["kind"].as_str() {
            Some("OCIRepository") => {
                version = object["spec"]["ref"]["tag"].as_str().map(str::to_owned);
            }
            Some("HelmRelease") => values = Some(object["spec"]["values"].clone()),
            _ => {}
        }
    }
    (version.unwrap(), values.unwrap())
}

/// What the agents are told, after helm has rendered the release.
fn settings(helm: &Path, chart: &Path, values: &Value) -> Value {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("values.json");
    std::fs::write(&file, values.to_string()).unwrap();
    let output = Command::new(helm)
        .args([
            "template",
            "cilium",
            "--namespace",
            "kube-system",
            "--values",
        ])
        .args([&file, chart])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    documents(&String::from_utf8(output.stdout).unwrap())
        .into_iter()
        .find(|object| object["metadata"]["name"] == "cilium-config")
        .unwrap()["data"]
        .take()
}

/// A range or more as the agents have them.
fn joined(list: &Value) -> Value {
    let texts: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect();
    texts.join(" ").into()
}

#[test]
#[ignore = "fetches the chart's module"]
fn every_stacks_values_reach_the_agents() {
    let Some(helm) = require_tool("helm") else {
        return;
    };
    let rendered = Rendered::stacks();
    let mut units = rendered.directories_with("kustomization.yaml");
    units.retain(|unit| unit.to_string().ends_with("/network/cilium"));
    assert!(!units.is_empty(), "no stack has Cilium");
    for unit in units {
        let (version, values) = release(&unit);
        let Some(chart) = chart(&version) else {
            return;
        };
        let settings = settings(&helm, &chart, &values);
        assert_eq!(settings["kube-proxy-replacement"], "true", "{unit}");
        assert_eq!(settings["enable-hubble"], "true", "{unit}");
        if values["encryption"]["enabled"] == true {
            assert_eq!(settings["enable-wireguard"], "true", "{unit}");
        }
        let strict = &values["encryption"]["strictMode"]["egress"]["cidr"];
        if strict.is_string() {
            assert_eq!(&settings["encryption-strict-egress-cidr"], strict, "{unit}");
        }
        if values["gatewayAPI"]["enabled"] == true {
            assert_eq!(settings["enable-gateway-api"], "true", "{unit}");
        }
        let pools = &values["ipam"]["operator"]["clusterPoolIPv4PodCIDRList"];
        assert_eq!(settings["cluster-pool-ipv4-cidr"], joined(pools), "{unit}");
    }
}

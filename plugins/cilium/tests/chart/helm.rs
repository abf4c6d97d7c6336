//! Running helm on a chart of Cilium.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use ztgit_test_support::{go, require_tool, said};

const MODULE: &str = "github.com/cilium/cilium";

/// The only place that names versions.
const PINNED: &str = include_str!("../../../../scripts/vendor/versions.json");

/// A chart and the helm to render it.
pub(crate) struct Chart {
    pub(crate) version: String,
    helm: PathBuf,
    directory: PathBuf,
}

/// What a chart renders, or why it does not.
pub(crate) type Outcome = Result<Objects, String>;

/// Rendered objects.
pub(crate) struct Objects(Vec<Value>);

/// The chart of each supported line; nothing where a program is missing.
pub(crate) fn charts() -> Vec<Chart> {
    let Some(helm) = require_tool("helm") else {
        return Vec::new();
    };
    let pinned: Value = serde_json::from_str(PINNED).unwrap();
    let older = pinned["older"][MODULE].as_array().unwrap();
    older
        .iter()
        .chain([&pinned["data"][MODULE]])
        .filter_map(|version| {
            let version = version.as_str().unwrap();
            let module = go::module(&format!("{MODULE}@{version}"))?;
            Some(Chart {
                version: version.trim_start_matches('v').to_owned(),
                helm: helm.clone(),
                directory: module.join("install/kubernetes/cilium"),
            })
        })
        .collect()
}

impl Chart {
    /// Renders with values and what the cluster is said to serve.
    pub(crate) fn template(&self, values: &Value) -> Outcome {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("values.json");
        std::fs::write(&file, values.to_string()).unwrap();
        let output = Command::new(&self.helm)
            .args([
                "template",
                "cilium",
                "--namespace",
                "kube-system",
                "--values",
            ])
            .args([&file, &self.directory])
            .output()
            .unwrap();
        if !output.status.success() {
            return Err(said(&output));
        }
        let text = String::from_utf8(output.stdout).unwrap();
        let options = serde_saphyr::options! { budget: None };
        let documents: Vec<Value> =
            serde_saphyr::from_multiple_with_options(&text, options).unwrap();
        Ok(Objects(documents))
    }

    /// Renders values that it must take.
    pub(crate) fn rendered(&self, values: &Value) -> Objects {
        let version = &self.version;
        self.template(values)
            .unwrap_or_else(|said| panic!("{version} refuses {values:#}: {said}"))
    }

    /// The defaults that it documents.
    pub(crate) fn defaults(&self) -> Value {
        let text = std::fs::read_to_string(self.directory.join("values.yaml")).unwrap();
        let options = serde_saphyr::options! { budget: None };
        serde_saphyr::from_str_with_options(&text, options).unwrap()
    }
}

impl Objects {
    /// The object of that kind and name.
    pub(crate) fn get(&self, kind: &str, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
    }

    /// Whether there is one of a kind.
    pub(crate) fn has_kind(&self, kind: &str) -> bool {
        self.0.iter().any(|object| object["kind"] == kind)
    }

    /// A setting of the agents.
    pub(crate) fn setting(&self, key: &str) -> Option<&str> {
        self.get("ConfigMap", "cilium-config").unwrap()["data"]
            .get(key)?
            .as_str()
    }

    /// Checks settings of the agents; `None` for one that must not be there.
    pub(crate) fn assert_settings(&self, expected: &[(&str, Option<&str>)]) {
        for (key, value) in expected {
            assert_eq!(self.setting(key), *value, "{key}");
        }
    }

    /// The first container of a workload.
    pub(crate) fn container(&self, kind: &str, name: &str) -> &Value {
        let workload = self.get(kind, name).unwrap_or_else(|| panic!("no {name}"));
        &workload["spec"]["template"]["spec"]["containers"][0]
    }
}

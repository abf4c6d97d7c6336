//! `examples/python-tetragon`, by componentize-py; and what Python's library
//! gets hold of through WASI.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use ztgit::plugin::{Failure, PluginError, Wasi};
use ztgit_plugin::Artifact;
use ztgit_test_support::said;

use super::page::follow;
use super::project::Project;
use super::rendered::{Figures, plugin, render};
use super::workshop::{Language, Workshop};

static EXAMPLE: LazyLock<Option<Project>> =
    LazyLock::new(|| Project::example(Language::Python, "python-tetragon"));

/// The example.
pub(crate) fn project() -> Option<&'static Project> {
    EXAMPLE.as_ref()
}

/// What its guest costs.
pub(crate) fn figures(project: &Project) -> &Figures {
    let config = json!({"rules": {
        "shells": {"programs": ["/bin/sh", "/opt/debug/"]},
        "credentials": {"files": ["/etc/shadow"], "only": ["my-app/frontend"]},
    }});
    project.figures("tetragon in python", Wasi::Frozen, &config)
}

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn the_readme_leads_to_tetragon_policies() {
    let Some(example) = &*EXAMPLE else { return };
    let policy = |namespace: &str, name: &str| {
        example.read(&format!(
            "target/tree/rendered/home/config/tetragon/{namespace}/tracingpolicynamespaced.cilium.io-{name}.yaml"
        ))
    };
    assert!(policy("shop", "shells").contains("action: Sigkill"));
    assert!(policy("staging", "shells").contains("action: Post"));
    let credentials = policy("shop", "credentials.web");
    assert!(credentials.contains("app: web"), "{credentials}");
    assert!(credentials.contains("operator: Prefix"), "{credentials}");
}

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn a_thousand_renders_of_python_are_equal() {
    let Some(project) = project() else { return };
    figures(project);
}

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn the_page_on_python_is_followed() {
    let Some(workshop) = Workshop::of(Language::Python) else {
        return;
    };
    let (terminal, _) = follow(workshop, "python.md");
    let policies = "tree/rendered/home/config/tetragon/shop";
    assert!(terminal.place().join(policies).is_dir());
    assert!(terminal.place().join("target/bindings/wit_world").is_dir());
}

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn an_exception_of_python_is_shown_with_its_traceback() {
    let Some(example) = &*EXAMPLE else { return };
    let plugin = plugin("tetragon", &example.component, Wasi::Frozen, &example.cache);
    // What the schema would have refused.
    let Err(PluginError::Failed { failure, .. }) = render(&plugin, &json!({"rules": 1})) else {
        panic!("it renders")
    };
    assert!(matches!(failure, Failure::Panic { .. }), "{failure:?}");
    let shown = failure.to_string();
    assert!(
        shown.contains("Traceback") && shown.contains("AttributeError"),
        "{shown}"
    );
}

#[test]
#[ignore = "installs componentize-py and compiles CPython"]
fn python_s_own_library_gets_hold_of_nothing() {
    let Some(example) = &*EXAMPLE else { return };
    let plugin = plugin("prowler", &prowler(example), Wasi::Frozen, &example.cache);
    let prowl = || {
        let mut rendering = render(&plugin, &json!({})).expect("it renders");
        match rendering.artifacts.pop() {
            Some(Artifact::File(file)) => {
                serde_json::from_slice::<Value>(&file.content).expect("it writes JSON")
            }
            other => panic!("{other:?}"),
        }
    };
    let found = prowl();
    assert_eq!(prowl(), found, "not even the randomness differs");
    let expected = json!({
        "environment": "{}",
        "arguments": "[]",
        "read": "FileNotFoundError",
        "write": "FileNotFoundError",
        "list": "FileNotFoundError",
        "connect": "PermissionError",
        "listen": "PermissionError",
        "resolve": "PermissionError",
        "input": "''",
        "sleep": "None",
        "time": "0.0",
        "monotonic": "0.0",
        "random": found["random"],
        "bytes": found["bytes"],
    });
    assert_eq!(found, expected);
}

/// The hostile guest, by the example's toolchain.
fn prowler(example: &Project) -> Vec<u8> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/components/python");
    let output = Command::new("target/venv/bin/componentize-py")
        .current_dir(&example.directory)
        .args(["--quiet", "--wit-path", "../../wit", "--world", "renderer"])
        .args(["componentize", "prowler", "--output", "target/prowler.wasm"])
        .arg("--python-path")
        .arg(sources)
        .output()
        .expect("the example's build installs it");
    assert!(output.status.success(), "{}", said(&output));
    fs::read(example.directory.join("target/prowler.wasm")).expect("it was just built")
}

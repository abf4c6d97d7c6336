//! `examples/rust-contacts` and `examples/rust-monitoring`, and the pages that lead to
//! them, by cargo.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::json;
use ztgit::plugin::Wasi;

use super::page::follow;
use super::project::Project;
use super::rendered::Figures;
use super::workshop::{Language, Workshop, repository};

static MONITORING: LazyLock<Option<Project>> =
    LazyLock::new(|| Project::example(Language::Rust, "rust-monitoring"));

/// The project whose policy cilium makes.
pub(crate) fn project() -> Option<&'static Project> {
    MONITORING.as_ref()
}

/// What its guest costs.
pub(crate) fn figures(project: &Project) -> &Figures {
    let prometheus = json!({"namespace": "monitoring", "labels": {"app": "prometheus"}});
    let config = json!({"prometheus": prometheus, "port": "http"});
    project.figures("monitoring in rust", Wasi::Refused, &config)
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn the_readme_of_contacts_leads_to_a_message_on_the_node() {
    let Some(contacts) = Project::example(Language::Rust, "rust-contacts") else {
        return;
    };
    assert_eq!(
        contacts.read("target/tree/hosts/home/pi-1/files/etc/motd.d/break-glass"),
        "Locked out of home? Call\nada: +1 555 0100\ngrace: +1 555 0101\n"
    );
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn the_readme_of_monitoring_leads_to_policy_at_both_ends() {
    let Some(monitoring) = project() else { return };
    let policy = |namespace: &str, half: &str| {
        let name = format!("monitoring.scrape-my-app-api.{half}");
        monitoring.read(&format!(
            "target/tree/rendered/home/allow/cilium/{namespace}/ciliumnetworkpolicy.cilium.io-{name}.yaml"
        ))
    };
    assert!(policy("my-app", "ingress").contains("k8s:app: prometheus"));
    assert!(policy("monitoring", "egress").contains("k8s:app: my-api"));
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn a_thousand_renders_of_rust_are_equal() {
    let Some(project) = project() else { return };
    figures(project);
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn the_page_on_rust_is_followed() {
    let Some(workshop) = Workshop::of(Language::Rust) else {
        return;
    };
    let (terminal, _) = follow(workshop, "rust.md");
    assert!(terminal.place().join("tree/hosts/home/pi-1").is_dir());
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn the_tutorial_is_followed_to_the_example() {
    let Some(workshop) = Workshop::of(Language::Rust) else {
        return;
    };
    let (terminal, _) = follow(workshop, "tutorial.md");
    let example = repository().join("examples/rust-monitoring");
    for folder in ["src", "tests", "cases", "stack"] {
        let mut typed = texts(&terminal.place().join(folder));
        typed.remove("ztgit.lock");
        let mut expected = texts(&example.join(folder));
        expected.remove("ztgit.lock");
        assert_eq!(typed, expected, "{folder}");
    }
}

/// The files below a directory.
fn texts(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("it is there") {
        let path = entry.expect("it is readable").path();
        let name = path.file_name().expect("it has one").to_string_lossy();
        if path.is_dir() {
            let below = texts(&path).into_iter();
            found.extend(below.map(|(file, text)| (format!("{name}/{file}"), text)));
        } else {
            let text = fs::read_to_string(&path).expect("the project is text");
            found.insert(name.into_owned(), text);
        }
    }
    found
}

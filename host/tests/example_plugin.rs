//! The examples of third-party plugins in Rust, and the project that `ztgit plugin new`
//! writes: built from their sources, tried on their cases, rendered with the
//! stacks beside them. Their own build and those in other languages are tried in
//! `tests/languages`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use ztgit_test_support::pages::blocks;
use ztgit_test_support::{guests, said};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name)
}

/// The project for Rust, as it is in the repository.
fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/templates/rust")
}

fn ztgit(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ztgit"))
        .args(arguments)
        .current_dir(directory)
        .env("HOME", directory)
        .output()
        .expect("ztgit runs")
}

/// What `ztgit` printed, which must have ended well.
fn succeeded(directory: &Path, arguments: &[&str]) -> String {
    let output = ztgit(directory, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    said(&output)
}

/// Puts a component to the check and to its project's cases.
fn assert_sound(project: &Path, component: &Path) {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let (component, cases) = (component.display().to_string(), project.join("cases"));
    let cases = cases.display().to_string();
    succeeded(
        directory.path(),
        &["plugin", "check", &component, "--cases", &cases],
    );
    let project = project.display().to_string();
    succeeded(
        directory.path(),
        &["plugin", "test", &project, "--component", &component],
    );
}

/// Renders the example's stack with a component; comes back with the tree.
fn rendered_with(component: &Path) -> TempDir {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let put = |from: &Path, to: &str| {
        let to = directory.path().join(to);
        fs::create_dir_all(to.parent().expect("it lies in a directory")).expect("it is made");
        fs::copy(from, to).expect("it is copied");
    };
    put(component, "plugin.wasm");
    put(
        &example("rust-contacts").join("stack/stack.yaml"),
        "stack/stack.yaml",
    );
    succeeded(directory.path(), &["render", "stack", "--out", "tree"]);
    directory
}

fn assert_contacts(directory: &TempDir) {
    let read = |path: &str| {
        let path = directory.path().join("tree").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    assert_eq!(
        read("rendered/home/apps/contacts/break-glass/configmap-contacts.yaml"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: contacts\n  namespace: break-glass\n\
         data:\n  contacts: |\n    ada: +1 555 0100\n    grace: +1 555 0101\n"
    );
    assert_eq!(
        read("hosts/home/pi-1/files/etc/motd.d/break-glass"),
        "Locked out of home? Call\nada: +1 555 0100\ngrace: +1 555 0101\n"
    );
    assert!(
        read("rendered/home/namespaces/stack/_cluster/namespace-break-glass.yaml")
            .contains("Namespace")
    );
}

#[test]
fn a_plugin_from_outside_the_workspace_renders() {
    assert_contacts(&rendered_with(&guests::rust_guest(
        &example("rust-contacts"),
        "contacts",
    )));
}

#[test]
fn the_project_for_rust_passes_its_check() {
    let component = guests::rust_guest(&template(), "my-plugin");
    assert_sound(&template(), &component);
}

#[test]
fn the_flow_that_monitoring_states_becomes_the_policies_that_the_tutorial_shows() {
    let project = example("rust-monitoring");
    let component = guests::rust_guest(&project, "monitoring");
    assert_sound(&project, &component);
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let root = directory.path();
    fs::create_dir(root.join("stack")).expect("it is made");
    fs::copy(&component, root.join("plugin.wasm")).expect("it is copied");
    fs::copy(
        project.join("stack/stack.yaml"),
        root.join("stack/stack.yaml"),
    )
    .expect("it is copied");
    succeeded(root, &["render", "stack", "--out", "tree"]);
    let rendered = root.join("tree/rendered/home");
    let read = |path: &str| {
        let path = rendered.join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    read("apps/monitoring/my-app/servicemonitor.monitoring.coreos.com-api.yaml");
    let ends = [
        "allow/cilium/my-app/ciliumnetworkpolicy.cilium.io-monitoring.scrape-my-app-api.ingress.yaml",
        "allow/cilium/monitoring/ciliumnetworkpolicy.cilium.io-monitoring.scrape-my-app-api.egress.yaml",
    ];
    let policies = ends.map(read).concat();
    let mut texts = blocks("tutorial.md")
        .into_iter()
        .filter(|block| block.language == "text");
    let last = texts
        .next_back()
        .expect("the tutorial shows what comes out");
    assert!(last.text.ends_with(&policies), "{policies}");
}

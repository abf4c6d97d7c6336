//! The examples of third-party plugins, and the project that `ztgit plugin new`
//! writes: built from their sources, tried on their cases, rendered with the
//! stacks beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
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
    put(component, "target/contacts.wasm");
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
#[ignore = "compiles all that makes a component of a module, which takes a minute"]
fn cargo_alone_builds_the_example() {
    let target = ztgit_test_support::scratch("example");
    let output = Command::new(example("rust-contacts").join("build.sh"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("a shell is everywhere");
    assert!(output.status.success(), "{}", said(&output));
    assert_contacts(&rendered_with(&target.join("contacts.wasm")));
}

#[test]
fn the_project_for_rust_passes_its_check() {
    let component = guests::rust_guest(&template(), "my-plugin");
    assert_sound(&template(), &component);
}

#[test]
fn a_flow_that_monitoring_states_becomes_policy_of_cilium() {
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
    assert!(
        rendered
            .join("apps/monitoring/my-app/servicemonitor.monitoring.coreos.com-api.yaml")
            .is_file()
    );
    let policies = fs::read_dir(rendered.join("allow/cilium/my-app")).expect("there is policy");
    let names: Vec<String> = policies
        .map(|entry| {
            entry
                .expect("it is readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(
        names.iter().any(|name| name.contains("scrape-my-app-api")),
        "{names:?}"
    );
}

#[test]
#[ignore = "compiles a project with all its dependencies"]
fn a_new_project_builds_with_nothing_but_cargo() {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    succeeded(
        directory.path(),
        &["plugin", "new", "greeter", "--lang", "rust"],
    );
    let project = directory.path().join("greeter");
    let output = Command::new("./build.sh")
        .current_dir(&project)
        .env("CARGO_TARGET_DIR", ztgit_test_support::scratch("example"))
        .output()
        .expect("a shell is everywhere");
    assert!(output.status.success(), "{}", said(&output));
    succeeded(&project, &["plugin", "check", "plugin.wasm"]);
    succeeded(&project, &["plugin", "test"]);
    succeeded(&project, &["render", "stack", "--out", "tree"]);
}

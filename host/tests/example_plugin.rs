//! The example of a third-party plugin: built from its source and rendered with
//! the stack beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use ztgit_test_support::{guests, said};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rust-contacts")
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
    put(&example().join("stack/stack.yaml"), "stack/stack.yaml");
    let output = Command::new(env!("CARGO_BIN_EXE_ztgit"))
        .args(["render", "stack", "--out", "tree"])
        .current_dir(directory.path())
        .env("HOME", directory.path())
        .output()
        .expect("ztgit runs");
    assert!(output.status.success(), "{}", said(&output));
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
    assert_contacts(&rendered_with(&guests::rust_guest(&example(), "contacts")));
}

#[test]
#[ignore = "compiles all that makes a component of a module, which takes a minute"]
fn cargo_alone_builds_the_example() {
    let target = ztgit_test_support::scratch("example");
    let output = Command::new(example().join("build.sh"))
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("a shell is everywhere");
    assert!(output.status.success(), "{}", said(&output));
    assert_contacts(&rendered_with(&target.join("contacts.wasm")));
}

//! Where a plugin's files would do harm on a disk: followed out of the directory, or
//! run by root.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use tempfile::TempDir;
use ztgit_test_support::{guest, said};

/// A stack whose one plugin writes these files of its node.
fn stack(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let files: Vec<_> = files
        .iter()
        .map(|(path, content)| json!({"node": "pi-1", "path": path, "content": content, "mode": 0o600}))
        .collect();
    let stack = json!({
        "apiVersion": "ztgit.dev/v1alpha1",
        "kind": "Stack",
        "metadata": {"name": "stage"},
        "spec": {
            "plugins": {"puppet": {"path": guest("puppet"), "grants": {"hostPaths": ["*"]}}},
            "clusters": {"home": {
                "flux": {"source": {"url": "https://git.example.net/fleet.git"}},
                "nodes": {"pi-1": {"role": "server", "addresses": ["192.168.1.10"]}},
                "config": {"puppet": {"files": files}},
            }}
        }
    });
    let root = directory.path();
    fs::create_dir_all(root.join("node/etc")).expect("it is made");
    fs::write(root.join("node/etc/hostname"), "pi-1\n").expect("it is written");
    fs::write(root.join("stack.yaml"), stack.to_string()).expect("it is written");
    directory
}

/// Runs the program in a directory that is its home, too.
pub(crate) fn ztgit(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ztgit"))
        .args(arguments)
        .current_dir(directory)
        .env("HOME", directory)
        .output()
        .expect("ztgit runs")
}

#[test]
pub(crate) fn a_link_in_the_way_of_a_file_is_not_followed() {
    let directory = stack(&[("/opt/x", "x\n")]);
    let root = directory.path();
    let first = ztgit(root, &["render", ".", "--out", "tree"]);
    assert!(first.status.success(), "{}", said(&first));
    let folder = root.join("tree/hosts/home/pi-1/files/opt");
    fs::remove_dir_all(&folder).expect("it was rendered");
    fs::create_dir(root.join("outside")).expect("it is made");
    symlink(root.join("outside"), &folder).expect("links can be made");
    let again = ztgit(root, &["render", ".", "--out", "tree"]);
    let said = said(&again);
    assert_eq!(again.status.code(), Some(3), "{said}");
    let link = "error: tree/hosts/home/pi-1/files/opt is a symbolic link";
    assert!(said.lines().any(|line| line == link), "{said}");
    let mut outside = fs::read_dir(root.join("outside")).expect("it is there");
    assert!(outside.next().is_none(), "a file was written outside");
}

/// What a render says of a file that a plugin writes for a node, and does not write.
fn refusal(path: &str, content: &str) -> String {
    let directory = stack(&[(path, content)]);
    let root = directory.path();
    let output = ztgit(root, &["render", "."]);
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    assert!(!root.join("fleet").exists(), "{}", said(&output));
    said(&output)
}

fn assert_refused(path: &str, content: &str, line: u32, directive: &str) {
    let said = refusal(path, content);
    let place =
        format!("plugin `puppet` gives `pi-1` a file that it would refuse: {path}:{line}: ");
    let found = said
        .lines()
        .any(|said| said.contains(&place) && said.contains(directive));
    assert!(found, "no `{place}…{directive}` in\n{said}");
}

#[test]
pub(crate) fn a_command_in_a_wireguard_file_is_refused_by_its_line() {
    for key in ["PostUp", "PreDown", "SaveConfig"] {
        let text = format!("[Interface]\nListenPort = 51820\n{key} = true\n");
        assert_refused("/etc/wireguard/wg0.conf", &text, 3, key);
    }
}

#[test]
pub(crate) fn what_a_ruleset_would_read_or_look_up_is_refused_by_its_line() {
    for (statement, directive) in [
        ("include \"/etc/shadow\"", "include"),
        ("ip saddr example.net accept", "example.net"),
    ] {
        let text = format!(
            "table inet ztgit\ndelete table inet ztgit\n\ntable inet ztgit {{\n\tchain input {{\n\t\t{statement}\n\t}}\n}}\n# ztgit: end of ruleset\n"
        );
        assert_refused("/etc/ztgit/nftables.nft", &text, 6, directive);
    }
}

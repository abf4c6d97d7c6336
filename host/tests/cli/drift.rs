//! `ztgit drift git`: every way in which a committed file may differ.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::environment::TestEnvironment;
use crate::stacks::{POLICY, TWO_CLUSTERS};

const INVENTORY: &str = "fleet/.ztgit/inventory/home.json";

fn policy() -> String {
    format!("fleet/{POLICY}")
}

#[test]
fn a_fresh_render_is_clean() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn six_kinds_of_edits_are_six_distinct_findings() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let path = |name: &str| {
        let folder = "fleet/rendered/home/allow/cilium";
        let kind = "ciliumnetworkpolicy.cilium.io-zt-allow";
        format!("{folder}/kube-system/{kind}-{name}.yaml")
    };
    env.edit(&policy(), "port: \"5000\"", "port: \"5001\"");
    fs::remove_file(env.path(&path("dns-server"))).unwrap();
    env.write(
        "fleet/rendered/home/allow/cilium/demo/extra.yaml",
        "kind: Extra\n",
    );
    fs::set_permissions(
        env.path(&path("hubble-relay")),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    env.write(
        &path("kube-system"),
        format!("\u{feff}{}", env.read(&path("kube-system"))),
    );
    let windows = env.read(&path("metrics-server")).replace('\n', "\r\n");
    env.write(&path("metrics-server"), windows);
    env.commit_all("fleet", "edits");

    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
    let report = env
        .run(&["drift", "git", "stack", "--format", "json"])
        .expect_exit(1)
        .json();
    let reasons: Vec<&str> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["reason"].as_str().unwrap())
        .collect();
    let expected = [
        "content",
        "unowned",
        "absent",
        "mode",
        "byte-order-mark",
        "line-endings",
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn a_single_byte_of_a_host_file_is_found() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let file = "fleet/hosts/home/one/files/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml";
    let mut bytes = env.read_bytes(file);
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    env.write(file, bytes);
    env.commit_all("fleet", "one bit");
    let run = env.run(&["drift", "git", "stack"]).expect_exit(1);
    assert!(
        run.stdout.starts_with("modified  hosts/home/one/files/"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_stack_that_was_not_rendered_yet_is_pending() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "http: 5000", "http: 5001");
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
    env.run(&["drift", "git", "stack", "--strict"])
        .expect_exit(1);
}

#[test]
fn an_edit_is_found_while_the_stack_is_pending() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit(&policy(), "port: \"5000\"", "port: \"5001\"");
    env.commit_all("fleet", "an edit");
    env.edit("stack/stack.yaml", "http: 5000", "http: 5002");
    let run = env.run(&["drift", "git", "stack"]).expect_exit(1);
    assert!(
        run.stdout.contains(&format!("modified  {POLICY}")),
        "{}",
        run.stdout
    );
}

#[test]
fn a_changed_block_of_a_shared_file_is_found() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("fleet/.sourceignore", "/hosts/\n", "");
    env.commit_all("fleet", "an edit");
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn the_inventory_of_the_shared_files_and_its_neighbours_are_looked_at() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("fleet/.ztgit/root.json", "RootInventory", "Rootinventory");
    env.write("fleet/.ztgit/notes.txt", "what is this\n");
    env.commit_all("fleet", "an edit");
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn an_inventory_that_was_taken_away_is_a_finding() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    fs::remove_file(env.path(INVENTORY)).unwrap();
    env.commit_all("fleet", "no inventory");
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn a_truncated_inventory_is_an_error() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let text = env.read(INVENTORY);
    env.write(INVENTORY, &text[..text.len() / 2]);
    env.commit_all("fleet", "half an inventory");
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn an_inventory_that_names_a_path_twice_is_an_error() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let entry = format!("\"{POLICY}\": {{");
    let text = env.read(INVENTORY);
    let digest = "0".repeat(64);
    let twice =
        format!("\"{POLICY}\": {{\"sha256\": \"sha256:{digest}\", \"mode\": \"100644\"}}, {entry}");
    env.write(INVENTORY, text.replace(&entry, &twice));
    env.commit_all("fleet", "a path twice");
    env.run(&["drift", "git", "stack"]).expect_exit(4);
}

#[test]
fn an_inventory_under_another_cluster_s_name_is_an_error() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.write("fleet/.ztgit/inventory/copy.json", env.read(INVENTORY));
    env.commit_all("fleet", "an inventory twice");
    env.run(&["drift", "git", "stack"]).expect_exit(4);
}

#[test]
fn a_fleet_repository_that_was_never_rendered_into_is_not_clean() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("", &["init", "--quiet", "fleet"]);
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn a_repository_that_is_not_there_is_not_clean() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

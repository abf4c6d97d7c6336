//! `ztgit verify`: what hashes kept in the repository cannot tell.

use ztgit::tree::Sha256;

use crate::environment::TestEnvironment;
use crate::stacks::{POLICY, TWO_CLUSTERS};

const INVENTORY: &str = "fleet/.ztgit/inventory/home.json";

fn verify(env: &TestEnvironment) -> crate::environment::Run {
    env.run(&["verify", "--stack", "stack"])
}

/// Changes a file and its inventory entry, so that they agree with each other.
fn forge(env: &TestEnvironment) {
    let file = format!("fleet/{POLICY}");
    let before = Sha256::of(&env.read_bytes(&file)).to_string();
    env.edit(&file, "port: \"5000\"", "port: \"5001\"");
    let after = Sha256::of(&env.read_bytes(&file)).to_string();
    env.edit(INVENTORY, &before, &after);
}

/// Takes the place of the last commit under its own message, author and date.
fn amend(env: &TestEnvironment) {
    env.git("fleet", &["add", "--all"]);
    env.git("fleet", &["commit", "--quiet", "--amend", "--no-edit"]);
}

#[test]
fn a_render_is_verified() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn a_file_that_was_forged_with_its_inventory_under_the_same_message_is_found() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    forge(&env);
    amend(&env);
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn drift_calls_a_forged_file_untrusted() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    forge(&env);
    amend(&env);
    insta::assert_snapshot!(env.run(&["drift", "git", "stack"]).snapshot());
}

#[test]
fn a_forged_inventory_of_the_shared_files_is_found() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.edit("fleet/.ztgit/root.json", "RootInventory", "Rootinventory");
    amend(&env);
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn a_file_that_was_slipped_in_beside_the_inventories_is_found() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.write("fleet/.ztgit/notes.txt", "what is this\n");
    amend(&env);
    verify(&env).expect_exit(4);
}

#[test]
fn a_commit_without_trailers_must_leave_managed_paths_alone() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.edit(
        &format!("fleet/{POLICY}"),
        "port: \"5000\"",
        "port: \"5001\"",
    );
    env.edit("fleet/.sourceignore", "/hosts/\n", "");
    env.commit_all("fleet", "a quick fix");
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn a_commit_of_the_user_s_own_files_is_none_of_ztgit_s_business() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.write("fleet/README.md", "ours\n");
    env.write(
        "fleet/.sourceignore",
        env.read("fleet/.sourceignore") + "/secret/\n",
    );
    env.commit_all("fleet", "a readme");
    verify(&env).expect_exit(0);
}

#[test]
fn a_cluster_that_a_commit_does_not_say_it_rendered_must_be_as_before() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "http: 5000", "http: 5001");
    env.commit_all("stack", "another port");
    env.run(&["render", "stack", "--cluster", "lab"])
        .expect_exit(0);
    verify(&env).expect_exit(0);
    forge(&env);
    amend(&env);
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn another_version_s_commit_is_unknown_and_the_version_is_named() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    let message = env.git("fleet", &["log", "-1", "--format=%B"]);
    let version = format!("Ztgit-Version: {}", env!("CARGO_PKG_VERSION"));
    let other = message.replace(&version, "Ztgit-Version: 99.0.0");
    env.git(
        "fleet",
        &["commit", "--quiet", "--amend", "--message", &other],
    );
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn another_plugin_s_commit_is_unknown_and_the_digest_is_named() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    let message = env.git("fleet", &["log", "-1", "--format=%B"]);
    let start = message.find("Ztgit-Plugin: cilium sha256:").unwrap();
    let other = format!(
        "{}Ztgit-Plugin: cilium sha256:{}",
        &message[..start],
        "0".repeat(64)
    );
    env.git(
        "fleet",
        &["commit", "--quiet", "--amend", "--message", &other],
    );
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn a_commit_is_verified_from_the_stack_it_names_not_from_today_s() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "http: 5000", "http: 5001");
    verify(&env).expect_exit(0);
    env.commit_all("stack", "another port");
    verify(&env).expect_exit(0);
}

#[test]
fn a_stack_hash_that_is_not_that_of_the_named_commit_is_a_trust_failure() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    let message = env.git("fleet", &["log", "-1", "--format=%B"]);
    let lines: Vec<String> = message
        .lines()
        .map(
            |line| match line.strip_prefix("Ztgit-Stack-Hash: sha256:") {
                Some(_) => format!("Ztgit-Stack-Hash: sha256:{}", "0".repeat(64)),
                None => line.to_owned(),
            },
        )
        .collect();
    env.git(
        "fleet",
        &[
            "commit",
            "--quiet",
            "--amend",
            "--message",
            &lines.join("\n"),
        ],
    );
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn a_dirty_stack_is_verified_only_while_it_is_as_it_was() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    verify(&env).expect_exit(0);
    env.edit("stack/stack.yaml", "http: 5000", "http: 5001");
    insta::assert_snapshot!(verify(&env).snapshot());
}

#[test]
fn a_stack_without_the_named_commit_is_unknown() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.write("other/stack.yaml", TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["verify", "--stack", "other"]).snapshot());
}

#[test]
fn history_finds_the_one_bad_commit() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.edit(
        &format!("fleet/{POLICY}"),
        "port: \"5000\"",
        "port: \"5001\"",
    );
    env.commit_all("fleet", "a quick fix");
    let bad = env.head("fleet");
    env.run(&["render", "stack"]).expect_exit(0);
    verify(&env).expect_exit(0);
    let arguments = [
        "verify",
        "--stack",
        "stack",
        "--history",
        "--format",
        "json",
    ];
    let report = env.run(&arguments).expect_exit(4).json();
    let bad_commits: Vec<&str> = report["commits"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|commit| !commit["mismatches"].as_array().unwrap().is_empty())
        .map(|commit| commit["commit"].as_str().unwrap())
        .collect();
    assert_eq!(bad_commits, [bad]);
    assert_eq!(report["commits"].as_array().unwrap().len(), 3);
}

#[test]
fn a_render_that_removes_a_cluster_is_verified() {
    let calm = TWO_CLUSTERS.replace("plugins: {cilium: {}}", "plugins: {}");
    let env = TestEnvironment::rendered_from_git(&calm);
    env.edit("stack/stack.yaml", "    lab: {labels: {env: lab}}\n", "");
    env.commit_all("stack", "no lab");
    env.run(&["render", "stack", "--allow-removal"])
        .expect_exit(0);
    assert!(!env.exists("fleet/rendered/lab"));
    verify(&env).expect_exit(0);
}

#[test]
fn a_revision_that_names_no_commit_is_an_error() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    insta::assert_snapshot!(
        env.run(&["verify", "HEAD~7", "--stack", "stack"])
            .snapshot()
    );
}

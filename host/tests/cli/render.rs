//! `ztgit render`: what a first one does, what a second one does not, and
//! where else it may write.

use std::fs;

use crate::environment::{TestEnvironment, files_below};
use crate::stacks::{POLICY, TWO_CLUSTERS};

#[test]
fn the_first_render_makes_the_fleet_repository_and_commits() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let run = env.run(&["render", "stack"]);
    insta::assert_snapshot!(run.snapshot());
    assert_eq!(env.commits("fleet"), 1);
    assert_eq!(env.git("fleet", &["status", "--short"]), "");
    assert_eq!(env.git("fleet", &["fsck", "--strict"]), "");
    assert_eq!(env.git("fleet", &["branch", "--show-current"]), "main");
}

#[test]
fn the_commit_s_message_says_what_changed_and_from_what_it_was_rendered() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    let message = env.git("fleet", &["log", "-1", "--format=%an <%ae>%n%B"]);
    insta::assert_snapshot!(crate::environment::masked(&message));
    let trailer = "--format=%(trailers:key=Ztgit-Stack-Commit,valueonly)";
    assert_eq!(env.git("fleet", &["log", "-1", trailer]), env.head("stack"));
}

#[test]
fn a_stack_that_is_not_committed_is_called_dirty() {
    let env = TestEnvironment::rendered_from_git(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    env.run(&["render", "stack"]).expect_exit(0);
    let trailer = "--format=%(trailers:key=Ztgit-Stack-Commit,valueonly)";
    assert_eq!(env.git("fleet", &["log", "-1", trailer]), "dirty");
}

#[test]
fn an_unchanged_render_makes_no_commit() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let before = env.head("fleet");
    let run = env.run(&["render", "stack"]);
    insta::assert_snapshot!(run.snapshot());
    assert_eq!(env.head("fleet"), before);
}

#[test]
fn a_dry_run_writes_nothing() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let run = env.run(&["render", "stack", "--dry-run"]).expect_exit(0);
    assert!(
        run.stdout
            .ends_with(" files would change; nothing was written\n"),
        "{}",
        run.stdout
    );
    assert!(!env.exists("fleet"));
}

#[test]
fn a_dry_run_lists_what_would_be_written_and_removed() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let before = env.head("fleet");
    env.edit(
        "stack/stack.yaml",
        "      web-to-api: {from: demo/web, to: demo/api, port: http}",
        "      web-to-db: {from: demo/web, to: demo/api, port: http}",
    );
    insta::assert_snapshot!(env.run(&["render", "stack", "--dry-run"]).snapshot());
    assert_eq!(env.head("fleet"), before);
}

#[test]
fn one_cluster_is_rendered_and_the_other_stays() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let lab = env.git("fleet", &["rev-parse", "HEAD:rendered/lab"]);
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    let run = env.run(&["render", "stack", "--cluster", "ho*"]);
    insta::assert_snapshot!(run.snapshot());
    assert_eq!(env.git("fleet", &["rev-parse", "HEAD:rendered/lab"]), lab);
    let trailer = "--format=%(trailers:key=Ztgit-Clusters,valueonly)";
    assert_eq!(env.git("fleet", &["log", "-1", trailer]), "home");
}

#[test]
fn a_cluster_that_the_stack_does_not_have_is_named() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["render", "stack", "--cluster", "hme"]).snapshot());
    assert!(!env.exists("fleet"));
}

#[test]
fn a_directory_gets_the_files_of_the_commit() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let run = env.run(&["render", "stack", "--out", "plain"]);
    insta::assert_snapshot!(run.snapshot());
    assert_eq!(
        files_below(&env.path("plain")),
        files_below(&env.path("fleet"))
    );
}

#[test]
fn a_directory_loses_what_an_earlier_render_left_and_keeps_the_user_s() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.run(&["render", "stack", "--out", "plain"])
        .expect_exit(0);
    env.write("plain/rendered/home/notes.txt", "mine\n");
    env.edit("stack/stack.yaml", "web-to-api", "web-to-db");
    env.run(&["render", "stack", "--out", "plain"])
        .expect_exit(0);
    assert!(!env.exists(&format!("plain/{POLICY}")));
    assert!(env.exists(&format!(
        "plain/{}",
        POLICY.replace("web-to-api", "web-to-db")
    )));
    assert_eq!(env.read("plain/rendered/home/notes.txt"), "mine\n");
}

#[test]
fn a_directory_is_as_before_where_a_cluster_cannot_be_rendered() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let out = ["render", "stack", "--out", "plain"];
    let wrong = "lab: {labels: {env: lab}, flows: {web-to-api: {port: nowhere}}}";
    env.edit("stack/stack.yaml", "lab: {labels: {env: lab}}", wrong);
    env.run(&out).expect_exit(2);
    assert!(!env.exists("plain"));
    env.edit("stack/stack.yaml", wrong, "lab: {labels: {env: lab}}");
    env.run(&out).expect_exit(0);
    let before = files_below(&env.path("plain"));
    env.edit("stack/stack.yaml", "lab: {labels: {env: lab}}", wrong);
    env.edit("stack/stack.yaml", "5000", "5001");
    env.write("plain/.ztgit-staged-killed/rendered/home/part", "");
    env.run(&out).expect_exit(2);
    assert_eq!(files_below(&env.path("plain")), before);
}

#[test]
fn a_directory_of_somebody_else_s_is_refused() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.write("plain/notes.txt", "mine\n");
    insta::assert_snapshot!(env.run(&["render", "stack", "--out", "plain"]).snapshot());
    let files = files_below(&env.path("plain"));
    assert_eq!(files.into_keys().collect::<Vec<_>>(), ["notes.txt"]);
}

#[test]
fn a_symbolic_link_in_a_directory_is_not_followed() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.run(&["render", "stack", "--out", "plain"])
        .expect_exit(0);
    fs::remove_dir_all(env.path("plain/rendered/home")).unwrap();
    fs::create_dir(env.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(env.path("elsewhere"), env.path("plain/rendered/home")).unwrap();
    env.run(&["render", "stack", "--out", "plain"])
        .expect_exit(3);
    assert!(files_below(&env.path("elsewhere")).is_empty());
}

#[test]
fn a_report_is_one_json_document() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let run = env
        .run(&["render", "stack", "--format", "json"])
        .expect_exit(0);
    insta::assert_snapshot!(run.snapshot());
    assert_eq!(run.json()["commit"], env.head("fleet"));
}

#[test]
fn a_repository_is_where_the_environment_says() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let mut command = env.command(&["render", "stack"]);
    env.finish(command.env("ZTGIT_REPO", "other"))
        .expect_exit(0);
    assert!(env.exists("other/rendered/home") && !env.exists("fleet"));
}

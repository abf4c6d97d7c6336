//! `ztgit render --push`, against a bare repository on disk.

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

/// A fleet repository with one render, pushed to `remote.git`; the stack is in
/// git.
fn pushed() -> TestEnvironment {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("stack", &["init", "--quiet"]);
    env.commit_all("stack", "a stack");
    env.git("", &["init", "--quiet", "--bare", "remote.git"]);
    env.git("", &["clone", "--quiet", "remote.git", "fleet"]);
    env.run(&["render", "stack", "--push"]).expect_exit(0);
    env
}

fn change_the_stack(env: &TestEnvironment, stack: &str, port: u16) {
    env.edit(
        &format!("{stack}/stack.yaml"),
        "http: 5000",
        &format!("http: {port}"),
    );
    env.commit_all(stack, "another port");
}

#[test]
fn a_push_brings_the_render_to_the_remote() {
    let env = pushed();
    assert_eq!(
        env.head("fleet"),
        env.git("remote.git", &["rev-parse", "main"])
    );
    change_the_stack(&env, "stack", 5001);
    insta::assert_snapshot!(env.run(&["render", "stack", "--push=origin"]).snapshot());
    assert_eq!(
        env.head("fleet"),
        env.git("remote.git", &["rev-parse", "main"])
    );
}

#[test]
fn an_unchanged_render_pushes_nothing_new() {
    let env = pushed();
    let before = env.git("remote.git", &["rev-parse", "main"]);
    insta::assert_snapshot!(env.run(&["render", "stack", "--push"]).snapshot());
    assert_eq!(env.git("remote.git", &["rev-parse", "main"]), before);
}

#[test]
fn on_a_remote_that_moved_the_stack_is_rendered_anew_and_nothing_is_lost() {
    let env = pushed();
    env.git("", &["clone", "--quiet", "remote.git", "other"]);
    env.write("other/README.md", "ours\n");
    env.commit_all("other", "a readme");
    env.git("other", &["push", "--quiet"]);
    let theirs = env.head("other");

    change_the_stack(&env, "stack", 5001);
    insta::assert_snapshot!(env.run(&["render", "stack", "--push"]).snapshot());
    assert_eq!(env.git("remote.git", &["rev-parse", "main~1"]), theirs);
    assert_eq!(
        env.head("fleet"),
        env.git("remote.git", &["rev-parse", "main"])
    );
    assert_eq!(env.read("fleet/README.md"), "ours\n");
    assert_eq!(env.git("fleet", &["status", "--short"]), "");
}

/// A change of a stack that another clone of the fleet repository has pushed.
fn pushed_from_elsewhere(env: &TestEnvironment, stack: &str) -> String {
    env.git("", &["clone", "--quiet", "remote.git", "other"]);
    change_the_stack(env, stack, 5001);
    env.run(&["render", stack, "--repo", "other", "--push"])
        .expect_exit(0);
    env.git("remote.git", &["rev-parse", "main"])
}

#[test]
fn an_older_stack_is_not_rendered_over_a_newer_one() {
    let env = pushed();
    env.git("", &["clone", "--quiet", "stack", "newer"]);
    let theirs = pushed_from_elsewhere(&env, "newer");
    let ours = env.head("fleet");

    change_the_stack(&env, "stack", 5002);
    insta::assert_snapshot!(env.run(&["render", "stack", "--push"]).snapshot());
    assert_eq!(env.git("remote.git", &["rev-parse", "main"]), theirs);
    assert_eq!(env.head("fleet"), ours);
}

#[test]
fn a_newer_stack_is_rendered_over_an_older_one() {
    let env = pushed();
    let theirs = pushed_from_elsewhere(&env, "stack");

    env.edit("stack/stack.yaml", "http: 5001", "http: 5002");
    env.commit_all("stack", "yet another port");
    env.run(&["render", "stack", "--push"]).expect_exit(0);
    assert_eq!(env.git("remote.git", &["rev-parse", "main~1"]), theirs);
}

#[test]
fn from_a_stack_that_is_not_committed_newer_cannot_be_told() {
    let env = pushed();
    let theirs = pushed_from_elsewhere(&env, "stack");

    env.edit("stack/stack.yaml", "http: 5001", "http: 5002");
    insta::assert_snapshot!(env.run(&["render", "stack", "--push"]).snapshot());
    assert_eq!(env.git("remote.git", &["rev-parse", "main"]), theirs);
}

#[test]
fn a_remote_that_cannot_be_reached_leaves_the_branch_where_it_was() {
    let env = pushed();
    let before = env.head("fleet");
    change_the_stack(&env, "stack", 5001);
    std::fs::rename(env.path("remote.git"), env.path("away.git")).unwrap();
    env.run(&["render", "stack", "--push"]).expect_exit(3);
    assert_eq!(env.head("fleet"), before);
}

/// Another writer gets ahead while the remote takes a push, seven times.
const FASTER: &str = "#!/bin/sh
cd \"$GIT_DIR\" && times=$(cat times) && [ \"$times\" -gt 0 ] || exit 0
echo $((times - 1)) > times
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
commit=$(git commit-tree -p main -m faster main^{tree}) && git update-ref refs/heads/main $commit
";

#[test]
fn a_push_that_is_overtaken_again_and_again_arrives() {
    let env = pushed();
    env.write("remote.git/hooks/pre-receive", FASTER);
    env.write("remote.git/times", "7\n");
    std::fs::set_permissions(
        env.path("remote.git/hooks/pre-receive"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    change_the_stack(&env, "stack", 5001);
    let run = env.run(&["render", "stack", "--push"]).expect_exit(0);
    assert_eq!(run.stderr.matches("has moved").count(), 7, "{}", run.stderr);
    assert_eq!(env.read("remote.git/times"), "0\n");
    assert_eq!(
        env.git("remote.git", &["log", "--format=%s", "-1", "main~1"]),
        "faster"
    );
    assert_eq!(
        env.head("fleet"),
        env.git("remote.git", &["rev-parse", "main"])
    );
}

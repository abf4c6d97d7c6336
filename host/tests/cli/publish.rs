//! `ztgit publish`, against a bare repository on disk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

/// A fleet repository with one render, pushed to `remote.git`.
fn rendered() -> TestEnvironment {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("", &["init", "--quiet", "--bare", "remote.git"]);
    env.git("", &["clone", "--quiet", "remote.git", "fleet"]);
    env.run(&["render", "stack", "--push"]).expect_exit(0);
    env
}

/// The same, published to the remote.
fn published() -> TestEnvironment {
    let env = rendered();
    env.run(&["publish", "--push"]).expect_exit(0);
    env
}

/// Changes what only one of the clusters has.
fn change_one(env: &TestEnvironment, cluster: &str) {
    let file = format!("fleet/clusters/{cluster}/note.yaml");
    let text = if env.exists(&file) {
        "# two\n"
    } else {
        "# one\n"
    };
    env.write(&file, text);
    env.commit_all("fleet", "a note");
    env.git("fleet", &["push", "--quiet", "origin", "main"]);
}

fn tip(env: &TestEnvironment, repository: &str, branch: &str) -> String {
    env.git(repository, &["rev-parse", &format!("refs/heads/{branch}")])
}

fn files(env: &TestEnvironment, revision: &str) -> BTreeSet<String> {
    let list = env.git("fleet", &["ls-tree", "-r", "--name-only", revision]);
    list.lines().map(str::to_owned).collect()
}

fn blobs(env: &TestEnvironment, revision: &str) -> BTreeSet<String> {
    let list = env.git(
        "fleet",
        &["ls-tree", "-r", "--format=%(objectname)", revision],
    );
    list.lines().map(str::to_owned).collect()
}

#[test]
fn a_slice_is_what_flux_in_its_cluster_reads() {
    let env = published();
    let mut expected = files(&env, "main");
    expected
        .retain(|file| file.starts_with("clusters/home/") || file.starts_with("rendered/home/"));
    assert!(!expected.is_empty());
    assert_eq!(files(&env, "deploy/home"), expected);
    assert!(blobs(&env, "deploy/home").is_subset(&blobs(&env, "main")));
    assert_eq!(env.git("fleet", &["fsck", "--strict"]), "");
}

#[test]
fn the_commit_of_a_slice_names_the_fleet_s() {
    let env = published();
    let trailers = env.git(
        "fleet",
        &["log", "-1", "--format=%(trailers:only)", "deploy/home"],
    );
    let source = env.head("fleet");
    assert_eq!(
        trailers.trim(),
        format!("Ztgit-Fleet-Commit: {source}\nZtgit-Cluster: home")
    );
}

#[test]
fn only_the_cluster_that_changed_gets_a_commit() {
    let env = published();
    let (home, lab) = (
        tip(&env, "remote.git", "deploy/home"),
        tip(&env, "remote.git", "deploy/lab"),
    );
    change_one(&env, "home");
    insta::assert_snapshot!(env.run(&["publish", "--push"]).snapshot());
    assert_eq!(tip(&env, "remote.git", "deploy/home~1"), home);
    assert_eq!(tip(&env, "remote.git", "deploy/lab"), lab);
}

#[test]
fn publishing_again_publishes_nothing() {
    let env = published();
    insta::assert_snapshot!(
        env.run(&["publish", "--push", "--format", "json"])
            .snapshot()
    );
}

#[test]
fn without_push_the_remote_stays_as_it_is() {
    let env = rendered();
    env.run(&["publish"]).expect_exit(0);
    assert_eq!(
        files(&env, "deploy/home").len(),
        files(&env, "deploy/lab").len()
    );
    assert_eq!(env.git("remote.git", &["branch", "--list", "deploy/*"]), "");
}

#[test]
fn another_clone_goes_on_where_the_first_one_ended() {
    let env = published();
    let before = tip(&env, "remote.git", "deploy/home");
    change_one(&env, "home");
    env.git("", &["clone", "--quiet", "remote.git", "other"]);
    env.run(&["publish", "--repo", "other", "--push"])
        .expect_exit(0);
    assert_eq!(tip(&env, "remote.git", "deploy/home~1"), before);
    assert_eq!(
        tip(&env, "other", "deploy/lab"),
        tip(&env, "remote.git", "deploy/lab")
    );
}

#[test]
fn an_older_fleet_is_not_published_over_a_newer_one() {
    let env = published();
    env.git("", &["clone", "--quiet", "remote.git", "other"]);
    change_one(&env, "home");
    env.run(&["publish", "--push"]).expect_exit(0);
    let before = tip(&env, "remote.git", "deploy/home");
    insta::assert_snapshot!(
        env.run(&["publish", "--repo", "other", "--push"])
            .snapshot()
    );
    assert_eq!(tip(&env, "remote.git", "deploy/home"), before);
}

/// Commits a file to a clone of a slice, which is not pushed yet.
fn edit_slice_by_hand(env: &TestEnvironment, clone: &str) {
    let branch = "--branch=deploy/home";
    env.git("", &["clone", "--quiet", branch, "remote.git", clone]);
    env.write(&format!("{clone}/clusters/home/{clone}.yaml"), "# theirs\n");
    env.commit_all(clone, "by hand");
}

#[test]
fn what_somebody_committed_to_a_slice_is_followed_and_not_forced_away() {
    let env = published();
    edit_slice_by_hand(&env, "other");
    env.git("other", &["push", "--quiet"]);
    env.run(&["publish", "--push"]).expect_exit(0);
    assert_eq!(tip(&env, "remote.git", "deploy/home~1"), env.head("other"));
    assert!(!files(&env, "deploy/home").contains("clusters/home/other.yaml"));
}

/// The remote's branch moves between what it tells of itself and what it takes.
#[test]
fn a_slice_that_moves_while_it_is_pushed_is_followed() {
    let env = published();
    edit_slice_by_hand(&env, "other");
    env.git("other", &["push", "--quiet", "origin", "HEAD:theirs"]);
    change_one(&env, "home");
    let hook = env.path("remote.git/hooks/pre-receive");
    // Once; and git lets nothing be moved while it looks at what was pushed.
    let script = "#!/bin/sh\nmv \"$0\" \"$0.done\"\nunset GIT_QUARANTINE_PATH\n\
                  exec git update-ref refs/heads/deploy/home refs/heads/theirs\n";
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();

    let run = env.run(&["publish", "--push"]).expect_exit(0);
    assert!(!hook.exists(), "it was pushed to");
    assert!(run.stderr.contains("has moved"), "{}", run.stderr);
    assert_eq!(tip(&env, "remote.git", "deploy/home~1"), env.head("other"));
    assert_eq!(
        tip(&env, "remote.git", "deploy/home"),
        tip(&env, "fleet", "deploy/home")
    );
    assert!(!files(&env, "deploy/home").contains("clusters/home/other.yaml"));
}

#[test]
fn a_branch_that_differs_here_and_there_is_left_alone() {
    let env = published();
    for clone in ["other", "third"] {
        edit_slice_by_hand(&env, clone);
    }
    env.git("other", &["push", "--quiet"]);
    env.git(
        "fleet",
        &["fetch", "--quiet", "../third", "+deploy/home:deploy/home"],
    );
    insta::assert_snapshot!(env.run(&["publish", "--push"]).snapshot());
    assert_eq!(tip(&env, "fleet", "deploy/home"), env.head("third"));
}

#[test]
fn a_kustomization_of_the_user_s_that_would_find_nothing_is_refused() {
    let env = rendered();
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                         metadata: {name: shared, namespace: flux-system}\n\
                         spec: {path: ./shared/, prune: true, interval: 1h, \
                         sourceRef: {kind: GitRepository, name: flux-system}}\n";
    env.write("fleet/clusters/home/shared.yaml", kustomization);
    env.write("fleet/shared/thing.yaml", "# a thing\n");
    env.commit_all("fleet", "something shared");
    insta::assert_snapshot!(env.run(&["publish"]).snapshot());
    env.run(&["publish", "--include", "shared"]).expect_exit(0);
    assert!(files(&env, "deploy/home").contains("shared/thing.yaml"));
    assert!(files(&env, "deploy/lab").contains("shared/thing.yaml"));
}

#[test]
fn a_choice_of_clusters_leaves_the_others() {
    let env = rendered();
    env.run(&["publish", "--cluster", "home"]).expect_exit(0);
    let branches = env.git("fleet", &["branch", "--list", "deploy/*"]);
    assert_eq!(branches.trim(), "deploy/home");
}

#[test]
fn the_branch_of_a_cluster_that_left_is_named() {
    let env = published();
    env.git("fleet", &["branch", "deploy/gone", "deploy/home"]);
    let run = env.run(&["publish"]).expect_exit(0);
    assert!(run.stderr.contains("branch `deploy/gone` is of no cluster"));
}

#[test]
fn a_fleet_that_was_never_rendered_is_not_published() {
    let env = TestEnvironment::new();
    env.git("", &["init", "--quiet", "fleet"]);
    insta::assert_snapshot!(env.run(&["publish"]).snapshot());
}

#[test]
fn a_remote_that_cannot_be_reached_moves_no_branch() {
    let env = published();
    let before = tip(&env, "fleet", "deploy/home");
    change_one(&env, "home");
    fs::rename(env.path("remote.git"), env.path("away.git")).unwrap();
    env.run(&["publish", "--push"]).expect_exit(3);
    assert_eq!(tip(&env, "fleet", "deploy/home"), before);
}

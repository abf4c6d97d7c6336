//! Renders into repositories of every shape, and beside a user's own work.

use std::fs;

use crate::environment::TestEnvironment;
use crate::stacks::{POLICY, TWO_CLUSTERS};

#[test]
fn a_stack_may_live_inside_the_fleet_repository() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("stack", &["init", "--quiet"]);
    env.commit_all("stack", "a stack");
    let mut render = env.command(&["render", ".", "--repo", "."]);
    env.finish(render.current_dir(env.path("stack")))
        .expect_exit(0);
    assert_eq!(env.commits("stack"), 2);
    assert_eq!(env.git("stack", &["status", "--short"]), "");
    let mut verify = env.command(&["verify", "--repo", "."]);
    env.finish(verify.current_dir(env.path("stack")))
        .expect_exit(0);
}

#[test]
fn an_unchanged_stack_inside_the_fleet_repository_is_up_to_date() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("stack", &["init", "--quiet"]);
    env.commit_all("stack", "a stack");
    for _ in 0..2 {
        env.run(&["render", "stack", "--repo", "stack"])
            .expect_exit(0);
    }
    assert_eq!(env.commits("stack"), 2);
}

#[test]
fn a_bare_repository_gets_the_commit() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("", &["init", "--quiet", "--bare", "fleet.git"]);
    env.run(&["render", "stack", "--repo", "fleet.git"])
        .expect_exit(0);
    assert!(
        env.git("fleet.git", &["ls-tree", "-r", "--name-only", "main"])
            .contains(POLICY)
    );
    env.run(&["drift", "git", "stack", "--repo", "fleet.git"])
        .expect_exit(0);
}

#[test]
fn a_branch_without_commits_gets_its_first() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git(
        "",
        &["init", "--quiet", "--initial-branch", "main", "fleet"],
    );
    env.run(&["render", "stack"]).expect_exit(0);
    assert_eq!(env.commits("fleet"), 1);
    assert_eq!(env.git("fleet", &["status", "--short"]), "");
}

#[test]
fn another_branch_is_written_while_the_first_is_checked_out() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let before = env.head("fleet");
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    env.run(&["render", "stack", "--branch", "proposal"])
        .expect_exit(0);
    assert_eq!(env.head("fleet"), before);
    assert_eq!(env.git("fleet", &["status", "--short"]), "");
    assert_ne!(env.git("fleet", &["rev-parse", "proposal"]), before);
}

#[test]
fn a_linked_work_tree_is_brought_up_to_date() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.git(
        "fleet",
        &["worktree", "add", "--quiet", "-b", "other", "../linked"],
    );
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    env.run(&["render", "stack", "--repo", "linked", "--branch", "other"])
        .expect_exit(0);
    assert_eq!(env.git("linked", &["status", "--short"]), "");
    assert_eq!(env.commits("linked"), 2);
    assert_eq!(env.commits("fleet"), 1);
}

#[test]
fn uncommitted_edits_are_refused_by_name_and_kept() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let edited = format!("fleet/{POLICY}");
    env.write(&edited, "edited by hand\n");
    env.write("fleet/rendered/home/untracked.yaml", "mine\n");
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    let before = env.head("fleet");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(env.read(&edited), "edited by hand\n");
    assert_eq!(env.read("fleet/rendered/home/untracked.yaml"), "mine\n");
    assert_eq!(env.head("fleet"), before);
}

#[test]
fn a_user_s_own_files_stay_as_they_are_committed_or_not() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.write("fleet/README.md", "ours\n");
    env.write(
        "fleet/clusters/home/flux-system/kustomization.yaml",
        "theirs\n",
    );
    env.commit_all("fleet", "files of our own");
    env.write("fleet/README.md", "ours, edited\n");
    env.write("fleet/draft.txt", "untracked\n");
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    env.run(&["render", "stack"]).expect_exit(0);
    assert_eq!(
        env.git("fleet", &["status", "--short"]),
        " M README.md\n?? draft.txt"
    );
    assert_eq!(env.git("fleet", &["show", "HEAD:README.md"]), "ours");
    assert_eq!(
        env.git(
            "fleet",
            &["show", "HEAD:clusters/home/flux-system/kustomization.yaml"]
        ),
        "theirs"
    );
}

#[test]
fn a_user_s_file_where_a_rendered_one_belongs_is_refused_and_kept() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("", &["init", "--quiet", "fleet"]);
    env.write(&format!("fleet/{POLICY}"), "mine\n");
    env.commit_all("fleet", "files of our own");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(env.read(&format!("fleet/{POLICY}")), "mine\n");
    assert_eq!(env.commits("fleet"), 1);
}

#[test]
fn a_user_s_lines_in_shared_files_stay() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("", &["init", "--quiet", "fleet"]);
    env.write("fleet/.sourceignore", "/secret/\n");
    env.write("fleet/.gitattributes", "*.png binary");
    env.commit_all("fleet", "files of our own");
    env.run(&["render", "stack"]).expect_exit(0);
    assert!(
        env.read("fleet/.sourceignore")
            .starts_with("/secret/\n# ztgit: begin")
    );
    assert!(
        env.read("fleet/.gitattributes")
            .starts_with("*.png binary\n# ztgit: begin")
    );

    env.write(
        "fleet/.sourceignore",
        env.read("fleet/.sourceignore") + "/late/\n",
    );
    env.commit_all("fleet", "one more");
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(run.stdout.ends_with("up to date\n"), "{}", run.snapshot());
    assert!(
        env.read("fleet/.sourceignore")
            .ends_with("# ztgit: end of managed block\n/late/\n")
    );
}

#[test]
fn a_file_that_somebody_changed_and_committed_is_named_and_restored() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let rendered = env.read(&format!("fleet/{POLICY}"));
    env.write(&format!("fleet/{POLICY}"), "edited by hand\n");
    env.commit_all("fleet", "a quick fix");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(env.read(&format!("fleet/{POLICY}")), rendered);
    assert!(
        env.git("fleet", &["log", "-1", "--format=%B"])
            .contains(POLICY)
    );
}

#[test]
fn without_an_identity_the_commit_is_ztgit_s_and_a_note_says_so() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    fs::remove_file(env.path("home/.gitconfig")).unwrap();
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(
        env.git("fleet", &["log", "-1", "--format=%an <%ae> %cn <%ce>"]),
        "ztgit <ztgit@localhost> ztgit <ztgit@localhost>"
    );
}

#[test]
fn a_repository_inside_another_is_not_made_over_its_files() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.git("stack", &["init", "--quiet"]);
    env.commit_all("stack", "a stack");
    env.write("stack/sub/file", "mine\n");
    insta::assert_snapshot!(
        env.run(&["render", "stack", "--repo", "stack/sub"])
            .snapshot()
    );
    assert!(!env.exists("stack/sub/.git"));
}

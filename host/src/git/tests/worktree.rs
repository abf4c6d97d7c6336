//! Work trees follow the branch, and nothing in them is lost.

use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;

/// A repository with `rendered/a` and `rendered/b` committed by us on a user's commit.
fn rendered(sandbox: &Sandbox) -> (PathBuf, FleetRepository, CommitId) {
    let path = sandbox.with_user_commit("fleet");
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = commit_all(
        &repository,
        [("rendered/a", write("a\n")), ("rendered/b", write("b\n"))],
    );
    (path, repository, tip)
}

/// A repository, and another work tree of it in which the branch `fleet` is.
fn with_linked_work_tree(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let (path, linked) = (sandbox.with_user_commit("fleet"), sandbox.path("linked"));
    let text = linked.to_str().unwrap();
    git(&path, &["worktree", "add", "-q", "-b", "fleet", text]);
    (path, linked)
}

/// The paths that make a commit of `rendered/a` be refused.
fn dirty(repository: &FleetRepository, tip: CommitId) -> Vec<String> {
    let changes = [
        ("rendered/a", write("new\n")),
        ("rendered/new", write("new\n")),
    ];
    let error = repository.commit(&on(Some(tip), changes)).unwrap_err();
    assert_eq!(repository.tip().unwrap(), Some(tip), "the branch stays");
    match error {
        Error::Dirty { paths, .. } => paths,
        error => panic!("{error}"),
    }
}

#[test]
fn changed_paths_are_updated_and_nothing_else() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    put(&path.join("README"), "edited\n");
    put(&path.join("untracked"), "new\n");
    let inode =
        |name: &str| std::os::unix::fs::MetadataExt::ino(&fs::metadata(path.join(name)).unwrap());
    let before = inode("rendered/b");
    commit_all(
        &repository,
        [("rendered/a", write("A\n")), ("rendered/c/d", write("d\n"))],
    );
    assert_eq!(fs::read_to_string(path.join("rendered/a")).unwrap(), "A\n");
    assert_eq!(
        fs::read_to_string(path.join("rendered/c/d")).unwrap(),
        "d\n"
    );
    assert_eq!(
        inode("rendered/b"),
        before,
        "an unchanged file is not written"
    );
    assert_eq!(status(&path), " M README\n?? untracked");
    assert_eq!(fs::read_to_string(path.join("README")).unwrap(), "edited\n");
}

#[test]
fn removed_paths_go_with_the_directories_that_they_leave_empty() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    commit_all(&repository, [("rendered/c/d/e", write("e"))]);
    commit_all(&repository, [("rendered/c/d/e", Change::Remove)]);
    assert!(!path.join("rendered/c").exists());
    assert!(path.join("rendered/a").exists());
    assert_eq!(status(&path), "");
}

#[test]
fn executables_are_executable_on_disk() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    let script = Change::Write {
        bytes: b"#!/bin/sh\n".to_vec(),
        mode: FileMode::Executable,
    };
    commit_all(&repository, [("rendered/script", script)]);
    let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o100;
    assert_eq!((mode("rendered/script"), mode("rendered/a")), (0o100, 0));
    assert_eq!(status(&path), "");
}

#[test]
fn an_edit_is_refused_and_kept() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    put(&path.join("rendered/b"), "edited\n");
    assert_eq!(dirty(&repository, tip), ["rendered/b"]);
    assert_eq!(
        fs::read_to_string(path.join("rendered/b")).unwrap(),
        "edited\n"
    );
    assert_eq!(fs::read_to_string(path.join("rendered/a")).unwrap(), "a\n");
}

#[test]
fn every_kind_of_uncommitted_change_is_named() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    put(&path.join("rendered/a"), "edited\n");
    put(&path.join("rendered/b"), "staged\n");
    put(&path.join("rendered/staged"), "staged\n");
    git(&path, &["add", "rendered/b", "rendered/staged"]);
    put(&path.join("rendered/deep/untracked"), "untracked\n");
    let named = [
        "rendered/a",
        "rendered/b",
        "rendered/deep/untracked",
        "rendered/staged",
    ];
    assert_eq!(dirty(&repository, tip), named);
}

#[test]
fn a_staged_edit_that_was_undone_on_disk_is_refused() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    put(&path.join("rendered/a"), "staged\n");
    git(&path, &["add", "rendered/a"]);
    put(&path.join("rendered/a"), "a\n");
    assert_eq!(dirty(&repository, tip), ["rendered/a"]);
}

#[test]
fn a_deleted_file_is_refused() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    fs::remove_file(path.join("rendered/b")).unwrap();
    assert_eq!(dirty(&repository, tip), ["rendered/b"]);
}

#[test]
fn an_ignored_file_in_the_way_is_refused() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    put(&path.join(".git/info/exclude"), "new\nother\n");
    put(&path.join("rendered/new"), "mine\n");
    put(&path.join("rendered/other"), "not in the way\n");
    assert_eq!(dirty(&repository, tip), ["rendered/new"]);
    assert_eq!(
        fs::read_to_string(path.join("rendered/new")).unwrap(),
        "mine\n"
    );
}

#[test]
fn an_edit_that_git_was_told_to_overlook_is_refused() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    git(&path, &["update-index", "--assume-unchanged", "rendered/a"]);
    put(&path.join("rendered/a"), "mine\n");
    assert_eq!(dirty(&repository, tip), ["rendered/a"]);
}

#[test]
fn an_untracked_file_outside_managed_paths_is_refused_where_it_is_in_the_way() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    put(&path.join("elsewhere"), "mine\n");
    let error = repository
        .commit(&on(Some(tip), [("elsewhere", write("x"))]))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Dirty { paths, .. } if *paths == ["elsewhere"]),
        "{error}"
    );
}

#[test]
fn a_directory_replaced_by_a_link_is_refused_and_not_followed() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    fs::rename(path.join("rendered"), sandbox.path("outside")).unwrap();
    symlink(sandbox.path("outside"), path.join("rendered")).unwrap();
    assert!(dirty(&repository, tip).contains(&"rendered".to_owned()));
    assert_eq!(
        fs::read_to_string(sandbox.path("outside/a")).unwrap(),
        "a\n"
    );
    assert!(!sandbox.path("outside/new").exists());
}

#[test]
fn an_edit_of_the_same_size_right_after_a_commit_is_seen() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    put(&path.join("rendered/a"), "z\n");
    assert_eq!(dirty(&repository, tip), ["rendered/a"]);
}

#[test]
fn a_touched_file_with_the_same_content_is_clean() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    put(&path.join("rendered/b"), "b\n");
    commit_all(&repository, [("rendered/a", write("new\n"))]);
    assert_eq!(status(&path), "");
}

#[test]
fn cleanliness_can_be_asked_for_alone() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    let managed = BTreeSet::from([tree_path("rendered")]);
    repository.require_clean(&managed).unwrap();
    put(&path.join("rendered/b"), "edited\n");
    let error = repository.require_clean(&managed).unwrap_err();
    assert!(matches!(error, Error::Dirty { .. }), "{error}");
}

#[test]
fn a_branch_that_is_not_checked_out_moves_alone() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let repository = FleetRepository::open(&path, "fleet").unwrap();
    commit_all(&repository, [("rendered/a", write("a"))]);
    assert!(!path.join("rendered").exists());
    assert_eq!(status(&path), "");
    assert_eq!(
        git(&path, &["ls-tree", "-r", "--name-only", "fleet"]),
        "rendered/a"
    );
}

#[test]
fn a_detached_head_stays_where_it_is() {
    let sandbox = Sandbox::new();
    let (path, repository, tip) = rendered(&sandbox);
    git(&path, &["checkout", "-q", "--detach"]);
    put(&path.join("rendered/a"), "edited\n");
    commit_all(&repository, [("rendered/a", write("new\n"))]);
    assert_eq!(git(&path, &["rev-parse", "HEAD"]), tip.to_string());
    assert_eq!(
        fs::read_to_string(path.join("rendered/a")).unwrap(),
        "edited\n"
    );
}

#[test]
fn a_linked_work_tree_with_the_branch_follows() {
    let sandbox = Sandbox::new();
    let (path, linked) = with_linked_work_tree(&sandbox);
    for opened_at in [&path, &linked] {
        let repository = FleetRepository::open(opened_at, "fleet").unwrap();
        let text = opened_at.to_str().unwrap();
        commit_all(&repository, [("rendered/a", write(text))]);
        assert_eq!(fs::read_to_string(linked.join("rendered/a")).unwrap(), text);
        assert_eq!(
            (status(&linked), status(&path)),
            (String::new(), String::new())
        );
    }
    put(&linked.join("rendered/a"), "edited");
    let repository = FleetRepository::open(&path, "fleet").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    assert_eq!(dirty(&repository, tip), ["rendered/a"]);
}

#[test]
fn a_linked_work_tree_that_is_away_does_not_matter() {
    let sandbox = Sandbox::new();
    let (path, linked) = with_linked_work_tree(&sandbox);
    fs::remove_dir_all(&linked).unwrap();
    commit_all(
        &FleetRepository::open(&path, "fleet").unwrap(),
        [("rendered/a", write("a"))],
    );
}

#[test]
fn a_sparse_checkout_keeps_left_out_what_is_left_out() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    commit_all(
        &repository,
        [
            ("rendered/in/x", write("x")),
            ("rendered/out/y", write("y")),
        ],
    );
    git(&path, &["sparse-checkout", "set", "--cone", "rendered/in"]);
    assert!(!path.join("rendered/out").exists());
    let changes = [
        ("rendered/in/new", write("n")),
        ("rendered/out/y", write("Y")),
        ("rendered/out/new", write("N")),
    ];
    commit_all(&repository, changes);
    assert!(path.join("rendered/in/new").exists());
    assert!(!path.join("rendered/out").exists());
    assert_eq!(status(&path), "");
    commit_all(&repository, [("rendered/out/y", Change::Remove)]);
    assert_eq!(status(&path), "");
    git(&path, &["sparse-checkout", "disable"]);
    assert_eq!(
        fs::read_to_string(path.join("rendered/out/new")).unwrap(),
        "N"
    );
    assert_eq!(status(&path), "");
}

#[test]
fn a_file_that_a_sparse_checkout_should_not_have_is_kept() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = rendered(&sandbox);
    let tip = commit_all(&repository, [("out/y", write("y"))]);
    git(&path, &["sparse-checkout", "set", "--cone", "rendered"]);
    put(&path.join("out/y"), "mine");
    let error = repository
        .commit(&on(Some(tip), [("out/y", write("Y"))]))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Dirty { paths, .. } if *paths == ["out/y"]),
        "{error}"
    );
}

#[test]
fn a_work_tree_of_which_nobody_can_tell_the_branch_stops_the_commit() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    git(&path, &["checkout", "-q", "--detach"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = repository.tip().unwrap();
    fs::create_dir_all(path.join(".git/rebase-merge/head-name")).unwrap();
    let commit = on(tip, [("rendered/a", write("a"))]);
    let error = repository.commit(&commit).unwrap_err().to_string();
    assert!(error.contains("rebase-merge/head-name"), "{error}");
    assert_eq!(repository.tip().unwrap(), tip);
}

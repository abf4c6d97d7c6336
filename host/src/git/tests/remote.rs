//! Pushing and fetching with the `git` program.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// A bare remote, and a repository that has it as `origin`.
fn with_remote(sandbox: &Sandbox) -> (PathBuf, PathBuf, FleetRepository) {
    let remote = sandbox.init("remote.git", &["--bare"]);
    let path = sandbox.init("fleet", &[]);
    git(
        &path,
        &["remote", "add", "origin", remote.to_str().unwrap()],
    );
    let repository = FleetRepository::open(&path, "main").unwrap();
    (remote, path, repository)
}

/// A commit by someone else, pushed to the remote.
fn push_theirs(sandbox: &Sandbox, remote: &Path) -> String {
    let clone = sandbox.path("theirs");
    git(remote, &["clone", "-q", ".", clone.to_str().unwrap()]);
    git(&clone, &["checkout", "-q", "-B", "main"]);
    put(&clone.join("THEIRS"), "theirs\n");
    git(&clone, &["add", "-A"]);
    git(&clone, &["commit", "-q", "-m", "theirs"]);
    git(&clone, &["push", "-q", "origin", "main"]);
    git(&clone, &["rev-parse", "HEAD"])
}

#[test]
fn a_commit_is_pushed() {
    let sandbox = Sandbox::new();
    let (remote, _, repository) = with_remote(&sandbox);
    let commit = commit_all(&repository, [("rendered/a", write("a"))]);
    assert_eq!(
        repository.push("origin", commit).unwrap(),
        PushOutcome::Pushed
    );
    assert_eq!(git(&remote, &["rev-parse", "main"]), commit.to_string());
    assert_eq!(
        repository.push("origin", commit).unwrap(),
        PushOutcome::Pushed
    );
    assert_sound(&remote);
}

#[test]
fn a_push_that_would_drop_commits_is_reported_and_not_forced() {
    let sandbox = Sandbox::new();
    let (remote, path, repository) = with_remote(&sandbox);
    let theirs = push_theirs(&sandbox, &remote);
    git(
        &path,
        &["config", "remote.origin.push", "+refs/heads/*:refs/heads/*"],
    );
    let commit = commit_all(&repository, [("rendered/a", write("a"))]);
    assert_eq!(
        repository.push("origin", commit).unwrap(),
        PushOutcome::NonFastForward
    );
    repository.fetch("origin").unwrap();
    assert_eq!(
        repository.push("origin", commit).unwrap(),
        PushOutcome::NonFastForward
    );
    assert_eq!(git(&remote, &["rev-parse", "main"]), theirs);
}

#[test]
fn a_push_to_nowhere_fails_with_what_git_says() {
    let sandbox = Sandbox::new();
    let (_, _, repository) = with_remote(&sandbox);
    let commit = commit_all(&repository, [("rendered/a", write("a"))]);
    let PushOutcome::Failed { stderr } = repository.push("nowhere", commit).unwrap() else {
        panic!("there is no such remote");
    };
    assert!(stderr.contains("nowhere"), "{stderr}");
}

#[test]
fn a_push_that_the_server_declines_fails_with_the_reason() {
    let sandbox = Sandbox::new();
    let (remote, _, repository) = with_remote(&sandbox);
    hook(&remote.join("hooks/pre-receive"), "echo no way >&2; exit 1");
    let commit = commit_all(&repository, [("rendered/a", write("a"))]);
    let PushOutcome::Failed { stderr } = repository.push("origin", commit).unwrap() else {
        panic!("the server declined");
    };
    assert!(
        stderr.contains("pre-receive hook declined") && stderr.contains("no way"),
        "{stderr}"
    );
}

#[test]
fn a_remote_that_looks_like_an_option_is_not_one() {
    let sandbox = Sandbox::new();
    let (_, _, repository) = with_remote(&sandbox);
    let commit = commit_all(&repository, [("rendered/a", write("a"))]);
    let canary = sandbox.path("canary");
    let remote = format!("--receive-pack=touch {}", canary.display());
    assert!(matches!(
        repository.push(&remote, commit).unwrap(),
        PushOutcome::Failed { .. }
    ));
    assert!(!canary.exists());
}

#[test]
fn a_fetch_gives_the_remote_tip_and_leaves_our_branch() {
    let sandbox = Sandbox::new();
    let (remote, _, repository) = with_remote(&sandbox);
    assert_eq!(repository.fetch("origin").unwrap(), None);
    let theirs = push_theirs(&sandbox, &remote);
    assert_eq!(
        repository.fetch("origin").unwrap().unwrap().to_string(),
        theirs
    );
    assert_eq!(repository.tip().unwrap(), None);
}

#[test]
fn a_fetch_from_nowhere_is_an_error() {
    let sandbox = Sandbox::new();
    let (_, _, repository) = with_remote(&sandbox);
    let error = repository.fetch("nowhere").unwrap_err();
    assert!(
        matches!(
            error,
            Error::ProgramFailed {
                command: "fetch",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn after_losing_a_race_the_commit_goes_on_the_remote_tip_and_the_branch_follows() {
    let sandbox = Sandbox::new();
    let (remote, path, repository) = with_remote(&sandbox);
    let first = commit_all(&repository, [("rendered/a", write("a"))]);
    repository.push("origin", first).unwrap();
    let theirs = push_theirs(&sandbox, &remote);

    let mut commit = on(Some(first), [("rendered/a", write("new"))]);
    let lost = committed(repository.write(&commit, &repository.draft()).unwrap());
    assert_eq!(
        repository.push("origin", lost).unwrap(),
        PushOutcome::NonFastForward
    );
    commit.base = repository.fetch("origin").unwrap();
    let won = committed(repository.write(&commit, &repository.draft()).unwrap());
    assert_eq!(repository.push("origin", won).unwrap(), PushOutcome::Pushed);
    repository
        .advance(Some(first), won, &commit.managed)
        .unwrap();

    assert_eq!(
        git(&remote, &["rev-parse", "main", "main~1"]),
        format!("{won}\n{theirs}")
    );
    assert_eq!(git(&path, &["rev-parse", "main"]), won.to_string());
    assert_eq!(fs::read_to_string(path.join("THEIRS")).unwrap(), "theirs\n");
    assert_eq!(fs::read_to_string(path.join("rendered/a")).unwrap(), "new");
    assert_eq!(status(&path), "");
}

#[test]
fn the_branch_does_not_advance_to_a_commit_without_its_own() {
    let sandbox = Sandbox::new();
    let (remote, _, repository) = with_remote(&sandbox);
    push_theirs(&sandbox, &remote);
    let theirs = repository.fetch("origin").unwrap().unwrap();
    let ours = commit_all(&repository, [("rendered/a", write("a"))]);
    let error = repository
        .advance(Some(ours), theirs, &BTreeSet::new())
        .unwrap_err();
    assert!(matches!(error, Error::NotFastForward { .. }), "{error}");
}

#[test]
fn no_hook_and_no_monitor_is_run() {
    let sandbox = Sandbox::new();
    let (_, path, repository) = with_remote(&sandbox);
    let canary = sandbox.path("canary");
    let touch = format!("touch '{}'", canary.display());
    let names = [
        "pre-commit",
        "post-commit",
        "commit-msg",
        "prepare-commit-msg",
        "pre-push",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
        "post-rewrite",
        "pre-auto-gc",
        "update",
    ];
    for name in names {
        hook(&path.join("hooks").join(name), &touch);
        hook(&path.join(".git/hooks").join(name), &touch);
    }
    hook(&path.join("monitor"), &touch);
    git(
        &path,
        &[
            "config",
            "core.hooksPath",
            path.join("hooks").to_str().unwrap(),
        ],
    );
    git(
        &path,
        &[
            "config",
            "core.fsmonitor",
            path.join("monitor").to_str().unwrap(),
        ],
    );
    let first = commit_all(&repository, [("rendered/a", write("a"))]);
    commit_all(&repository, [("rendered/a", write("b"))]);
    repository.push("origin", first).unwrap();
    repository.fetch("origin").unwrap();
    repository.consolidate().unwrap();
    assert!(!canary.exists());
    git(
        &path,
        &["commit", "-q", "--allow-empty", "-m", "the hooks work"],
    );
    assert!(canary.exists());
}

fn hook(path: &Path, script: &str) {
    put(path, &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn packs(path: &Path) -> usize {
    let entries = fs::read_dir(path.join(".git/objects/pack")).unwrap();
    let names = entries.map(|entry| entry.unwrap().path());
    names
        .filter(|name| name.extension() == Some("pack".as_ref()))
        .count()
}

#[test]
fn more_packs_than_git_lets_there_be_become_one() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    git(&path, &["config", "gc.autoDetach", "false"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let next = |number: usize| {
        commit_all(&repository, [("rendered/a", write(&number.to_string()))]);
        repository.maintain().unwrap();
        packs(&path)
    };
    let counts: Vec<usize> = (0..51).map(next).collect();
    assert_eq!(counts[..50], (1..=50).collect::<Vec<_>>());
    assert_eq!(counts[50], 1);
    assert_sound(&path);
}

//! Tests with real repositories; the `git` program is the judge of every result.

mod commit;
mod concurrency;
mod damage;
mod history;
mod locks;
mod open;
mod recovery;
mod refusals;
mod remote;
mod slice;
mod source;
mod worktree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::*;
use crate::tree::{FileMode, TreePath};

/// A directory of its own, in which repositories are made.
struct Sandbox {
    directory: TempDir,
}

impl Sandbox {
    fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.directory.path()).unwrap().join(name)
    }

    /// A repository made by git, with `main` yet to be born.
    fn init(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        git(&path, &[&["init", "-q", "-b", "main"], arguments].concat());
        path
    }

    /// A repository made by git with one commit of the user's.
    fn with_user_commit(&self, name: &str) -> PathBuf {
        let path = self.init(name, &[]);
        put(&path.join("README"), "mine\n");
        git(&path, &["add", "-A"]);
        git(&path, &["commit", "-q", "-m", "first"]);
        path
    }
}

/// Runs git, apart from the machine's configuration, and wants it to succeed.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = try_git(directory, arguments);
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

fn try_git(directory: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "User")
        .env("GIT_AUTHOR_EMAIL", "user@example.net")
        .env("GIT_COMMITTER_NAME", "User")
        .env("GIT_COMMITTER_EMAIL", "user@example.net")
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .output()
        .unwrap()
}

/// No warning, no dangling reference, nothing that strict checking finds.
fn assert_sound(directory: &Path) {
    let output = try_git(
        directory,
        &["fsck", "--strict", "--no-dangling", "--no-progress"],
    );
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.status.success() && !said.contains("error"),
        "fsck: {said}"
    );
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn tree_path(path: &str) -> TreePath {
    TreePath::new(path).unwrap()
}

fn write(text: &str) -> Change {
    Change::Write {
        bytes: text.as_bytes().to_vec(),
        mode: FileMode::Regular,
    }
}

fn signature() -> Signature {
    let identity = Identity {
        name: "ztgit".to_owned(),
        email: "ztgit@localhost".to_owned(),
    };
    Signature {
        identity,
        seconds: 1_700_000_000,
        offset_minutes: 60,
    }
}

/// A commit of `changes` on `tip`, by an owner of `rendered`.
fn on<const N: usize>(tip: Option<CommitId>, changes: [(&str, Change); N]) -> Commit {
    let changes: BTreeMap<TreePath, Change> = changes
        .into_iter()
        .map(|(path, change)| (tree_path(path), change))
        .collect();
    Commit {
        tip,
        base: tip,
        changes,
        managed: BTreeSet::from([tree_path("rendered")]),
        message: "render\n\nZtgit-Stack: abc".to_owned(),
        author: signature(),
        committer: signature(),
    }
}

fn committed(outcome: Outcome) -> CommitId {
    match outcome {
        Outcome::Committed(commit) => commit,
        Outcome::Unchanged => panic!("there was something to commit"),
    }
}

/// Commits `changes` on the branch's tip.
fn commit_all<const N: usize>(
    repository: &FleetRepository,
    changes: [(&str, Change); N],
) -> CommitId {
    let tip = repository.tip().unwrap();
    committed(repository.commit(&on(tip, changes)).unwrap())
}

fn status(directory: &Path) -> String {
    git(
        directory,
        &["status", "--porcelain", "--untracked-files=all"],
    )
}

//! What a commit holds, judged by git.

use super::*;

fn bare(sandbox: &Sandbox) -> (PathBuf, FleetRepository) {
    let path = sandbox.init("fleet.git", &["--bare"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    (path, repository)
}

#[test]
fn a_commit_says_who_when_and_what() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    let commit = commit_all(&repository, [("rendered/a", write("a"))]);
    let shown = git(
        &path,
        &["log", "--format=%H|%an|%ae|%ad|%cn|%B", "--date=iso-strict"],
    );
    let expected = format!(
        "{commit}|ztgit|ztgit@localhost|2023-11-14T23:13:20+01:00|ztgit|render\n\nZtgit-Stack: abc"
    );
    assert_eq!(shown, expected);
    assert_sound(&path);
}

#[test]
fn a_bare_repository_gets_the_files() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    commit_all(
        &repository,
        [("rendered/a/x", write("x")), ("rendered/b", write(""))],
    );
    assert_eq!(
        git(&path, &["ls-tree", "-r", "--name-only", "main"]),
        "rendered/a/x\nrendered/b"
    );
    assert_eq!(git(&path, &["show", "main:rendered/a/x"]), "x");
    assert_sound(&path);
}

#[test]
fn executables_are_executable() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    let script = Change::Write {
        bytes: b"#!/bin/sh\n".to_vec(),
        mode: FileMode::Executable,
    };
    commit_all(
        &repository,
        [("rendered/script", script), ("rendered/text", write(""))],
    );
    let listed = git(
        &path,
        &["ls-tree", "--format=%(objectmode) %(path)", "main:rendered"],
    );
    assert_eq!(listed, "100755 script\n100644 text");
}

#[test]
fn other_files_and_their_modes_stay() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    std::os::unix::fs::symlink("README", path.join("link")).unwrap();
    put(&path.join("apps/own.yaml"), "mine");
    git(&path, &["add", "-A"]);
    git(&path, &["commit", "-q", "-m", "second"]);
    let before = git(&path, &["ls-tree", "-r", "main"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    commit_all(&repository, [("rendered/a", write("a"))]);
    let after = git(&path, &["ls-tree", "-r", "main"]);
    let kept: Vec<&str> = after
        .lines()
        .filter(|line| !line.ends_with("rendered/a"))
        .collect();
    assert_eq!(kept.join("\n"), before);
}

#[test]
fn removing_the_last_file_removes_its_directories() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    commit_all(
        &repository,
        [("rendered/a/b/c", write("c")), ("rendered/x", write("x"))],
    );
    commit_all(&repository, [("rendered/a/b/c", Change::Remove)]);
    assert_eq!(
        git(&path, &["ls-tree", "-r", "-t", "--name-only", "main"]),
        "rendered\nrendered/x"
    );
    assert_sound(&path);
}

#[test]
fn removing_everything_leaves_an_empty_tree() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    commit_all(&repository, [("rendered/a", write("a"))]);
    commit_all(&repository, [("rendered/a", Change::Remove)]);
    assert_eq!(git(&path, &["ls-tree", "-r", "main"]), "");
    assert_sound(&path);
}

#[test]
fn changes_that_change_nothing_make_no_commit() {
    let sandbox = Sandbox::new();
    let (_, repository) = bare(&sandbox);
    let tip = commit_all(&repository, [("rendered/a", write("a"))]);
    let same = on(
        Some(tip),
        [
            ("rendered/a", write("a")),
            ("rendered/gone", Change::Remove),
        ],
    );
    assert_eq!(repository.commit(&same).unwrap(), Outcome::Unchanged);
    assert_eq!(repository.tip().unwrap(), Some(tip));
}

#[test]
fn the_same_commit_elsewhere_has_the_same_name() {
    let sandbox = Sandbox::new();
    let commits = ["one.git", "two.git"].map(|name| {
        let path = sandbox.init(name, &["--bare"]);
        let repository = FleetRepository::open(&path, "main").unwrap();
        commit_all(&repository, [("rendered/a", write("a"))])
    });
    assert_eq!(commits[0], commits[1]);
}

#[test]
fn objects_that_exist_are_not_written_again() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    let changes = [("rendered/a/x", write("x")), ("rendered/b/y", write("y"))];
    commit_all(&repository, changes);
    commit_all(&repository, [("rendered/b/z", write("y"))]);
    let objects = git(&path, &["cat-file", "--batch-all-objects", "--batch-check"]);
    // Two files, trees a and b, rendered, the root, the commit; then b, rendered, the root, the commit.
    assert_eq!(objects.lines().count(), 11);
    let counted = git(&path, &["count-objects", "-v"]);
    assert!(
        counted.contains("in-pack: 11") && counted.contains("packs: 2"),
        "{counted}"
    );
    assert!(
        counted.contains("count: 0") && counted.contains("garbage: 0"),
        "{counted}"
    );
}

#[test]
fn names_are_sorted_as_git_sorts_them() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    let names = ["a-b", "a.b", "a/x", "a0", "a_b", "B", "ä", "a-b.c/y"];
    let changes = names.map(|name| (name, write(name)));
    commit_all(&repository, changes);
    assert_sound(&path);
    let clone = sandbox.path("clone");
    git(&path, &["clone", "-q", ".", clone.to_str().unwrap()]);
    for name in names {
        assert_eq!(fs::read_to_string(clone.join(name)).unwrap(), name);
    }
}

#[test]
fn large_and_incompressible_files_survive() {
    let sandbox = Sandbox::new();
    let (path, repository) = bare(&sandbox);
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(3_000_000)
    .collect();
    for size in [0, 1, 15, 16, 17, 2_047, 2_048, 100_000, 3_000_000] {
        let bytes = noise[..size].to_vec();
        let change = Change::Write {
            bytes: bytes.clone(),
            mode: FileMode::Regular,
        };
        let commit = commit_all(&repository, [("rendered/noise", change)]);
        let read = repository
            .snapshot(commit)
            .unwrap()
            .read("rendered/noise")
            .unwrap()
            .unwrap();
        assert!(read == bytes, "{size} bytes");
    }
    assert_sound(&path);
}

#[test]
fn a_file_can_become_a_directory_and_back() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    commit_all(&repository, [("rendered/a", write("file"))]);
    commit_all(
        &repository,
        [
            ("rendered/a", Change::Remove),
            ("rendered/a/b", write("below")),
        ],
    );
    assert_eq!(
        fs::read_to_string(path.join("rendered/a/b")).unwrap(),
        "below"
    );
    commit_all(
        &repository,
        [
            ("rendered/a/b", Change::Remove),
            ("rendered/a", write("file")),
        ],
    );
    assert_eq!(fs::read_to_string(path.join("rendered/a")).unwrap(), "file");
    assert_eq!(status(&path), "");
    assert_sound(&path);
}

#[test]
fn a_directory_of_others_is_not_replaced_by_a_file() {
    let sandbox = Sandbox::new();
    let (_, repository) = bare(&sandbox);
    let tip = commit_all(&repository, [("rendered/a/theirs", write("x"))]);
    let error = repository
        .commit(&on(Some(tip), [("rendered/a", write("a"))]))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Obstructed { path } if path == "rendered/a"),
        "{error}"
    );
}

#[test]
fn a_path_cannot_be_a_file_and_a_directory_at_once() {
    let sandbox = Sandbox::new();
    let (_, repository) = bare(&sandbox);
    let both = on(
        None,
        [("rendered/a", write("a")), ("rendered/a/b", write("b"))],
    );
    let error = repository.commit(&both).unwrap_err();
    assert!(
        matches!(&error, Error::Obstructed { path } if path == "rendered/a"),
        "{error}"
    );
    assert_eq!(repository.tip().unwrap(), None);
}

#[test]
fn a_message_with_nul_is_refused() {
    let sandbox = Sandbox::new();
    let (_, repository) = bare(&sandbox);
    let mut commit = on(None, [("rendered/a", write("a"))]);
    commit.message = "a\0b".to_owned();
    let error = repository.commit(&commit).unwrap_err();
    assert!(
        matches!(error, Error::CommitText { part: "message" }),
        "{error}"
    );
}

/// A commit on the branch's tip, of as many changes as there are.
fn of_many(
    repository: &FleetRepository,
    changes: impl IntoIterator<Item = (String, Change)>,
) -> Commit {
    let changes = changes.into_iter();
    Commit {
        changes: changes
            .map(|(path, change)| (tree_path(&path), change))
            .collect(),
        ..on(repository.tip().unwrap(), [])
    }
}

#[test]
fn many_directories_are_those_that_git_makes() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let names = ["a-b/x", "a.b", "a/x", "a/y/z", "a0", "\u{e4}/x"];
    let files = |cluster: usize| names.map(|name| format!("rendered/{cluster}/{name}"));
    let all = (0..100).flat_map(|cluster| files(cluster).map(|path| (path.clone(), write(&path))));
    let some = (0..100).flat_map(|cluster| match cluster % 3 {
        0 => files(cluster).map(|path| (path, Change::Remove)).to_vec(),
        1 => vec![(files(cluster)[2].clone(), write("changed"))],
        _ => Vec::new(),
    });
    for changes in [all.collect(), some.collect::<Vec<_>>()] {
        committed(repository.commit(&of_many(&repository, changes)).unwrap());
        assert_eq!(status(&path), "");
        git(&path, &["rm", "-r", "-q", "--cached", "."]);
        git(&path, &["add", "-A"]);
        let tree = git(&path, &["rev-parse", "main^{tree}"]);
        assert_eq!(git(&path, &["write-tree"]), tree);
        assert_sound(&path);
    }
}

#[test]
fn of_many_names_that_are_taken_the_first_is_named() {
    let sandbox = Sandbox::new();
    let (_, repository) = bare(&sandbox);
    commit_all(
        &repository,
        [("rendered/17", write("")), ("rendered/93", write(""))],
    );
    for _ in 0..50 {
        let files = (10..100).map(|number| (format!("rendered/{number}/x"), write("")));
        let error = repository.commit(&of_many(&repository, files)).unwrap_err();
        assert!(
            matches!(&error, Error::Obstructed { path } if path == "rendered/17"),
            "{error}"
        );
    }
}

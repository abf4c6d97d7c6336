//! Reading commits back.

use super::*;

fn three_commits(sandbox: &Sandbox) -> (PathBuf, FleetRepository, [CommitId; 3]) {
    let path = sandbox.init("fleet", &[]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let first = commit_all(&repository, [("rendered/a", write("1")), ("x", write("x"))]);
    let second = commit_all(
        &repository,
        [("rendered/a", write("2")), ("rendered/b/c", write("c"))],
    );
    let third = commit_all(&repository, [("rendered/b/c", Change::Remove)]);
    (path, repository, [first, second, third])
}

#[test]
fn a_snapshot_lists_what_is_below_a_prefix() {
    let sandbox = Sandbox::new();
    let (_, repository, [_, second, _]) = three_commits(&sandbox);
    let snapshot = repository.snapshot(second).unwrap();
    let names = |prefix: &str| {
        snapshot
            .list(prefix)
            .unwrap()
            .into_keys()
            .collect::<Vec<_>>()
    };
    assert_eq!(names("rendered"), ["rendered/a", "rendered/b/c"]);
    assert_eq!(names("rendered/b"), ["rendered/b/c"]);
    assert_eq!(names("rendered/a"), ["rendered/a"]);
    assert_eq!(names(""), ["rendered/a", "rendered/b/c", "x"]);
    assert!(names("none").is_empty() && names("x/y").is_empty());
    let listed = snapshot.list("x").unwrap()["x"];
    assert_eq!(listed.id, BlobId::of(b"x").unwrap());
    assert_eq!(listed.kind, EntryKind::File(FileMode::Regular));
}

#[test]
fn a_snapshot_tells_links_and_submodules_from_files() {
    let sandbox = Sandbox::new();
    let other = sandbox.with_user_commit("other");
    let path = sandbox.with_user_commit("fleet");
    std::os::unix::fs::symlink("README", path.join("link")).unwrap();
    git(
        &path,
        &[
            "submodule",
            "--quiet",
            "add",
            other.to_str().unwrap(),
            "module",
        ],
    );
    git(&path, &["add", "-A"]);
    git(&path, &["commit", "-q", "-m", "second"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    let listed = repository.snapshot(tip).unwrap().list("").unwrap();
    assert_eq!(listed["link"].kind, EntryKind::Symlink);
    assert_eq!(listed["module"].kind, EntryKind::Submodule);
}

#[test]
fn names_that_are_not_utf8_are_listed_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    fs::write(path.join(std::ffi::OsStr::from_bytes(b"a\xffb")), "").unwrap();
    git(&path, &["add", "-A"]);
    git(&path, &["commit", "-q", "-m", "second"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    assert!(
        repository
            .snapshot(tip)
            .unwrap()
            .list("")
            .unwrap()
            .contains_key("a\\xffb")
    );
}

#[test]
fn a_file_is_read_and_a_missing_one_is_nothing() {
    let sandbox = Sandbox::new();
    let (_, repository, [first, ..]) = three_commits(&sandbox);
    let snapshot = repository.snapshot(first).unwrap();
    assert_eq!(snapshot.read("rendered/a").unwrap().unwrap(), b"1");
    for missing in ["rendered", "rendered/z", "x/y", "z"] {
        assert_eq!(snapshot.read(missing).unwrap(), None, "{missing}");
    }
}

#[test]
fn details_are_those_of_the_commit() {
    let sandbox = Sandbox::new();
    let (_, repository, [first, second, _]) = three_commits(&sandbox);
    let details = repository.details(second).unwrap();
    assert_eq!(details.parents, [first]);
    assert_eq!(details.message, "render\n\nZtgit-Stack: abc\n");
    assert_eq!(
        (&details.author, &details.committer),
        (&signature(), &signature())
    );
}

#[test]
fn changed_paths_are_those_that_differ_from_the_parent() {
    let sandbox = Sandbox::new();
    let (_, repository, [first, second, third]) = three_commits(&sandbox);
    let changed = |commit, parent| {
        repository
            .changed_paths(commit, parent)
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(changed(first, None), ["rendered/a", "x"]);
    assert_eq!(changed(second, Some(first)), ["rendered/a", "rendered/b/c"]);
    assert_eq!(changed(third, Some(second)), ["rendered/b/c"]);
}

#[test]
fn history_goes_from_the_commit_to_the_first() {
    let sandbox = Sandbox::new();
    let (_, repository, [first, second, third]) = three_commits(&sandbox);
    let walked: Vec<CommitId> = repository
        .history(third)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(walked, [third, second, first]);
}

/// A commit of the second that is given, on whatever parents.
fn raw_commit(sandbox: &Sandbox, path: &Path, seconds: u64, parents: &[&str]) -> CommitId {
    let tree = git(path, &["rev-parse", "main^{tree}"]);
    let parents = parents.iter().map(|parent| format!("parent {parent}\n"));
    let parents: String = parents.collect();
    let who = format!("User <user@example.net> {seconds} +0000");
    let text = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nx\n");
    let file = sandbox.path("commit");
    put(&file, &text);
    let file = file.to_str().unwrap();
    let object = ["hash-object", "--literally", "-w", "-t", "commit", file];
    CommitId::parse(&git(path, &object)).unwrap()
}

#[test]
fn of_merged_branches_the_newest_commits_come_first() {
    let sandbox = Sandbox::new();
    let (path, repository, [first, second, third]) = three_commits(&sandbox);
    let commit = |seconds, parents: &[CommitId]| {
        let parents: Vec<String> = parents.iter().map(CommitId::to_string).collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        raw_commit(&sandbox, &path, seconds, &parents)
    };
    let older = commit(2_000_000_000, &[third]);
    let newer = commit(2_000_000_001, &[third]);
    let merge = commit(2_000_000_002, &[older, newer]);
    let walked = repository.newest_first(merge).unwrap();
    let walked: Vec<CommitId> = walked.map(Result::unwrap).collect();
    assert_eq!(walked, [merge, newer, older, third, second, first]);
}

#[test]
fn who_asks_for_the_newest_commit_reads_none_behind_its_parents() {
    let sandbox = Sandbox::new();
    let (path, repository, _) = three_commits(&sandbox);
    let parent = raw_commit(&sandbox, &path, 2_000_000_000, &[&"1".repeat(40)]);
    let tip = raw_commit(&sandbox, &path, 2_000_000_001, &[&parent.to_string()]);
    let mut newest = repository.newest_first(tip).unwrap();
    assert_eq!(newest.next().unwrap().unwrap(), tip);
    assert!(
        newest.next().unwrap().is_err(),
        "what is missing is not the end"
    );
}

#[test]
fn ancestry_has_a_direction() {
    let sandbox = Sandbox::new();
    let (_, repository, [first, second, third]) = three_commits(&sandbox);
    assert!(repository.is_ancestor(first, third).unwrap());
    assert!(repository.is_ancestor(second, second).unwrap());
    assert!(!repository.is_ancestor(third, first).unwrap());
}

#[test]
fn a_shallow_clone_can_be_read_and_written() {
    let sandbox = Sandbox::new();
    let (path, ..) = three_commits(&sandbox);
    let clone = sandbox.path("clone");
    let url = format!("file://{}", path.display());
    git(
        &path,
        &["clone", "-q", "--depth=1", &url, clone.to_str().unwrap()],
    );
    let repository = FleetRepository::open(&clone, "main").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    assert_eq!(repository.history(tip).unwrap().count(), 1);
    let new = commit_all(&repository, [("rendered/a", write("new"))]);
    assert!(repository.is_ancestor(tip, new).unwrap());
    assert_eq!(status(&clone), "");
    assert_sound(&clone);
}

#[test]
fn revisions_are_resolved_as_git_does() {
    let sandbox = Sandbox::new();
    let (path, repository, [first, ..]) = three_commits(&sandbox);
    git(&path, &["tag", "v1", &first.to_string()]);
    git(&path, &["tag", "-a", "-m", "two", "v2", "main~1"]);
    git(&path, &["branch", "feature/x", "v1"]);
    let full = first.to_string();
    let names = [
        "HEAD",
        "HEAD~",
        "HEAD~2",
        "main",
        "main~1",
        "heads/main",
        "refs/heads/main",
        "v1",
        "v2",
        "v2~1",
        "feature/x",
        &full,
        &full[..8],
    ];
    for name in names {
        let expected = git(&path, &["rev-parse", &format!("{name}^{{commit}}")]);
        assert_eq!(
            repository.resolve(name).unwrap().to_string(),
            expected,
            "{name}"
        );
    }
}

#[test]
fn other_revisions_are_unknown() {
    let sandbox = Sandbox::new();
    let (_, repository, _) = three_commits(&sandbox);
    let names = [
        "",
        "HEAD~9",
        "HEAD~x",
        "HEAD~-1",
        "main@{0}",
        "main^{/x}",
        ":/x",
        "main:x",
        "none",
        "../HEAD",
        "HEAD\0",
        "config",
        "0000000000000000000000000000000000000000",
        "-h",
    ];
    for name in names {
        let error = repository.resolve(name).unwrap_err();
        assert!(
            matches!(error, Error::UnknownRevision { .. }),
            "{name}: {error}"
        );
    }
}

//! Repositories that cannot be worked with are refused, with the reason.

use std::os::unix::fs::symlink;

use super::*;

fn opening_fails(path: &Path) -> Error {
    FleetRepository::open(path, "main").err().unwrap()
}

/// Why a file cannot be committed; the branch stays where it is.
fn commit_fails(path: &Path, file: &str) -> Error {
    let repository = FleetRepository::open(path, "main").unwrap();
    let tip = repository.tip().unwrap();
    let error = repository
        .commit(&on(tip, [(file, write("a"))]))
        .unwrap_err();
    assert_eq!(repository.tip().unwrap(), tip, "the branch stays");
    error
}

fn unsupported(error: &Error) -> &Feature {
    match error {
        Error::Unsupported { feature, .. } => feature,
        error => panic!("{error}"),
    }
}

#[test]
fn reftable_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    git(&path, &["config", "core.repositoryFormatVersion", "1"]);
    git(&path, &["config", "extensions.refStorage", "reftable"]);
    let error = opening_fails(&path);
    assert_eq!(*unsupported(&error), Feature::Reftable);
    assert_eq!(
        error.hints(),
        ["convert it with `git refs migrate --ref-format=files`"]
    );
}

#[test]
fn sha256_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &["--object-format=sha256"]);
    let error = opening_fails(&path);
    assert_eq!(
        *unsupported(&error),
        Feature::ObjectFormat("sha256".to_owned())
    );
}

#[test]
fn a_split_index_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    git(&path, &["update-index", "--split-index"]);
    let error = commit_fails(&path, "rendered/a");
    assert_eq!(*unsupported(&error), Feature::SplitIndex);
    git(&path, &["update-index", "--no-split-index"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    commit_all(&repository, [("rendered/a", write("a"))]);
}

#[test]
fn a_sparse_index_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = Some(commit_all(&repository, [("rendered/out/a", write("a"))]));
    git(
        &path,
        &[
            "sparse-checkout",
            "set",
            "--cone",
            "--sparse-index",
            "elsewhere",
        ],
    );
    let error = repository
        .commit(&on(tip, [("rendered/out/a", write("b"))]))
        .unwrap_err();
    assert_eq!(*unsupported(&error), Feature::SparseIndex);
}

#[test]
fn a_sparse_checkout_by_patterns_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    git(&path, &["sparse-checkout", "set", "--no-cone", "*.yaml"]);
    let error = commit_fails(&path, "rendered/a");
    assert_eq!(*unsupported(&error), Feature::SparsePatterns);
}

#[test]
fn a_repository_of_another_user_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let given_away = Command::new("chown")
        .args(["-R", "12345"])
        .arg(&path)
        .status()
        .unwrap();
    if !given_away.success() {
        eprintln!("SKIPPED: only root can give a repository away");
        return;
    }
    let error = opening_fails(&path);
    assert!(matches!(error, Error::Owner { .. }), "{error}");
    assert!(
        error.hints()[0].contains("safe.directory"),
        "{:?}",
        error.hints()
    );
}

#[test]
fn an_unfinished_merge_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    git(&path, &["checkout", "-q", "-b", "side"]);
    git(&path, &["commit", "-q", "--allow-empty", "-m", "side"]);
    git(&path, &["checkout", "-q", "main"]);
    git(&path, &["merge", "-q", "--no-ff", "--no-commit", "side"]);
    let error = commit_fails(&path, "rendered/a");
    assert!(
        matches!(
            error,
            Error::InProgress {
                operation: "a merge",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn an_unfinished_rebase_of_the_branch_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    git(&path, &["checkout", "-q", "-b", "side"]);
    put(&path.join("README"), "theirs\n");
    git(&path, &["commit", "-q", "-am", "side"]);
    git(&path, &["checkout", "-q", "main"]);
    put(&path.join("README"), "ours\n");
    git(&path, &["commit", "-q", "-am", "ours"]);
    assert!(
        !try_git(&path, &["rebase", "-q", "side"]).status.success(),
        "a conflict"
    );
    let error = commit_fails(&path, "rendered/a");
    assert!(
        matches!(
            error,
            Error::InProgress {
                operation: "a rebase",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn symbolic_links_at_managed_paths_are_refused() {
    let sandbox = Sandbox::new();
    for link in ["rendered", "rendered/a", "rendered/a/b"] {
        let path = sandbox.with_user_commit(&format!("fleet-{}", link.len()));
        fs::create_dir_all(path.join(link).parent().unwrap()).unwrap();
        symlink("/etc/passwd", path.join(link)).unwrap();
        git(&path, &["add", "-A"]);
        git(&path, &["commit", "-q", "-m", "link"]);
        let error = commit_fails(&path, "rendered/a/b");
        let expected = matches!(
            &error,
            Error::Foreign { path, kind: Foreign::Symlink } if path == link
        );
        assert!(expected, "{error}");
    }
}

#[test]
fn a_submodule_at_a_managed_path_is_refused_even_if_nothing_changes_there() {
    let sandbox = Sandbox::new();
    let other = sandbox.with_user_commit("other");
    let path = sandbox.with_user_commit("fleet");
    git(
        &path,
        &[
            "submodule",
            "--quiet",
            "add",
            other.to_str().unwrap(),
            "rendered",
        ],
    );
    git(&path, &["commit", "-q", "-m", "submodule"]);
    let error = commit_fails(&path, "hosts/a");
    let expected =
        matches!(&error, Error::Foreign { path, kind: Foreign::Submodule } if path == "rendered");
    assert!(expected, "{error}");
}

#[test]
fn a_branch_that_is_a_symbolic_reference_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    git(
        &path,
        &["symbolic-ref", "refs/heads/alias", "refs/heads/main"],
    );
    let error = FleetRepository::open(&path, "alias")
        .unwrap()
        .tip()
        .unwrap_err();
    assert!(matches!(error, Error::SymbolicBranch { .. }), "{error}");
}

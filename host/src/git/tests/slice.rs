//! Commits of a part of another commit.

use super::*;

fn slice_commit(slice: &Slice, parent: Option<CommitId>) -> SliceCommit<'_> {
    SliceCommit {
        parent,
        slice,
        message: "a slice".to_owned(),
        signature: signature(),
    }
}

#[test]
fn a_slice_has_what_lies_at_its_paths_and_shares_it() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let whole = commit_all(
        &repository,
        [
            ("rendered/a/x", write("ax")),
            ("rendered/b/x", write("bx")),
            ("clusters/a/x", write("cx")),
            ("file", write("f")),
        ],
    );
    let paths = ["rendered/a", "clusters/a", "file", "missing"].map(tree_path);
    let slice = repository.slice(whole, &paths).unwrap();
    let made = repository
        .write_slices(&[slice_commit(&slice, None)])
        .unwrap();
    let [commit] = made[..] else {
        panic!("one was asked for");
    };
    let listed = git(
        &path,
        &["ls-tree", "-r", "--name-only", &commit.to_string()],
    );
    assert_eq!(listed, "clusters/a/x\nfile\nrendered/a/x");
    let part = |commit| git(&path, &["rev-parse", &format!("{commit}:rendered/a")]);
    assert_eq!(part(commit), part(whole));
    assert!(repository.is_slice(commit, &slice).unwrap());
    assert!(!repository.is_slice(whole, &slice).unwrap());
    assert_sound(&path);
}

#[test]
fn slices_of_many_branches_are_written_together() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let whole = commit_all(
        &repository,
        [("rendered/a/x", write("x")), ("rendered/b/x", write("x"))],
    );
    let slice = |name| repository.slice(whole, &[tree_path(name)]).unwrap();
    let (a, b) = (slice("rendered/a"), slice("rendered/b"));
    let commits = [slice_commit(&a, None), slice_commit(&b, Some(whole))];
    let made = repository.write_slices(&commits).unwrap();
    for (name, commit) in ["deploy/a", "deploy/b"].into_iter().zip(&made) {
        let branch = repository.on_branch(name).unwrap();
        branch.advance(None, *commit, &BTreeSet::new()).unwrap();
    }
    let tips = repository.branches_below("deploy").unwrap();
    assert_eq!(tips.into_values().collect::<Vec<_>>(), made);
    assert_eq!(repository.tip().unwrap(), Some(whole));
    assert_sound(&path);
}

//! Opening and creating.

use std::sync::Barrier;

use super::*;
use crate::git::branch::BranchName;
use crate::git::open;

#[test]
fn a_missing_repository_is_created_with_the_branch_checked_out() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("deep/fleet");
    let (repository, opened) = FleetRepository::open_or_create(&path, "main").unwrap();
    assert_eq!(opened, Opened::Created);
    assert_eq!(repository.tip().unwrap(), None);
    commit_all(&repository, [("rendered/a", write("a"))]);
    assert_eq!(git(&path, &["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(fs::read_to_string(path.join("rendered/a")).unwrap(), "a");
    assert_eq!(status(&path), "");
    assert_eq!(
        fs::read_dir(&path).unwrap().count(),
        2,
        "only .git and rendered are there"
    );
    assert_sound(&path);
}

#[test]
fn an_existing_repository_is_opened_as_it_is() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let (repository, opened) = FleetRepository::open_or_create(&path, "main").unwrap();
    assert_eq!(opened, Opened::Existing);
    let head = git(&path, &["rev-parse", "HEAD"]);
    assert_eq!(repository.tip().unwrap().unwrap().to_string(), head);
}

#[test]
fn a_directory_with_files_becomes_a_repository_around_them() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("stack");
    put(&path.join("stack.yaml"), "mine");
    let (repository, opened) = FleetRepository::open_or_create(&path, "main").unwrap();
    assert_eq!(opened, Opened::Created);
    commit_all(&repository, [("rendered/a", write("a"))]);
    assert_eq!(status(&path), "?? stack.yaml");
}

#[test]
fn a_directory_in_use_inside_another_repository_is_not_made_one() {
    let sandbox = Sandbox::new();
    let outer = sandbox.with_user_commit("outer");
    put(&outer.join("stack/stack.yaml"), "mine");
    let error = FleetRepository::open_or_create(&outer.join("stack"), "main")
        .err()
        .unwrap();
    assert!(
        matches!(&error, Error::Enclosed { enclosing, .. } if *enclosing == outer),
        "{error}"
    );
    assert!(!outer.join("stack/.git").exists());
}

#[test]
fn a_new_directory_inside_another_repository_becomes_one() {
    let sandbox = Sandbox::new();
    let outer = sandbox.with_user_commit("outer");
    let (_, opened) = FleetRepository::open_or_create(&outer.join("fleet"), "main").unwrap();
    assert_eq!(opened, Opened::Created);
}

#[test]
fn of_several_that_make_a_repository_at_the_same_time_one_does() {
    let sandbox = Sandbox::new();
    for round in 0..50 {
        let path = sandbox.path(&format!("fleet-{round}"));
        let together = Barrier::new(8);
        let open = || {
            together.wait();
            FleetRepository::open_or_create(&path, "main").unwrap().1
        };
        let created = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            let opened = threads.into_iter().map(|thread| thread.join().unwrap());
            opened.filter(|opened| *opened == Opened::Created).count()
        });
        assert_eq!(created, 1);
    }
}

#[test]
fn a_repository_that_was_made_since_it_was_looked_for_is_opened() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let branch = BranchName::new("main").unwrap();
    let (_, opened) = open::create(&path, &branch).unwrap();
    assert_eq!(opened, Opened::Existing);
}

#[test]
fn a_repository_without_commits_is_removed_and_no_other() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("fleet");
    let create = || FleetRepository::open_or_create(&path, "main").unwrap().0;
    create().remove_if_unborn().unwrap();
    assert!(!path.exists());
    let waiting = create();
    create().remove_if_unborn().unwrap();
    let error = waiting.commit(&on(None, [("rendered/a", write("a"))]));
    assert!(error.is_err() && !path.exists());
    let ours = create();
    let other = FleetRepository::open(&path, "other").unwrap();
    commit_all(&other, [("rendered/a", write("a"))]);
    ours.remove_if_unborn().unwrap();
    assert_eq!(
        git(&path, &["ls-tree", "-r", "--name-only", "other"]),
        "rendered/a"
    );
}

#[test]
fn a_missing_repository_is_not_opened() {
    let sandbox = Sandbox::new();
    let error = FleetRepository::open(&sandbox.path("none"), "main")
        .err()
        .unwrap();
    assert!(matches!(error, Error::NoRepository { .. }), "{error}");
}

#[test]
fn a_branch_name_that_git_refuses_is_refused() {
    let sandbox = Sandbox::new();
    for name in ["", "a..b", "-x", "a b", "x.lock", "HEAD~1"] {
        let error = FleetRepository::open_or_create(&sandbox.path("fleet"), name)
            .err()
            .unwrap();
        assert!(matches!(error, Error::BranchName { .. }), "{name}: {error}");
    }
    assert!(!sandbox.path("fleet").exists());
}

#[test]
fn the_identity_is_that_of_the_configuration() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    git(&path, &["config", "user.name", "Ada"]);
    git(&path, &["config", "user.email", "ada@example.net"]);
    let identity = FleetRepository::open(&path, "main")
        .unwrap()
        .identity()
        .unwrap()
        .unwrap();
    assert_eq!(
        (&*identity.name, &*identity.email),
        ("Ada", "ada@example.net")
    );
}

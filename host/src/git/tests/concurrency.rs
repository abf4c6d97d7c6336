//! Writers that race: whoever was told "committed" is in the history.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn a_commit_on_an_outdated_tip_is_refused() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let first = commit_all(&repository, [("rendered/a", write("1"))]);
    let second = commit_all(&repository, [("rendered/a", write("2"))]);
    let error = repository
        .commit(&on(Some(first), [("rendered/a", write("3"))]))
        .unwrap_err();
    let moved = matches!(
        error,
        Error::TipMoved { expected, found, .. } if expected == Some(first) && found == Some(second)
    );
    assert!(moved, "{error}");
    assert_eq!(fs::read_to_string(path.join("rendered/a")).unwrap(), "2");
}

#[test]
fn a_branch_that_was_born_meanwhile_is_not_overwritten() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let repository = FleetRepository::open(&path, "main").unwrap();
    let error = repository
        .commit(&on(None, [("rendered/a", write("a"))]))
        .unwrap_err();
    assert!(
        matches!(error, Error::TipMoved { expected: None, .. }),
        "{error}"
    );
}

#[test]
fn every_acknowledged_commit_is_in_the_history() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &[]);
    let writers = 4;
    let acknowledged: Vec<CommitId> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                let path = &path;
                scope.spawn(move || race(path, writer, Beside::Ourselves))
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(acknowledged.len() > writers, "the writers got somewhere");
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    let history: BTreeSet<CommitId> = repository
        .history(tip)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(history, acknowledged.iter().copied().collect());
    assert_eq!(status(&path), "");
    assert_sound(&path);
}

/// Who else writes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Ourselves,
    Git,
}

/// Commits for two seconds, and twice at least, starting over whenever another writer was first.
#[allow(clippy::disallowed_methods, reason = "the race has a length")]
fn race(path: &Path, writer: usize, beside: Beside) -> Vec<CommitId> {
    let repository = FleetRepository::open(path, "main").unwrap();
    let end = Instant::now() + Duration::from_secs(2);
    let mut acknowledged = Vec::new();
    while acknowledged.len() < 2 || Instant::now() < end {
        let tip = repository.tip().unwrap();
        let text = format!("{writer} {}", acknowledged.len());
        let name = format!("rendered/{writer}");
        match repository.commit(&on(tip, [(&name, write(&text))])) {
            Ok(outcome) => acknowledged.push(committed(outcome)),
            Err(Error::TipMoved { .. }) => {}
            // `git commit` reads the index before it locks it, and may put back what it
            // read over what we wrote in between. Nothing but the index is older then.
            Err(Error::Dirty { .. }) if beside == Beside::Git => {
                let _ = try_git(path, &["reset", "--quiet"]);
            }
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        }
    }
    acknowledged
}

#[test]
fn git_committing_at_the_same_time_loses_nothing() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let ours = std::thread::scope(|scope| {
        let ours = scope.spawn(|| race(&path, 0, Beside::Git));
        for number in 0..20 {
            // One that finds our lock fails, as git does; that is not a loss.
            let _ = try_git(
                &path,
                &["commit", "-q", "--allow-empty", "-m", &format!("{number}")],
            );
        }
        ours.join().unwrap()
    });
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    let history: BTreeSet<CommitId> = repository
        .history(tip)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(!ours.is_empty() && ours.iter().all(|commit| history.contains(commit)));
    assert_sound(&path);
}

//! Locks of others are waited for, reported, and left alone.

use std::time::Duration;

use super::*;

fn impatient(path: &Path) -> FleetRepository {
    let mut repository = FleetRepository::open(path, "main").unwrap();
    let short = Duration::from_millis(60);
    repository.set_patience(Patience {
        writer: short,
        git: short,
    });
    repository
}

fn assert_locked(repository: &FleetRepository, lock: &Path) {
    let tip = repository.tip().unwrap();
    let error = repository
        .commit(&on(tip, [("rendered/a", write("new"))]))
        .unwrap_err();
    assert!(
        matches!(&error, Error::Locked { path, .. } if path == lock),
        "{error}"
    );
    assert_eq!(repository.tip().unwrap(), tip);
}

#[test]
fn a_locked_index_is_reported_with_the_age_and_nothing_is_committed() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let lock = path.join(".git/index.lock");
    put(&lock, "");
    let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    fs::File::options()
        .write(true)
        .open(&lock)
        .unwrap()
        .set_modified(old)
        .unwrap();
    let repository = impatient(&path);
    let tip = repository.tip().unwrap();
    let error = repository
        .commit(&on(tip, [("rendered/a", write("a"))]))
        .unwrap_err();
    let aged = matches!(&error, Error::Locked { age, .. } if age.as_secs() > 1_000_000);
    assert!(aged, "{error}");
    assert!(error.hints()[0].contains("index.lock"));
    assert_eq!(repository.tip().unwrap(), tip);
    assert!(lock.exists() && !path.join("rendered").exists());
}

#[test]
fn a_locked_branch_is_reported_and_the_work_tree_stays() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let lock = path.join(".git/refs/heads/main.lock");
    put(&lock, "");
    assert_locked(&impatient(&path), &lock);
    assert!(lock.exists() && !path.join("rendered").exists());
    assert!(!path.join(".git/index.lock").exists());
    assert_eq!(status(&path), "");
}

#[test]
fn a_lock_that_goes_away_in_time_is_waited_for() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let lock = path.join(".git/index.lock");
    put(&lock, "");
    let repository = FleetRepository::open(&path, "main").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            fs::remove_file(&lock).unwrap();
        });
        commit_all(&repository, [("rendered/a", write("a"))]);
    });
}

#[test]
fn our_own_index_lock_left_by_a_crash_does_not_matter() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    put(&path.join(".git/index.lock"), "ztgit 1\n");
    commit_all(&impatient(&path), [("rendered/a", write("a"))]);
    assert_eq!(status(&path), "");
    assert!(!path.join(".git/index.lock").exists());
}

#[test]
fn another_writer_is_reported_with_its_process() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let held = path.join(".git/ztgit-writer");
    put(&held, "4711\n");
    let file = fs::File::open(&held).unwrap();
    file.lock().unwrap();
    let repository = impatient(&path);
    let tip = repository.tip().unwrap();
    let error = repository
        .commit(&on(tip, [("rendered/a", write("a"))]))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Locked {
                holder: Some(4711),
                ..
            }
        ),
        "{error}"
    );
    file.unlock().unwrap();
    commit_all(&repository, [("rendered/a", write("a"))]);
}

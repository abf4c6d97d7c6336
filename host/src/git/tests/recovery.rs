//! What a writer left that was killed is put in order, and nothing else is touched.

use std::time::{Duration, SystemTime};

use super::super::branch::BranchName;
use super::super::journal::{BranchMove, Journal};
use super::*;

/// `rendered/a` and `rendered/b` changed, `rendered/c` new, `rendered/d` gone; then
/// the repository as a writer leaves it that is killed at some point of that.
struct Interrupted {
    _sandbox: Sandbox,
    path: PathBuf,
    from: CommitId,
    to: CommitId,
}

impl Interrupted {
    /// Before the branch moved: the objects are there, and the journal.
    fn before_the_move() -> Self {
        let this = Self::after_the_move();
        git(
            &this.path,
            &["update-ref", "refs/heads/main", &this.from.to_string()],
        );
        this
    }

    /// After the branch moved, with the work tree and the index of the old commit.
    fn after_the_move() -> Self {
        let sandbox = Sandbox::new();
        let path = sandbox.with_user_commit("fleet");
        let repository = FleetRepository::open(&path, "main").unwrap();
        let from = commit_all(
            &repository,
            ["rendered/a", "rendered/b", "rendered/d"].map(|path| (path, write("old\n"))),
        );
        let to = commit_all(
            &repository,
            [
                ("rendered/a", write("new\n")),
                ("rendered/b", write("new\n")),
                ("rendered/c", write("new\n")),
                ("rendered/d", Change::Remove),
            ],
        );
        git(&path, &["reset", "-q", "--hard", &from.to_string()]);
        git(&path, &["update-ref", "refs/heads/main", &to.to_string()]);
        let this = Self {
            _sandbox: sandbox,
            path,
            from,
            to,
        };
        this.journal();
        this
    }

    fn journal(&self) {
        let movement = BranchMove {
            branch: BranchName::new("main").unwrap(),
            from: Some(self.from),
            to: self.to,
            process: 4711,
        };
        Journal::of(&self.path.join(".git"))
            .begin(&movement)
            .unwrap();
    }

    fn lock(&self, content: &str) -> PathBuf {
        let lock = self.path.join(".git/refs/heads/main.lock");
        put(&lock, content);
        lock
    }

    fn recover(&self) -> Vec<Repair> {
        let mut repository = FleetRepository::open(&self.path, "main").unwrap();
        repository.set_patience(Patience {
            writer: Duration::from_secs(5),
            git: Duration::from_secs(3),
        });
        repository.recover().unwrap()
    }

    fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path.join("rendered").join(name)).ok()
    }
}

#[test]
fn the_lock_of_a_killed_writer_is_removed_however_much_of_it_was_written() {
    for length in [0, 7, 41] {
        let case = Interrupted::before_the_move();
        let lock = case.lock(&format!("{}\n", case.to)[..length]);
        assert_eq!(case.recover(), [Repair::Unlocked { lock: lock.clone() }]);
        assert!(!lock.exists());
        let repository = FleetRepository::open(&case.path, "main").unwrap();
        commit_all(&repository, [("rendered/a", write("newer\n"))]);
        assert_eq!(status(&case.path), "");
    }
}

#[test]
fn a_lock_with_another_content_is_left_alone() {
    let case = Interrupted::before_the_move();
    let lock = case.lock(&format!("{}\n", case.from));
    assert_eq!(case.recover(), []);
    assert!(lock.exists());
}

#[test]
fn a_lock_that_is_older_than_what_the_killed_writer_did_is_left_alone() {
    let case = Interrupted::before_the_move();
    let lock = case.lock("");
    let file = fs::File::options().write(true).open(&lock).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
        .unwrap();
    assert_eq!(case.recover(), []);
    assert!(lock.exists());
}

#[test]
fn a_lock_that_nobody_was_killed_with_is_left_alone() {
    let case = Interrupted::before_the_move();
    case.recover();
    let lock = case.lock(&format!("{}\n", case.to));
    assert_eq!(case.recover(), []);
    assert!(lock.exists());
}

#[test]
fn a_git_that_is_about_to_write_its_lock_keeps_it() {
    let case = Interrupted::before_the_move();
    let lock = case.lock("");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(20));
            put(&lock, &format!("{}\n", case.from));
        });
        assert_eq!(case.recover(), []);
    });
    assert!(lock.exists());
}

#[test]
fn a_work_tree_that_did_not_follow_is_brought_up_to_date() {
    let case = Interrupted::after_the_move();
    // As far as it came: one file written, one on its way.
    put(&case.path.join("rendered/a"), "new\n");
    put(&case.path.join("rendered/.ztgit-4711.tmp"), "ne");
    let caught_up = Repair::CaughtUp {
        work_tree: format!("{}/", case.path.display()).into(),
        commit: case.to,
    };
    assert_eq!(case.recover(), [caught_up]);
    assert_eq!(status(&case.path), "");
    assert_eq!(case.read("b").as_deref(), Some("new\n"));
    assert_eq!(case.read("d"), None);
    assert_eq!(case.recover(), [], "once");
}

#[test]
fn what_was_changed_since_the_kill_stays() {
    let case = Interrupted::after_the_move();
    put(&case.path.join("rendered/a"), "mine\n");
    put(&case.path.join("rendered/c"), "mine\n");
    put(&case.path.join("rendered/b"), "staged\n");
    git(&case.path, &["add", "rendered/b"]);
    case.recover();
    assert_eq!(case.read("a").as_deref(), Some("mine\n"));
    assert_eq!(case.read("b").as_deref(), Some("staged\n"));
    assert_eq!(case.read("c").as_deref(), Some("mine\n"));
    assert_eq!(case.read("d"), None);
}

#[test]
fn a_branch_that_has_moved_on_since_the_kill_is_not_followed() {
    let case = Interrupted::after_the_move();
    git(&case.path, &["reset", "-q", "--hard"]);
    git(&case.path, &["commit", "-q", "--allow-empty", "-m", "mine"]);
    assert_eq!(case.recover(), []);
    assert_eq!(status(&case.path), "");
}

#[test]
fn the_pack_of_a_killed_writer_goes_in_time() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let [old, young] = ["old", "young"].map(|name| {
        let file = path.join(format!(".git/objects/pack/tmp_pack_ztgit_{name}"));
        put(&file, "PACK");
        file
    });
    let file = fs::File::options().write(true).open(&old).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    FleetRepository::open(&path, "main")
        .unwrap()
        .maintain()
        .unwrap();
    assert!(!old.exists() && young.exists());
}

#[test]
fn what_was_left_of_a_repository_in_preparation_goes() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("fleet");
    put(&path.join(".ztgit-init-4711/.git/HEAD"), "ref: ");
    FleetRepository::open_or_create(&path, "main").unwrap();
    assert!(!path.join(".ztgit-init-4711").exists());
}

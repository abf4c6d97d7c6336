//! A render to be disturbed, and what has to hold however it ended.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::strace::{self, Call, Ended, Point};
use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

/// What is there before a render, and what is after it.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// Before it.
    env: TestEnvironment,
    arguments: Vec<&'static str>,
    /// The commit before, if there is one.
    old: Option<String>,
    /// What a render makes that nothing disturbs.
    new: String,
    new_tree: String,
}

/// Where the branch was after a disturbed render, and what was said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is at the old commit.
    Old,
    /// It is at the new commit.
    New,
}

impl Scene {
    /// The first one ever: no repository, no cache.
    pub(crate) fn first() -> Self {
        Self::of(
            "the first render",
            TestEnvironment::with_stack(TWO_CLUSTERS),
            &[],
        )
    }

    /// A file of each cluster changes.
    pub(crate) fn change() -> Self {
        Self::of("a render with a change", Self::changed(), &[])
    }

    /// The same without a cache.
    pub(crate) fn change_without_cache() -> Self {
        Self::of(
            "the same with `--no-cache`",
            Self::changed(),
            &["--no-cache"],
        )
    }

    fn changed() -> TestEnvironment {
        let env = TestEnvironment::rendered(TWO_CLUSTERS);
        env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
        env
    }

    fn of(name: &'static str, env: TestEnvironment, options: &[&'static str]) -> Self {
        let arguments = [&["render", "stack", "--jobs", "1"], options].concat();
        let done = copy(&env);
        done.run(&arguments).expect_exit(0);
        Self {
            name,
            old: env.exists("fleet").then(|| env.head("fleet")),
            new: done.head("fleet"),
            new_tree: tree(&done),
            env,
            arguments,
        }
    }

    /// The calls that the render makes.
    pub(crate) fn calls(&self) -> Vec<Call> {
        strace::calls(&copy(&self.env), &self.arguments)
    }

    /// Renders with a fault, and checks everything that has to hold.
    pub(crate) fn disturb(&self, point: &Point) -> Outcome {
        let env = copy(&self.env);
        let ended = strace::run(&env, &self.arguments, point);
        let outcome = self.outcome(&env, point);
        check_end(&env, &ended, outcome, point);
        if env.exists("fleet/.git") {
            env.git("fleet", &["fsck", "--strict", "--no-dangling"]);
        }
        let again = env.run(&self.arguments);
        assert_eq!(again.exit, 0, "{point}\n{}\n{}", ended.stderr, again.stderr);
        assert_eq!(tree(&env), self.new_tree, "{point}");
        assert_eq!(env.git("fleet", &["status", "--short"]), "", "{point}");
        let left = leftovers(&env.path("fleet/.git"));
        assert!(left.is_empty(), "{point}: {left:?}");
        outcome
    }

    fn outcome(&self, env: &TestEnvironment, point: &Point) -> Outcome {
        let found = fs::read_to_string(env.path("fleet/.git/refs/heads/main")).ok();
        let found = found.as_deref().map(str::trim_end);
        if found == Some(&self.new) {
            Outcome::New
        } else {
            assert_eq!(found, self.old.as_deref(), "{point}");
            Outcome::Old
        }
    }
}

/// One that was not killed says truly whether it came to its end, and where it did
/// not, what it was about.
fn check_end(env: &TestEnvironment, ended: &Ended, outcome: Outcome, point: &Point) {
    let stderr = &ended.stderr;
    match ended.exit {
        None => {}
        Some(0) => {
            assert_eq!(outcome, Outcome::New, "{point}: {stderr}");
            assert_eq!(env.git("fleet", &["status", "--short"]), "", "{point}");
        }
        exit => {
            assert_eq!(exit, Some(3), "{point}: {stderr}");
            let root = env.path("").display().to_string();
            let mut places = [root.as_str(), "fleet", "stack"].into_iter();
            let is_named = places.any(|place| stderr.contains(place));
            assert!(is_named, "{point}: {stderr}");
        }
    }
}

/// Locks and notes of a writer that has ended.
fn leftovers(git_directory: &Path) -> Vec<String> {
    let files = crate::environment::files_below(git_directory).into_keys();
    let is_lock = |file: &str| Path::new(file).extension() == Some("lock".as_ref());
    let is_left = |file: &String| is_lock(file) || file.contains("ztgit-journal");
    files.filter(is_left).collect()
}

fn tree(env: &TestEnvironment) -> String {
    env.git("fleet", &["rev-parse", "main^{tree}"])
}

fn copy(env: &TestEnvironment) -> TestEnvironment {
    let copy = TestEnvironment::new();
    let copied = Command::new("cp")
        .arg("--archive")
        .args([env.path("."), copy.path("")])
        .status();
    assert!(copied.unwrap().success());
    copy
}

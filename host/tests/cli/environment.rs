//! A world for one test: a directory, a home, an identity, a fixed time; and
//! runs of `ztgit` and `git` in it that see nothing of the machine's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use regex::Regex;
use tempfile::TempDir;

/// Commits of every test are of this second.
const NOW: &str = "1767225600";
const GIT_CONFIG: &str = "[user]\n\tname = Tester\n\temail = tester@example.net\n\
                          [init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n";

/// Where one test takes place. Relative paths are below its directory.
pub(crate) struct TestEnvironment {
    directory: TempDir,
}

/// How a run of `ztgit` ended.
pub(crate) struct Run {
    /// The exit code.
    pub(crate) exit: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    root: String,
}

impl TestEnvironment {
    /// An empty directory, and a home with an identity for git.
    pub(crate) fn new() -> Self {
        let environment = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        environment.write("home/.gitconfig", GIT_CONFIG);
        environment
    }

    /// The same with `stack/stack.yaml`.
    pub(crate) fn with_stack(text: &str) -> Self {
        let environment = Self::new();
        environment.write("stack/stack.yaml", text);
        environment
    }

    /// The same, rendered into `fleet`.
    pub(crate) fn rendered(text: &str) -> Self {
        let environment = Self::with_stack(text);
        environment.run(&["render", "stack"]).expect_exit(0);
        environment
    }

    /// The same with the stack in a git repository of its own.
    pub(crate) fn rendered_from_git(text: &str) -> Self {
        let environment = Self::with_stack(text);
        environment.git("stack", &["init", "--quiet"]);
        environment.commit_all("stack", "a stack");
        environment.run(&["render", "stack"]).expect_exit(0);
        environment
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        fs::canonicalize(self.directory.path())
            .unwrap()
            .join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: impl AsRef<[u8]>) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        String::from_utf8(self.read_bytes(relative)).unwrap()
    }

    pub(crate) fn read_bytes(&self, relative: &str) -> Vec<u8> {
        let path = self.path(relative);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn exists(&self, relative: &str) -> bool {
        self.path(relative).exists()
    }

    /// Replaces what a file has exactly once.
    pub(crate) fn edit(&self, relative: &str, from: &str, to: &str) {
        let text = self.read(relative);
        assert_eq!(
            text.matches(from).count(),
            1,
            "`{from}` is not once in {relative}:\n{text}"
        );
        self.write(relative, text.replace(from, to));
    }

    /// `ztgit` with these arguments, ready to be changed before it is run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ztgit"));
        command.args(arguments);
        self.isolate(&mut command);
        command
    }

    /// Another program with these arguments, ready to be run.
    pub(crate) fn tool(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments);
        self.isolate(&mut command);
        command
    }

    /// Runs `ztgit` here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.finish(&mut self.command(arguments))
    }

    /// Runs a command to its end.
    pub(crate) fn finish(&self, command: &mut Command) -> Run {
        let output = command.output().unwrap();
        Run {
            exit: output.status.code().expect("it was not killed"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            root: self.path("").display().to_string(),
        }
    }

    /// A script, which finds `ztgit` in its path.
    pub(crate) fn script(&self, path: &str) -> Command {
        let mut command = Command::new(path);
        self.isolate(&mut command);
        let ours = Path::new(env!("CARGO_BIN_EXE_ztgit")).parent().unwrap();
        let mut directories = vec![ours.to_owned()];
        directories.extend(std::env::split_paths(&env_path()));
        command.env("PATH", std::env::join_paths(directories).unwrap());
        command
    }

    /// What `git` prints in a directory; it must succeed.
    pub(crate) fn git(&self, relative: &str, arguments: &[&str]) -> String {
        let output = self.try_git(relative, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {errors}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    pub(crate) fn try_git(&self, relative: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        self.isolate(&mut command);
        let date = format!("{NOW} +0000");
        command.args(arguments).current_dir(self.path(relative));
        command
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date);
        command.output().unwrap()
    }

    /// Commits everything in a repository's work tree.
    pub(crate) fn commit_all(&self, relative: &str, message: &str) {
        self.git(relative, &["add", "--all"]);
        self.git(relative, &["commit", "--quiet", "--message", message]);
    }

    /// The commit that a repository has checked out.
    pub(crate) fn head(&self, relative: &str) -> String {
        self.git(relative, &["rev-parse", "HEAD"])
    }

    /// How many commits it has.
    pub(crate) fn commits(&self, relative: &str) -> usize {
        self.git(relative, &["rev-list", "--count", "HEAD"])
            .parse()
            .unwrap()
    }

    fn isolate(&self, command: &mut Command) {
        command.env_clear().current_dir(self.path(""));
        command
            .env("PATH", env_path())
            .env("HOME", self.path("home"));
        command
            .env("SOURCE_DATE_EPOCH", NOW)
            .env("TZ", "UTC")
            .env("LANG", "C");
        command
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0");
    }
}

#[expect(clippy::disallowed_methods, reason = "the tests' own environment")]
pub(crate) fn env_path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

impl Run {
    /// Fails, with everything that was printed, unless it ended so.
    #[track_caller]
    pub(crate) fn expect_exit(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{}", self.snapshot());
        self
    }

    /// The report of a run with `--format json`.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{}", self.snapshot()))
    }

    /// Everything that a user sees, without what differs from test to test.
    pub(crate) fn snapshot(&self) -> String {
        let text = format!(
            "exit: {}\n----- stdout -----\n{}----- stderr -----\n{}",
            self.exit, self.stdout, self.stderr
        );
        masked(&text.replace(&self.root, "[ROOT]/"))
    }
}

/// A text without digests, commits and the version.
pub(crate) fn masked(text: &str) -> String {
    let mask = |pattern, with, text: &str| {
        Regex::new(pattern)
            .unwrap()
            .replace_all(text, with)
            .into_owned()
    };
    let text = mask("sha256:[0-9a-f]{64}", "sha256:[DIGEST]", text);
    let text = mask(r"\b[0-9a-f]{40}\b", "[COMMIT]", &text);
    text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
}

/// Every file below a directory with its bytes, by its path there; `.git` is
/// left out.
pub(crate) fn files_below(directory: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(&current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with(".git") {
                    open.push(path);
                }
            } else {
                let name = path
                    .strip_prefix(directory)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

//! A directory to work in, and the two programs that are compared, both without
//! the settings of whoever runs this.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Without the clean-up in the background, which would run into the next
/// measurement.
const CONFIG: &str = "[user]\n\tname = bench\n\temail = bench@localhost\n[gc]\n\tauto = 0\n";

pub(crate) struct Machine(TempDir);

impl Machine {
    pub(crate) fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("there is room for a directory"));
        fs::write(machine.path(".gitconfig"), CONFIG).expect("the directory is ours");
        machine
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A repository without commits. Files that are there stay.
    pub(crate) fn new_repository(&self, name: &str, arguments: &[&str]) {
        let directory = self.path(name);
        let bare = arguments.contains(&"--bare");
        let old = if bare {
            directory
        } else {
            directory.join(".git")
        };
        if old.exists() {
            fs::remove_dir_all(old).expect("the directory is ours");
        }
        let init = ["init", "--quiet", "--initial-branch=main"];
        self.run(Command::new("git").args(init).args(arguments).arg(name));
    }

    pub(crate) fn render(&self, stack: &Path, arguments: &[&str]) -> String {
        let stack = stack.to_str().expect("the path is text");
        self.ztgit(&[&["render", "--quiet", stack], arguments].concat())
    }

    pub(crate) fn ztgit(&self, arguments: &[&str]) -> String {
        self.run(Command::new(env!("CARGO_BIN_EXE_ztgit")).args(arguments))
    }

    /// `git add -A && git commit -q`. With nothing to commit the second one says
    /// so, and fails.
    pub(crate) fn commit(&self, directory: &str) -> String {
        let git = ["-C", directory];
        self.run(Command::new("git").args(git).args(["add", "--all"]));
        let mut commit = Command::new("git");
        commit
            .args(git)
            .args(["commit", "--quiet", "--message", "render"]);
        let output = self.output(&mut commit);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "git could not commit"
        );
        String::new()
    }

    /// Some file below a directory.
    pub(crate) fn first_file(&self, directory: &str) -> PathBuf {
        let files = crate::report::files_below(&self.path(directory));
        files.into_iter().min().expect("something was rendered")
    }

    fn run(&self, command: &mut Command) -> String {
        let output = self.output(command);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    fn output(&self, command: &mut Command) -> Output {
        command.current_dir(self.0.path());
        command
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME");
        command
            .output()
            .expect("git is installed, and ztgit was built")
    }
}

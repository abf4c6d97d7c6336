//! Somebody who keeps a stack and renders it: a home, a stack, a clone of the
//! fleet repository. Runs see nothing of the machine's own configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::installation::ztgit;
use crate::signing_key::SigningKey;
use crate::state::state_directory;

const GIT_CONFIG: &str = "[user]\n\tname = Tester\n\temail = tester@example.net\n\
                          [init]\n\tdefaultBranch = main\n[gpg]\n\tformat = ssh\n";
const FLEET: &str = "fleet";
const STACK: &str = "stack";

/// How a run of `ztgit` ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub exit: i32,
    /// Everything that it said.
    pub said: String,
}

/// A user with a stack of theirs and a clone of the fleet repository.
pub struct User {
    directory: TempDir,
}

impl User {
    /// Takes a copy of a stack, commits it, and clones the fleet repository.
    pub fn new(stack: &Path, fleet_url: &str) -> Self {
        let user = Self {
            directory: state_directory(),
        };
        let home = user.path("home");
        fs::create_dir(&home).expect("the directory is empty");
        fs::write(home.join(".gitconfig"), GIT_CONFIG).expect("the home is writable");
        copy(stack, &user.path(STACK));
        user.git(STACK, &["init", "--quiet"]);
        user.commit_stack();
        user.git("", &["clone", "--quiet", fleet_url, FLEET]);
        user
    }

    /// The clone of the fleet repository.
    pub fn fleet(&self) -> PathBuf {
        self.path(FLEET)
    }

    /// Replaces what a file of the stack has exactly once, and commits that.
    #[track_caller]
    pub fn edit_stack(&self, file: &str, from: &str, to: &str) {
        edit(&self.path(STACK).join(file), from, to);
        self.commit_stack();
    }

    /// The text of a file of the stack.
    pub fn read_stack(&self, file: &str) -> String {
        let path = self.path(STACK).join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes a file of the stack anew, and commits that.
    pub fn write_stack(&self, file: &str, text: &str) {
        write(&self.path(STACK).join(file), text);
        self.commit_stack();
    }

    /// Renders and pushes; gives the new tip.
    #[track_caller]
    pub fn render(&self, options: &[&str]) -> String {
        let mut arguments = vec!["render", STACK, "--repo", FLEET, "--push"];
        arguments.extend(options);
        let run = self.ztgit(&arguments);
        assert_eq!(run.exit, 0, "{}", run.said);
        self.head()
    }

    /// Renders into the clone and pushes nothing.
    #[track_caller]
    pub fn render_here(&self, options: &[&str]) -> Run {
        let mut arguments = vec!["render", STACK, "--repo", FLEET];
        arguments.extend(options);
        self.ztgit(&arguments)
    }

    /// Runs `ztgit` beside stack and clone.
    pub fn ztgit(&self, arguments: &[&str]) -> Run {
        let output = self.run(Command::new(ztgit()).args(arguments), "");
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Run {
            exit: output.status.code().expect("nothing kills it"),
            said: text(&output.stdout) + &text(&output.stderr),
        }
    }

    /// Replaces what a file of the fleet repository has exactly once, past
    /// ztgit.
    #[track_caller]
    pub fn edit_fleet(&self, file: &str, from: &str, to: &str) {
        edit(&self.fleet().join(file), from, to);
    }

    /// Writes a file of the user's own into the fleet repository.
    pub fn write_fleet(&self, file: &str, text: &str) {
        write(&self.fleet().join(file), text);
    }

    /// Commits everything in the clone, and pushes; gives the new tip.
    pub fn push_by_hand(&self, message: &str) -> String {
        self.git(FLEET, &["add", "--all"]);
        self.git(
            FLEET,
            &["commit", "--quiet", "--allow-empty", "--message", message],
        );
        self.push()
    }

    /// Signs the clone's tip and pushes; gives the new tip.
    pub fn push_signed(&self, key: &SigningKey) -> String {
        let sign = format!("--gpg-sign={}", key.private().display());
        self.git(FLEET, &["commit", "--quiet", "--amend", "--no-edit", &sign]);
        self.push()
    }

    /// Pushes the clone's tip, and gives it.
    pub fn push(&self) -> String {
        self.git(FLEET, &["push", "--quiet", "origin", "HEAD:main"]);
        self.head()
    }

    /// The clone's tip.
    pub fn head(&self) -> String {
        self.git(FLEET, &["rev-parse", "HEAD"])
    }

    fn commit_stack(&self) {
        self.git(STACK, &["add", "--all"]);
        self.git(STACK, &["commit", "--quiet", "--message", "stack"]);
    }

    #[track_caller]
    fn git(&self, directory: &str, arguments: &[&str]) -> String {
        let output = self.run(Command::new("git").args(arguments), directory);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        let errors = text(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {errors}");
        text(&output.stdout)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "programs are found where the tests' are"
    )]
    fn run(&self, command: &mut Command, directory: &str) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path);
        command.env("HOME", self.path("home"));
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        command.current_dir(self.path(directory));
        let name = command.get_program().to_owned();
        command
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", name.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

#[track_caller]
fn edit(path: &Path, from: &str, to: &str) {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let found = text.matches(from).count();
    assert_eq!(
        found,
        1,
        "`{from}` is not once in {}:\n{text}",
        path.display()
    );
    fs::write(path, text.replace(from, to)).expect("what was read can be written");
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file has a folder"))
        .and_then(|()| fs::write(path, text))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap_or_else(|error| panic!("{}: {error}", to.display()));
    let entries = fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    for entry in entries {
        let entry = entry.expect("a directory can be listed");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

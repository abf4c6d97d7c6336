//! Somebody who keeps a stack and renders it: a home, a stack, a clone of the
//! fleet repository. Runs see nothing of the machine's own configuration.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use tempfile::TempDir;

use crate::flux::revision;
use crate::installation::ztgit;
use crate::state::state_directory;

const GIT_CONFIG: &str = "[user]\n\tname = Tester\n\temail = tester@example.net\n\
                          [init]\n\tdefaultBranch = main\n[gpg]\n\tformat = ssh\n";
const TESTER: &str = "Tester <tester@example.net>";
const FLEET: &str = "fleet";
const STACK: &str = "stack";

/// How a run of `ztgit` ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub exit: i32,
    /// The result.
    pub stdout: String,
    /// Everything that it said.
    pub said: String,
}

/// What became of a cluster's slice.
#[derive(Debug, Deserialize)]
pub struct Slice {
    /// The cluster.
    pub cluster: String,
    /// Its branch, or the tag of its artifact.
    pub at: String,
    /// The commit, or the artifact's digest.
    pub revision: String,
    /// Whether it was published now.
    pub changed: bool,
}

#[derive(Deserialize)]
struct PublishReport {
    slices: Vec<Slice>,
}

impl Slice {
    /// How Flux calls it.
    pub fn revision(&self) -> String {
        match self.revision.split_once(':') {
            // An artifact by its tag, which follows the last colon of its place.
            Some(_) => {
                let tag = self.at.rsplit(':').next().expect("a text has a last part");
                format!("{tag}@{}", self.revision)
            }
            None => revision(&self.at, &self.revision),
        }
    }
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

    /// Publishes slices and pushes them; gives them by cluster.
    #[track_caller]
    pub fn publish(&self, options: &[&str]) -> BTreeMap<String, Slice> {
        let mut arguments = vec!["publish", "--repo", FLEET, "--format", "json"];
        arguments.extend(options);
        let run = self.ztgit(&arguments);
        assert_eq!(run.exit, 0, "{}", run.said);
        let report: PublishReport = serde_json::from_str(&run.stdout).expect("a report");
        let slices = report.slices.into_iter();
        slices.map(|slice| (slice.cluster.clone(), slice)).collect()
    }

    /// What `ztgit bootstrap` prints for a cluster.
    #[track_caller]
    pub fn bootstrap(&self, cluster: &str) -> String {
        let run = self.ztgit(&["bootstrap", cluster, "--stack", STACK]);
        assert_eq!(run.exit, 0, "{}", run.said);
        run.stdout
    }

    /// Has `ztgit bootstrap` commit what it would print.
    pub fn bootstrap_into_fleet(&self, cluster: &str) -> Run {
        let arguments = ["bootstrap", cluster, "--stack", STACK, "--write"];
        self.ztgit(&[arguments.as_slice(), &["--repo", FLEET]].concat())
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
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run {
            exit: output.status.code().expect("nothing kills it"),
            stdout: text(&output.stdout),
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

    /// Sets something in git's configuration.
    pub fn configure_git(&self, name: &str, value: &str) {
        self.git("", &["config", "--global", name, value]);
    }

    /// Makes an `OpenPGP` key that git signs with, and gives its public half.
    pub fn make_pgp_key(&self) -> String {
        let home = self.path("home/.gnupg");
        fs::create_dir(&home).expect("the home is writable");
        fs::set_permissions(&home, Permissions::from_mode(0o700)).expect("the home is ours");
        let mut make = Command::new("gpg");
        make.args(["--batch", "--quiet", "--passphrase", "", "--quick-gen-key"]);
        succeeded(&self.run(make.arg(TESTER), ""));
        let mut export = Command::new("gpg");
        let output = self.run(export.args(["--armor", "--export", TESTER]), "");
        succeeded(&output);
        self.configure_git("gpg.format", "openpgp");
        String::from_utf8(output.stdout).expect("armoured keys are text")
    }

    /// Makes a key for artifacts at `artifacts.key`, as cosign does but without a
    /// password, and gives its public half.
    pub fn make_artifact_key(&self) -> String {
        let curve = "ec_paramgen_curve:P-256";
        let mut make = Command::new("openssl");
        make.args(["genpkey", "-algorithm", "EC", "-pkeyopt", curve, "-out"]);
        succeeded(&self.run(make.arg("artifacts.key"), ""));
        let mut export = Command::new("openssl");
        let output = self.run(export.args(["pkey", "-pubout", "-in", "artifacts.key"]), "");
        succeeded(&output);
        String::from_utf8(output.stdout).expect("PEM is text")
    }

    /// Ends the agent that a key was made with.
    pub fn forget_pgp_key(&self) {
        let mut stop = Command::new("gpgconf");
        succeeded(&self.run(stop.args(["--kill", "all"]), ""));
    }

    /// Pushes the clone's tip, and gives it.
    pub fn push(&self) -> String {
        self.git(FLEET, &["push", "--quiet", "origin", "HEAD:main"]);
        self.head()
    }

    /// A work tree of the fleet repository at a commit; made once.
    pub fn fleet_at(&self, commit: &str) -> PathBuf {
        let tree = self.path(&format!("fleet-{commit}"));
        if !tree.exists() {
            let name = tree.display().to_string();
            self.git(
                FLEET,
                &["worktree", "add", "--quiet", "--detach", &name, commit],
            );
        }
        tree
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
fn succeeded(output: &Output) {
    assert!(output.status.success(), "{output:?}");
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

//! Runs the user's `git` for what needs a network and credentials.
//!
//! Hooks and file-system monitors are switched off, nothing is forced, nothing
//! prompts, and credentials never follow a redirect to another host.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::branch::HEADS;
use super::draft::Draft;
use super::error::Error;
use super::id::CommitId;
use super::repository::FleetRepository;

/// Variables that would point `git` at another repository than ours.
const LOCATIONS: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
];

/// Where the branches are that were fetched.
const FETCHED: &str = "refs/ztgit/fetched/";
/// As many packs as git lets there be (`gc.autoPackLimit`).
const MANY_PACKS: usize = 50;

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The remote branch is at the commit.
    Pushed,
    /// The remote branch has commits that ours does not contain.
    NonFastForward,
    /// It did not work: unreachable, forbidden, refused by the server.
    Failed {
        /// What `git` wrote to its standard error.
        stderr: String,
    },
}

impl FleetRepository {
    /// Pushes `commit` to the branch of the same name on `remote`, a name or URL.
    pub fn push(&self, remote: &str, commit: CommitId) -> Result<PushOutcome, Error> {
        let branch = BTreeMap::from([(self.branch().to_owned(), commit)]);
        self.push_branches(remote, &branch)
    }

    /// Pushes a commit to each of these branches of `remote`, in one connection.
    /// Where one is refused, others may have been taken.
    pub fn push_branches(
        &self,
        remote: &str,
        branches: &BTreeMap<String, CommitId>,
    ) -> Result<PushOutcome, Error> {
        let refspecs: Vec<String> = branches
            .iter()
            .map(|(branch, commit)| format!("{commit}:{HEADS}{branch}"))
            .collect();
        let mut arguments = vec![
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--no-recurse-submodules",
            "--",
            remote,
        ];
        arguments.extend(refspecs.iter().map(String::as_str));
        let output = self.run("push", &arguments)?;
        if output.status.success() {
            return Ok(PushOutcome::Pushed);
        }
        let report = String::from_utf8_lossy(&output.stdout);
        if report.lines().any(is_non_fast_forward) || is_lost_race(&output) {
            return Ok(PushOutcome::NonFastForward);
        }
        Ok(PushOutcome::Failed {
            stderr: message(&output, &report),
        })
    }

    /// Brings the branch of the same name from `remote` here, without moving
    /// ours, and gives its tip; none if the remote has no such branch.
    pub fn fetch(&self, remote: &str) -> Result<Option<CommitId>, Error> {
        // A reference of our own keeps what was fetched from being collected.
        let kept = format!("{FETCHED}{}", self.branch.short());
        let refspec = format!("+{}:{kept}", self.branch.full());
        let output = self.fetch_refspec(&[], remote, &refspec)?;
        if output.status.success() {
            let fetched = self.repository.refname_to_id(&kept);
            let fetched = fetched.map_err(|source| self.failed("read what was fetched", source))?;
            return Ok(Some(CommitId(fetched)));
        }
        match program_failed("fetch", &output) {
            Error::ProgramFailed { stderr, .. } if stderr.contains("couldn't find remote ref") => {
                Ok(None)
            }
            error => Err(error),
        }
    }

    /// Brings all branches below a folder of branches, such as `deploy`, from
    /// `remote` here without moving ours, and gives their tips.
    pub fn fetch_below(
        &self,
        remote: &str,
        folder: &str,
    ) -> Result<BTreeMap<String, CommitId>, Error> {
        let kept = format!("{FETCHED}{folder}/");
        let refspec = format!("+{HEADS}{folder}/*:{kept}*");
        let output = self.fetch_refspec(&["--prune"], remote, &refspec)?;
        if !output.status.success() {
            return Err(program_failed("fetch", &output));
        }
        self.references_below(&kept, FETCHED)
    }

    fn fetch_refspec(
        &self,
        options: &[&str],
        remote: &str,
        refspec: &str,
    ) -> Result<Output, Error> {
        let alone = [
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
        ];
        self.run(
            "fetch",
            &[options, &alone, &["--", remote, refspec]].concat(),
        )
    }

    /// Removes unfinished packs of writers that were killed, and lets `git` make one
    /// pack of many, as it does after commits of its own. Looking for the need costs
    /// less than asking it.
    pub fn maintain(&self) -> Result<(), Error> {
        Draft::remove_left_over(&self.repository.commondir().join("objects"));
        if self.packs() <= MANY_PACKS {
            return Ok(());
        }
        self.consolidate()
    }

    pub(super) fn consolidate(&self) -> Result<(), Error> {
        let output = self.run("maintenance", &["run", "--auto", "--quiet"])?;
        if output.status.success() {
            return Ok(());
        }
        Err(program_failed("maintenance", &output))
    }

    fn packs(&self) -> usize {
        let entries = fs::read_dir(self.repository.commondir().join("objects/pack"));
        entries
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| Path::new(&entry.file_name()).extension() == Some("pack".as_ref()))
            .count()
    }

    fn run(&self, command: &'static str, arguments: &[&str]) -> Result<Output, Error> {
        git(self.repository.path())
            .arg(command)
            .args(arguments)
            .output()
            .map_err(|source| Error::Program { command, source })
    }
}

fn program_failed(command: &'static str, output: &Output) -> Error {
    let stderr = String::from_utf8_lossy(&output.stderr);
    Error::ProgramFailed {
        command,
        stderr: stderr.trim_end().to_owned(),
    }
}

fn git(git_directory: &Path) -> Command {
    let mut command = Command::new("git");
    for variable in LOCATIONS {
        command.env_remove(variable);
    }
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        // The messages that are looked for are the untranslated ones.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .arg("--git-dir")
        .arg(git_directory)
        .args(["-c", "core.hooksPath=/dev/null"])
        .args(["-c", "core.fsmonitor=false"])
        .args(["-c", "http.followRedirects=false"]);
    command
}

/// A line of the report such as `!<TAB>from:to<TAB>[rejected] (fetch first)`.
fn is_non_fast_forward(line: &str) -> bool {
    line.starts_with('!')
        && ["(fetch first)", "(non-fast-forward)", "(needs force)"]
            .iter()
            .any(|reason| line.trim_end().ends_with(reason))
}

/// The branch was where the remote said at first, and moved before it was locked.
fn is_lost_race(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr)
        .lines()
        .any(|line| line.contains("cannot lock ref") && line.contains("but expected"))
}

/// A rejection's reason is in the report, everything else on standard error.
fn message(output: &Output, report: &str) -> String {
    let rejections = report.lines().filter(|line| line.starts_with('!'));
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = rejections
        .chain(stderr.lines())
        .map(str::trim_end)
        .collect();
    lines.join("\n")
}

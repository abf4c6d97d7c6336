//! A command in; its system calls on files of the test's own out, and runs where one
//! of them is its last or fails.

use std::fmt;
use std::fs;

use regex::Regex;

use crate::environment::TestEnvironment;

/// Calls that change files, or lock them.
const CHANGING: [&str; 22] = [
    "chmod",
    "copy_file_range",
    "fallocate",
    "fchmod",
    "fchmodat",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "pwrite64",
    "rename",
    "renameat",
    "renameat2",
    "symlink",
    "unlink",
    "unlinkat",
    "utimensat",
    "write",
];

/// Where the file is that a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Repository,
    WorkTree,
    Cache,
    Stack,
}

/// One call. With one job the main thread makes all of them.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// As strace has it.
    pub(crate) name: String,
    /// The how many-eth of this name it is, from 1.
    pub(crate) number: usize,
    pub(crate) place: Place,
    /// The arguments, with the paths of open files.
    pub(crate) arguments: String,
}

/// What happens instead of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The process is killed.
    Kill,
    /// The call fails with this error.
    Error(&'static str),
}

/// A call, and what happens instead of it.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) call: Call,
    pub(crate) fault: Fault,
}

/// How a run with a fault ended.
pub(crate) struct Ended {
    /// None if it was killed.
    pub(crate) exit: Option<i32>,
    pub(crate) stderr: String,
}

impl Call {
    pub(crate) fn changes_files(&self) -> bool {
        self.creates() || CHANGING.contains(&self.name.as_str())
    }

    fn creates(&self) -> bool {
        self.name == "openat" && self.arguments.contains("O_CREAT")
    }

    /// The errors that a file system or the system gives to such a call.
    pub(crate) fn errors(&self) -> &'static [&'static str] {
        match self.name.as_str() {
            "openat" if self.creates() => &["ENOSPC", "EIO", "EROFS", "EMFILE"],
            "openat" => &["EIO", "EMFILE"],
            "write" | "pwrite64" | "copy_file_range" | "fsync" | "fdatasync" | "ftruncate" => {
                &["ENOSPC", "EIO"]
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" | "mkdir" | "mkdirat"
            | "symlink" => &["ENOSPC", "EIO", "EROFS"],
            "unlink" | "unlinkat" | "chmod" | "fchmod" | "fchmodat" | "utimensat" => {
                &["EIO", "EROFS"]
            }
            "read" | "pread64" | "getdents64" => &["EIO"],
            _ => &[],
        }
    }
}

/// The calls that `ztgit` makes with these arguments.
pub(crate) fn calls(env: &TestEnvironment, arguments: &[&str]) -> Vec<Call> {
    let log = env.path("strace.log");
    let run = env.finish(&mut traced(env, &["--trace=%file,%desc"], arguments));
    run.expect_exit(0);
    let log = fs::read_to_string(log).unwrap();
    let line = Regex::new(r"^(\d+) +([a-z0-9_]+)\((.*)$").unwrap();
    let root = env.path("").display().to_string();
    let (mut calls, mut main): (Vec<Call>, Option<&str>) = (Vec::new(), None);
    let mut made = std::collections::BTreeMap::<&str, usize>::new();
    for found in log.lines().filter_map(|text| line.captures(text)) {
        let [thread, name, arguments] = found.extract().1;
        let place = place(&root, arguments);
        if *main.get_or_insert(thread) != thread {
            assert_eq!(place, None, "a call of another thread: {name}({arguments}");
            continue;
        }
        let number = made.entry(name).or_default();
        *number += 1;
        if let Some(place) = place {
            calls.push(Call {
                name: name.to_owned(),
                number: *number,
                place,
                arguments: arguments.replace(&root, ""),
            });
        }
    }
    calls
}

fn place(root: &str, arguments: &str) -> Option<Place> {
    let is_below = |directory: &str| {
        ["\"", root]
            .iter()
            .any(|start| arguments.contains(&format!("{start}{directory}")))
    };
    if is_below("fleet") {
        let in_repository = arguments.contains("/.git/");
        Some(if in_repository {
            Place::Repository
        } else {
            Place::WorkTree
        })
    } else if is_below("home/.cache") {
        Some(Place::Cache)
    } else {
        is_below("stack").then_some(Place::Stack)
    }
}

/// Runs `ztgit` with a fault. That it was met is checked: another run may make its
/// calls in another order.
pub(crate) fn run(env: &TestEnvironment, arguments: &[&str], point: &Point) -> Ended {
    let Point { call, fault } = point;
    let what = match fault {
        Fault::Kill => "signal=SIGKILL".to_owned(),
        Fault::Error(error) => format!("error={error}"),
    };
    let (name, number) = (&call.name, call.number);
    let trace = format!("--trace={name}");
    let inject = format!("--inject={name}:{what}:when={number}");
    let mut options = vec![trace.as_str(), &inject];
    if *fault != Fault::Kill {
        // Quicker, but it misses signals.
        options.push("--seccomp-bpf");
    }
    let output = traced(env, &options, arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let exit = output.status.code();
    let log = fs::read_to_string(env.path("strace.log")).unwrap();
    let met = match fault {
        Fault::Kill => exit.is_none(),
        Fault::Error(_) => log.contains("(INJECTED)"),
    };
    assert!(met, "{point} was not met: {stderr}");
    Ended { exit, stderr }
}

fn traced(env: &TestEnvironment, options: &[&str], arguments: &[&str]) -> std::process::Command {
    let log = env.path("strace.log").display().to_string();
    let mut strace = env.tool("strace", &["-f", "-y", "-s", "0", "-qq", "-o", &log]);
    let ztgit = env.command(arguments);
    strace
        .args(options)
        .arg(ztgit.get_program())
        .args(ztgit.get_args());
    strace
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kill => "killed",
            Self::Error(error) => error,
        })
    }
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call {
            name,
            number,
            arguments,
            ..
        } = &self.call;
        write!(formatter, "{} at {name} {number}, ({arguments}", self.fault)
    }
}

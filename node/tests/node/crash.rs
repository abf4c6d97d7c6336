//! Ends in the middle of an apply: at every system call, by a signal or by an
//! error, and the timer of a session that is gone.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use ztgit_test_support::{require_tool, said};

use crate::fixture::{Folder, Node, SYSCTL, Snapshot, WG_CONF, running};

const ACQUISITION: &str = "/etc/crowdsec/acquis.yaml";

/// Calls that can fail for want of space or by a broken disk.
const WRITING: [&str; 9] = [
    "openat", "openat2", "mkdirat", "write", "fchmod", "fchown", "fsync", "renameat", "unlinkat",
];

/// `target/<profile>/examples/apply`. Cargo builds it when it builds all tests of
/// the crate, not for `--test node` alone.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    profile.join("examples/apply")
}

/// A node with one state, and a folder with another: one file is new, with its
/// directory, three change, one goes.
struct Case {
    node: Node,
    folder: TempDir,
    old: Snapshot,
    new: Snapshot,
}

impl Case {
    fn new() -> Self {
        let next =
            Folder::small(2)
                .without(SYSCTL)
                .file(ACQUISITION, "# none\n", "0644", json!([]));
        let node = Node::new();
        node.apply(&Folder::small(1), &mut running()).unwrap();
        let old = node.snapshot();
        let done = copy(&node);
        let folder = next.write();
        let output = apply(&done, &folder).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let new = done.snapshot();
        assert_ne!(old, new);
        Self {
            node,
            folder,
            old,
            new,
        }
    }

    /// How often an apply makes each system call.
    fn calls(&self) -> BTreeMap<String, usize> {
        let node = copy(&self.node);
        let log = tempfile::NamedTempFile::new().unwrap();
        let output = traced(log.path(), None, &node, &self.folder);
        assert!(output.status.success(), "{}", said(&output));
        let mut calls = BTreeMap::new();
        for line in fs::read_to_string(log.path()).unwrap().lines() {
            let call = line
                .split_once('(')
                .map(|(call, _)| call.rsplit(' ').next().unwrap());
            let plain = |call: &&str| call.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if let Some(call) = call.filter(plain) {
                *calls.entry(call.to_owned()).or_default() += 1;
            }
        }
        calls
    }

    /// Applies with a fault and gives the node and whether it said that all is
    /// well.
    fn with_fault(&self, fault: &str) -> (Node, bool) {
        let node = copy(&self.node);
        let log = tempfile::NamedTempFile::new().unwrap();
        let output = traced(log.path(), Some(fault), &node, &self.folder);
        (node, output.status.success())
    }

    /// Every file is old or new by itself; then all are old or all are new; and
    /// then everything works.
    fn check(&self, node: &Node, fault: &str) {
        for (path, file) in node
            .snapshot()
            .into_iter()
            .filter(|(path, _)| !path.ends_with('/'))
        {
            let of_ours = [&self.old, &self.new].map(|state| state.get(&path));
            let is_staged = path.contains("/.ztgit-");
            assert!(
                is_staged || of_ours.contains(&Some(&file)),
                "{fault}: {path}"
            );
        }
        let output = Command::new(program()).arg(node.0.path()).output().unwrap();
        assert!(output.status.success(), "{fault}: {}", said(&output));
        let found = node.snapshot();
        assert!(
            found == self.old || found == self.new,
            "{fault}: {:?}",
            found.keys()
        );
        let output = apply(node, &self.folder).output().unwrap();
        assert!(output.status.success(), "{fault}: {}", said(&output));
        assert_eq!(node.snapshot(), self.new, "{fault}");
    }
}

fn copy(node: &Node) -> Node {
    let copy = Node::new();
    let status = Command::new("cp")
        .arg("--archive")
        .arg(node.0.path().join("."))
        .arg(copy.0.path())
        .status();
    assert!(status.unwrap().success());
    copy
}

fn apply(node: &Node, folder: &TempDir) -> Command {
    let mut command = Command::new(program());
    command.arg(node.0.path()).arg(folder.path());
    command
}

fn traced(log: &Path, fault: Option<&str>, node: &Node, folder: &TempDir) -> Output {
    let mut command = Command::new("strace");
    command.arg("-f").arg("-o").arg(log);
    if let Some(fault) = fault {
        let (call, _) = fault.split_once(':').unwrap();
        command.args([
            "-e",
            &format!("trace={call}"),
            "-e",
            &format!("inject={fault}"),
        ]);
    }
    command.arg(program()).arg(node.0.path()).arg(folder.path());
    command.output().unwrap()
}

#[test]
#[ignore = "slow: an apply for every system call"]
fn a_kill_at_any_system_call_leaves_the_old_state_or_the_new() {
    if require_tool("strace").is_none() {
        return;
    }
    let case = Case::new();
    let mut points = 0;
    for (call, count) in case.calls() {
        for when in 1..=count {
            let fault = format!("{call}:signal=SIGKILL:when={when}");
            let (node, _) = case.with_fault(&fault);
            case.check(&node, &fault);
            points += 1;
        }
    }
    assert!(points > 300, "only {points} points");
    println!("killed at {points} points");
}

#[test]
#[ignore = "slow: an apply for every system call that writes"]
fn an_error_of_any_writing_call_is_reported_and_restores_everything() {
    if require_tool("strace").is_none() {
        return;
    }
    let case = Case::new();
    let mut points = 0;
    for (call, count) in case.calls() {
        if !WRITING.contains(&call.as_str()) {
            continue;
        }
        for error in ["ENOSPC", "EIO", "EROFS", "EMFILE"] {
            for when in 1..=count {
                let fault = format!("{call}:error={error}:when={when}");
                let (node, succeeded) = case.with_fault(&fault);
                let found = node.snapshot();
                let expected = if succeeded { &case.new } else { &case.old };
                assert!(
                    found == *expected,
                    "{fault}: {succeeded}, {:?}",
                    found.keys()
                );
                case.check(&node, &fault);
                points += 1;
            }
        }
    }
    assert!(points > 300, "only {points} points");
    println!("failed at {points} points");
}

#[test]
#[ignore = "slow: an apply for every system call that writes"]
fn an_error_from_any_call_onwards_leaves_what_the_next_run_puts_right() {
    if require_tool("strace").is_none() {
        return;
    }
    let case = Case::new();
    for (call, count) in case.calls() {
        if !WRITING.contains(&call.as_str()) {
            continue;
        }
        for when in 1..=count {
            let fault = format!("{call}:error=ENOSPC:when={when}+");
            let (node, succeeded) = case.with_fault(&fault);
            assert!(!succeeded || node.snapshot() == case.new, "{fault}");
            case.check(&node, &fault);
        }
    }
}

#[test]
fn new_files_are_nobody_elses_from_their_first_moment_whatever_the_umask_is() {
    if require_tool("strace").is_none() {
        return;
    }
    let case = Case::new();
    let node = copy(&case.node);
    let log = tempfile::NamedTempFile::new().unwrap();
    let line = format!(
        "umask 000; exec strace -f -e trace=openat,fchmod -o '{}' '{}' '{}' '{}'",
        log.path().display(),
        program().display(),
        node.0.path().display(),
        case.folder.path().display(),
    );
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(node.snapshot(), case.new);
    assert_eq!(node.mode(WG_CONF), 0o600);
    let log = fs::read_to_string(log.path()).unwrap();
    let created: Vec<_> = log
        .lines()
        .filter(|line| line.contains("O_CREAT"))
        .collect();
    assert!(created.len() > 5);
    assert!(
        created.iter().all(|line| line.contains(", 0600) = ")),
        "{created:#?}"
    );
}

#[test]
fn what_nobody_confirms_is_taken_back_though_the_session_is_gone() {
    let case = Case::new();
    let node = copy(&case.node);
    // A group of processes, as a session that ends is killed.
    let mut session = apply(&node, &case.folder);
    let line = "\"$0\" \"$1\" \"$2\" --unconfirmed; exec sleep 60";
    let arguments: Vec<_> = session.get_args().map(ToOwned::to_owned).collect();
    session = Command::new("sh");
    session
        .args(["-c", line])
        .arg(program())
        .args(arguments)
        .process_group(0);
    let mut session = session.spawn().unwrap();
    wait_for(&node, &case.new);
    let group = format!("-{}", session.id());
    let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
    assert!(killed.unwrap().success());
    session.wait().unwrap();
    wait_for(&node, &case.old);
    let output = Command::new(program()).arg(node.0.path()).output().unwrap();
    assert!(output.status.success());
}

/// The kernel counts a relative wait on a clock that nobody sets, whichever clock
/// it names; only a wait until a time of day ends with a jump of that clock.
#[test]
fn the_timer_waits_for_a_span_and_not_until_a_time_of_day() {
    if require_tool("strace").is_none() {
        return;
    }
    let case = Case::new();
    let node = copy(&case.node);
    let log = tempfile::NamedTempFile::new().unwrap();
    // It follows the timer too, and comes back after the apply was taken back.
    let mut command = Command::new("strace");
    command
        .args([
            "-f",
            "-e",
            "trace=clock_nanosleep,timer_settime,timerfd_settime",
            "-o",
        ])
        .arg(log.path())
        .arg(program())
        .arg(node.0.path())
        .arg(case.folder.path())
        .arg("--unconfirmed");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(node.snapshot(), case.old);
    let log = fs::read_to_string(log.path()).unwrap();
    assert!(
        log.contains("clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=10"),
        "{log}"
    );
    assert!(!log.contains("ABSTIME"), "{log}");
}

fn wait_for(node: &Node, state: &Snapshot) {
    for _ in 0..600 {
        // Files come and go meanwhile.
        let found = std::panic::catch_unwind(|| node.snapshot());
        if found.is_ok_and(|found| found == *state) {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("the node did not come to that state");
}

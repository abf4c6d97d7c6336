//! A repository whose history is long: what goes on from the newest render reads no more
//! of it than of a short one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ztgit_test_support::require_tool;

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

const LONG: usize = 100_000;
const SHORT: usize = 10;
/// What the two may differ in, such as a buffer that is read twice.
const TOLERANCE: usize = 5;

/// A repository with each history, and what others clone from them.
const ORIGINS: [&str; 2] = ["short", "long"];
const CLONES: [&str; 2] = ["short-clone", "long-clone"];

/// A render with commits of the user's on top. Without a work tree, of which it depends
/// on the clock how much git looks at.
fn grow(env: &TestEnvironment, repository: &str, commits: usize) {
    env.git("", &["init", "--quiet", "--bare", repository]);
    env.run(&["render", "stack", "--repo", repository])
        .expect_exit(0);
    let from = env.head(repository);
    let mut stream = String::new();
    for number in 0..commits {
        let _ = writeln!(
            stream,
            "commit refs/heads/main\nmark :1\n\
             committer User <user@example.net> {} +0000\ndata 1\n.",
            1_767_225_600 + number
        );
        if number == 0 {
            let _ = writeln!(stream, "from {from}");
        }
    }
    let path = env.path(repository).display().to_string();
    let mut import = env
        .tool(
            "git",
            &[
                "-C",
                &path,
                "-c",
                "fastimport.unpackLimit=1",
                "fast-import",
                "--quiet",
            ],
        )
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = import.stdin.take().unwrap();
    stdin.write_all(stream.as_bytes()).unwrap();
    drop(stdin);
    assert!(import.wait().unwrap().success());
    assert_eq!(env.commits(repository), commits + 1);
}

/// A render as people run it: the shortest of a few times.
fn time(env: &TestEnvironment, repository: &str) -> Duration {
    let once = |_| {
        #[expect(clippy::disallowed_methods, reason = "printed, and nothing else")]
        let began = Instant::now();
        env.run(&["render", "stack", "--repo", repository])
            .expect_exit(0);
        began.elapsed()
    };
    (0..7).map(once).min().unwrap()
}

/// How often a command opens a file, reads from one or looks for one, git's share with
/// it.
fn accesses(env: &TestEnvironment, command: &[&str]) -> usize {
    let log = env.path("strace.log").display().to_string();
    let trace = "--trace=openat,read,pread64,getdents64,newfstatat,statx,access";
    let ztgit = env.command(&[command, &["--jobs", "1"]].concat());
    let mut strace = env.tool("strace", &["-f", "--seccomp-bpf", trace, "-o", &log]);
    strace.arg(ztgit.get_program()).args(ztgit.get_args());
    env.finish(&mut strace).expect_exit(0);
    let log = env.read("strace.log");
    log.lines()
        .filter(|line| !line.contains(" resumed>"))
        .count()
}

/// The same command with a short history and with a long one.
#[expect(clippy::print_stdout, reason = "whoever runs the test looks at them")]
fn compare(env: &TestEnvironment, what: &str, command: &[&str], repositories: [&str; 2]) {
    let [short, long] =
        repositories.map(|name| accesses(env, &[command, &["--repo", name]].concat()));
    println!("{what}: {short} and {long} accesses to files");
    assert!(long.abs_diff(short) <= TOLERANCE, "{what}: {short} {long}");
}

#[test]
fn no_command_looks_at_more_files_after_a_hundred_thousand_commits_than_after_ten() {
    if require_tool("strace").is_none() {
        return;
    }
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    grow(&env, "short", SHORT);
    grow(&env, "long", LONG);
    compare(&env, "nothing changed", &["render", "stack"], ORIGINS);
    let [short, long] = ORIGINS.map(|repository| time(&env, repository).as_secs_f64());
    println!(
        "nothing changed: {short:.3} s and {long:.3} s, ratio {:.2}",
        long / short
    );
    env.edit("stack/stack.yaml", "{env: lab}", "{env: lab, floor: two}");
    // Else what the first one puts into the cache is what the second one reads.
    let render = ["render", "stack", "--no-cache"];
    compare(&env, "one cluster changed", &render, ORIGINS);
    let drift = ["drift", "git", "stack", "--no-cache"];
    compare(&env, "drift against git", &drift, ORIGINS);

    // Somebody else was faster with the next change.
    for (origin, clone) in ORIGINS.into_iter().zip(CLONES) {
        env.git("", &["clone", "--quiet", "--bare", origin, clone]);
    }
    env.edit("stack/stack.yaml", "floor: two", "floor: three");
    for origin in ORIGINS {
        env.run(&["render", "stack", "--repo", origin])
            .expect_exit(0);
    }
    let push = ["render", "stack", "--no-cache", "--push"];
    compare(&env, "a push that came second", &push, CLONES);
}

/// A commit in the place of the branch's own, with the same files.
fn replace_tip(env: &TestEnvironment, message: &str, parent: &str) -> String {
    let tree = env.git("fleet", &["rev-parse", "HEAD^{tree}"]);
    let who = "User <user@example.net> 1767225600 +0000";
    let commit =
        format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n{message}\n");
    env.write("commit", commit);
    let object = [
        "hash-object",
        "--literally",
        "-w",
        "-t",
        "commit",
        "../commit",
    ];
    let tip = env.git("fleet", &object);
    env.write("fleet/.git/refs/heads/main", format!("{tip}\n"));
    tip
}

/// A commit whose parent is not there: whoever went on to it would fail.
#[test]
fn a_render_reads_no_commit_but_the_branch_s_own() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let tip = replace_tip(&env, "tip", &"1".repeat(40));
    env.run(&["render", "stack"]).expect_exit(0);
    env.edit("stack/stack.yaml", "{env: lab}", "{env: lab, floor: two}");
    env.run(&["render", "stack"]).expect_exit(0);
    assert_eq!(env.git("fleet", &["rev-parse", "HEAD^"]), tip);
}

#[test]
fn drift_is_told_without_what_is_behind_the_newest_render() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let message = env.git("fleet", &["log", "-1", "--format=%B"]);
    let before = replace_tip(&env, "before", &"1".repeat(40));
    replace_tip(&env, &message, &before);
    env.run(&["drift", "git", "stack", "--strict"])
        .expect_exit(0);
}

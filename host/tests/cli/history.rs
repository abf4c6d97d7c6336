//! A repository whose history is long: a render reads no more of it than of a short
//! one.

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

/// How often a render opens a file, reads from one or looks for one.
fn accesses(env: &TestEnvironment, repository: &str, options: &[&str]) -> usize {
    let log = env.path("strace.log").display().to_string();
    let trace = "--trace=openat,read,pread64,getdents64,newfstatat,statx,access";
    let render = ["render", "stack", "--jobs", "1", "--repo", repository];
    let render = env.command(&[&render, options].concat());
    let mut strace = env.tool("strace", &["-f", "--seccomp-bpf", trace, "-o", &log]);
    strace.arg(render.get_program()).args(render.get_args());
    env.finish(&mut strace).expect_exit(0);
    let log = env.read("strace.log");
    log.lines()
        .filter(|line| !line.contains(" resumed>"))
        .count()
}

#[test]
fn a_render_looks_at_no_more_files_after_a_hundred_thousand_commits_than_after_ten() {
    if require_tool("strace").is_none() {
        return;
    }
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    grow(&env, "short", SHORT);
    grow(&env, "long", LONG);
    let compare = |what: &str, options: &[&str]| {
        let [short, long] = ["short", "long"].map(|repository| accesses(&env, repository, options));
        println!("{what}: {short} and {long} accesses to files");
        assert!(long.abs_diff(short) <= TOLERANCE, "{what}: {short} {long}");
    };
    compare("nothing changed", &[]);
    let [short, long] = ["short", "long"].map(|repository| time(&env, repository).as_secs_f64());
    println!(
        "nothing changed: {short:.3} s and {long:.3} s, ratio {:.2}",
        long / short
    );
    env.edit("stack/stack.yaml", "{env: lab}", "{env: lab, floor: two}");
    // Else what the first one puts into the cache is what the second one reads.
    compare("one cluster changed", &["--no-cache"]);
}

/// A commit whose parent is not there: whoever went on to it would fail.
#[test]
fn a_render_reads_no_commit_but_the_branch_s_own() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let tree = env.git("fleet", &["rev-parse", "HEAD^{tree}"]);
    let absent = "1".repeat(40);
    let who = "User <user@example.net> 1767225600 +0000";
    let commit = format!("tree {tree}\nparent {absent}\nauthor {who}\ncommitter {who}\n\ntip\n");
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
    env.run(&["render", "stack"]).expect_exit(0);
    env.edit("stack/stack.yaml", "{env: lab}", "{env: lab, floor: two}");
    env.run(&["render", "stack"]).expect_exit(0);
    assert_eq!(env.git("fleet", &["rev-parse", "HEAD^"]), tip);
}

//! Large and hostile stack files: each ends soon, in little memory, with a
//! located error or a result.
//!
//! The promise is two seconds and 256 MiB of an optimised build for any file
//! of ten megabytes. What is asserted is the memory, and a time so generous
//! that only something that grows faster than its input misses it; the figures
//! are printed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::environment::TestEnvironment;

const MEBIBYTE: usize = 1 << 20;
const FILE: usize = 10 * MEBIBYTE;
const MEMORY: usize = 256 * MEBIBYTE;
const PATIENCE: Duration = Duration::from_mins(1);
const ENVELOPE: &str =
    "apiVersion: ztgit.dev/v1alpha1\nkind: Stack\nmetadata: {name: large}\nspec:\n";

/// A file of as many repetitions as fit ten megabytes.
fn repeated(begin: &str, unit: &str, end: &str) -> String {
    let room = FILE - ENVELOPE.len() - begin.len() - end.len();
    format!("{ENVELOPE}{begin}{}{end}", unit.repeat(room / unit.len()))
}

/// A file of so many numbered parts.
fn numbered(begin: &str, count: usize, part: impl Fn(usize) -> String, end: &str) -> String {
    let parts: String = (0..count).map(part).collect();
    format!("{ENVELOPE}{begin}{parts}{end}")
}

/// Files whose size or nesting is the problem.
fn large() -> Vec<(&'static str, String)> {
    vec![
        ("one list on a line", repeated("  a: [", "a,", "a]\n")),
        ("one list in lines", repeated("  a:\n", "  - a\n", "")),
        (
            "600,000 keys",
            numbered(
                "  clusters:\n",
                600_000,
                |i| format!("    k{i}: {{}}\n"),
                "",
            ),
        ),
        (
            "100,000 `[`",
            format!("{ENVELOPE}  a: {}", "[".repeat(100_000)),
        ),
        ("10 MB of `[`", repeated("  a: ", "[", "")),
        ("10 MB of `{a: `", repeated("  a: ", "{a: ", "")),
        (
            "50,000 `- `",
            format!("{ENVELOPE}  a:\n    {}", "- ".repeat(50_000)),
        ),
        ("10 MB of `? `", repeated("  a:\n    ", "? ", "")),
        ("one plain scalar", repeated("  a: ", "a", "\n")),
        (
            "one plain scalar in lines",
            repeated("  a:\n", "    a\n", ""),
        ),
        ("one quoted scalar", repeated("  a: \"", "a", "\"\n")),
        ("one scalar of escapes", repeated("  a: \"", "\\n", "\"\n")),
        ("one block scalar", repeated("  a: |\n", "    text\n", "")),
        ("one folded scalar", repeated("  a: >\n", "    a\n", "")),
        ("comments", repeated("", "# comment\n", "")),
        ("blank lines", repeated("", "\n", "")),
        ("colons", repeated("  a: ", ":", "")),
        ("documents", repeated("", "---\n", "")),
        ("directives", "%A b\n".repeat(FILE / 5)),
        ("more than ten megabytes", " ".repeat(FILE + 1)),
    ]
}

/// Files within the budget of values that are wrong everywhere, or that ask
/// for a lot of comparing.
fn wrong_everywhere() -> Vec<(&'static str, String)> {
    let cluster = "  clusters:\n    a:\n      flux: {source: {url: \"https://git.example.net\"}}\n";
    let of_cluster = |lines: &str| format!("{cluster}      {lines}");
    vec![
        (
            "unknown keys",
            numbered("", 48_000, |i| format!("  k{i}: 1\n"), ""),
        ),
        (
            "empty clusters",
            numbered("  clusters:\n", 48_000, |i| format!("    c{i}: {{}}\n"), ""),
        ),
        (
            "ambiguous scalars on a line",
            numbered("  a: [", 95_000, |_| "no,".into(), "no]\n"),
        ),
        (
            "wrong values of a map",
            numbered(
                &of_cluster("labels: {"),
                48_000,
                |i| format!("k{i}: 1,"),
                "z: a}\n",
            ),
        ),
        (
            "wrong items of a list",
            numbered(&of_cluster("profiles: ["), 95_000, |_| "1,".into(), "1]\n"),
        ),
        (
            "one profile many times",
            numbered(
                &format!(
                    "  profiles: {{p: {{labels: {{a: b}}}}}}\n{}",
                    of_cluster("profiles: [")
                ),
                95_000,
                |_| "p,".into(),
                "p]\n",
            ),
        ),
        (
            "ranges that do not meet, then two that do",
            numbered(
                &of_cluster("network: {serviceCIDRs: [10.0.0.0/32], podCIDRs: [10.0.0.0/32"),
                95_000,
                |i| format!(", 11.{}.{}.{}/32", i >> 16, i >> 8 & 255, i & 255),
                "]}\n",
            ),
        ),
        (
            "workloads with the same labels",
            numbered(
                &of_cluster("namespaces:\n        n1:\n          workloads:\n"),
                16_000,
                |i| format!("            w{i}: {{labels: {{app: web}}}}\n"),
                "",
            ),
        ),
        (
            "nodes with the same address",
            numbered(
                &of_cluster("nodes:\n"),
                14_000,
                |i| format!("        n{i}: {{role: agent, addresses: [10.0.0.1]}}\n"),
                "",
            ),
        ),
    ]
}

struct Measured {
    exit: i32,
    time: Duration,
    bytes: usize,
    stderr: String,
}

/// Runs `check`, looking at the process's peak memory for as long as it lives.
#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn measured(text: &str) -> Measured {
    let env = TestEnvironment::new();
    env.write("stack/stack.yaml", text);
    let errors = std::fs::File::create(env.path("stderr")).unwrap();
    let mut command = env.command(&["check", "stack"]);
    let started = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .unwrap();
    let status_file = format!("/proc/{}/status", child.id());
    let mut bytes = 0;
    loop {
        bytes = std::fs::read_to_string(&status_file)
            .ok()
            .and_then(|s| peak(&s))
            .unwrap_or(bytes);
        if let Some(status) = child.try_wait().unwrap() {
            let exit = status.code().expect("it was not killed");
            return Measured {
                exit,
                time: started.elapsed(),
                bytes,
                stderr: env.read("stderr"),
            };
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return Measured {
                exit: -1,
                time: started.elapsed(),
                bytes,
                stderr: String::new(),
            };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Peak resident memory, as Linux tells of a process.
fn peak(status: &str) -> Option<usize> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace()
        .next()?
        .parse::<usize>()
        .ok()
        .map(|kibibytes| kibibytes * 1024)
}

#[expect(
    clippy::print_stdout,
    reason = "the figures are for whoever reads the log"
)]
fn check_all(files: Vec<(&'static str, String)>) {
    let mut missed = Vec::new();
    for (name, text) in files {
        let run = measured(&text);
        let first = run
            .stderr
            .lines()
            .find(|line| line.starts_with("error"))
            .unwrap_or_default();
        let memory = run.bytes / MEBIBYTE;
        println!(
            "{name:<32} {:>6} KiB {:>6.2} s {memory:>4} MiB  {first}",
            text.len() / 1024,
            run.time.as_secs_f64()
        );
        if run.exit != 2 || run.time > PATIENCE || run.bytes > MEMORY {
            missed.push((name, run.exit, run.time, memory));
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn large_files_end_soon_in_little_memory() {
    check_all(large());
}

#[test]
fn files_that_are_wrong_everywhere_end_soon_in_little_memory() {
    check_all(wrong_everywhere());
}

//! What the hostile cases cost the host, as a table:
//! `cargo test -p ztgit --test hostile_plugins -- --ignored --nocapture costs`.

use std::fs;
use std::io::Write as _;
use std::time::Instant;

use ztgit::plugin::Runtime;

use super::limits::CASES;

/// The most memory that the process had since it was last reset, in MiB.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace()
        .next()?
        .parse::<u64>()
        .ok()
        .map(|kib| kib / 1024)
}

fn reset_peak_memory() {
    // Where this is not possible the table shows the highest peak so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

#[test]
#[ignore = "prints a table, alone in the process so that its numbers are one case's"]
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn costs() {
    let mut out = std::io::stdout();
    writeln!(out, "| case | s | MiB |\n|---|---|---|").expect("standard output is open");
    let program = Runtime::default();
    for case in CASES {
        let candidate = case.candidate();
        reset_peak_memory();
        let start = Instant::now();
        let error = case.run(&candidate, &program);
        let seconds = start.elapsed().as_secs_f64();
        drop(error);
        let peak = peak_memory().map_or_else(|| "?".to_owned(), |mib| mib.to_string());
        writeln!(
            out,
            "| {} | {seconds:.2} | {peak} |",
            case.what.replace('_', " ")
        )
        .expect("standard output is open");
    }
}

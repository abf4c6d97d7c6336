//! What hostile cases cost the host, as tables of the documentation: the tests that
//! hold a case are run one after the other, with a clock and the process's memory
//! beside them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// A case, and the tests that hold it.
pub struct Case {
    /// Its number.
    pub number: u8,
    /// What somebody does who means harm.
    pub what: &'static str,
    /// What comes of it.
    pub ends: &'static str,
    /// By name.
    pub tests: &'static [(&'static str, fn())],
}

/// Defines `CASES`: a number, what happens `=>` how it ends: the tests.
#[macro_export]
macro_rules! cases {
    ($($number:literal $what:literal => $ends:literal: $($module:ident::$test:ident),+;)*) => {
        const CASES: &[$crate::costs::Case] = &[$($crate::costs::Case {
            number: $number,
            what: $what,
            ends: $ends,
            tests: &[$((stringify!($test), $module::$test as fn())),+],
        }),*];
    };
}

/// The rows of a table, printed one by one: the worst seconds and memory of each case's
/// tests.
pub fn rows(cases: &[Case]) -> String {
    let mut rows = String::new();
    for case in cases {
        let (seconds, memory) = measure(case);
        let memory = memory.map_or_else(|| "?".to_owned(), |mib| mib.to_string());
        let Case {
            number,
            what,
            ends,
            tests,
        } = case;
        let row = format!(
            "| {number} | {what} | {ends} | {} | {seconds:.2} | {memory} |\n",
            tests.len()
        );
        std::io::stdout()
            .write_all(row.as_bytes())
            .expect("standard output is open");
        write!(rows, "{row}").expect("a string grows");
    }
    rows
}

/// Writes a page below `docs` where `UPDATE_TABLE` is set.
#[expect(clippy::disallowed_methods, reason = "how the table is asked for")]
pub fn update(page: &str, text: &str) {
    if std::env::var_os("UPDATE_TABLE").is_some() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        fs::write(docs.join(page), text).expect("the page is writable");
    }
}

#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
fn measure(case: &Case) -> (f64, Option<u64>) {
    let (mut seconds, mut memory) = (0.0_f64, None);
    for (_, test) in case.tests {
        reset_peak_memory();
        let start = Instant::now();
        test();
        seconds = seconds.max(start.elapsed().as_secs_f64());
        memory = memory.max(peak_memory());
    }
    (seconds, memory)
}

/// The most memory that the process had since it was last reset, in MiB.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(kib / 1024)
}

fn reset_peak_memory() {
    // Where this is not possible the table shows the highest peak so far.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

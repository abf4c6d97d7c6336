//! What came of each point in, a table for `docs/reliability.md` out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use super::Results;
use super::scene::Outcome;
use super::strace::Fault;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reliability.md");
const BEGIN: &str = "<!-- begin of the crash tables -->\n";
const END: &str = "<!-- end of the crash tables -->\n";

/// Runs that ended at the old commit and at the new one.
#[derive(Default)]
struct Count {
    old: usize,
    new: usize,
}

/// A row for each system call, a column for each fault.
pub(crate) fn of(title: &str, results: &Results) -> String {
    let mut counts = BTreeMap::<(&str, Fault), Count>::new();
    for (point, outcome) in results {
        let count = counts.entry((&point.call.name, point.fault)).or_default();
        match outcome {
            Outcome::Old => count.old += 1,
            Outcome::New => count.new += 1,
        }
    }
    let calls: BTreeSet<&str> = counts.keys().map(|(call, _)| *call).collect();
    let faults: BTreeSet<Fault> = counts.keys().map(|(_, fault)| *fault).collect();
    let mut table = format!("\n### {title}: {} runs\n\n| call |", results.len());
    for fault in &faults {
        let _ = write!(table, " {fault} |");
    }
    let _ = writeln!(table, "\n|---|{}", "---|".repeat(faults.len()));
    for call in calls {
        let _ = write!(table, "| `{call}` |");
        for fault in &faults {
            let count = counts.get(&(call, *fault));
            let cell = count.map(|Count { old, new }| format!("{old} / {new}"));
            let _ = write!(table, " {} |", cell.unwrap_or_default());
        }
        table.push('\n');
    }
    table
}

/// Whether whoever runs the test asks for the page.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test asks for it"
)]
pub(crate) fn is_wanted() -> bool {
    std::env::var_os("UPDATE_TABLE").is_some()
}

/// Prints the tables, and puts them into the page where that is asked for.
#[expect(clippy::print_stdout, reason = "whoever runs the test looks at them")]
pub(crate) fn publish(tables: &str) {
    println!("{tables}");
    if !is_wanted() {
        return;
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    fs::write(PAGE, format!("{before}{BEGIN}{tables}\n{END}{after}")).unwrap();
}

//! Rendering a fleet and committing it, next to what git needs to commit the same
//! files once somebody has written them.
//!
//! Both are whole processes, taking turns, so that both see the same machine. Git
//! gets exactly what ztgit has changed: the files of its commit, written into a work
//! tree. Nothing is asserted: figures of different machines do not compare, ratios of
//! one run do.

#![allow(clippy::print_stdout, reason = "a table is what this makes")]

mod machine;
mod report;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fleet;
use machine::Machine;
use report::{Row, Series};

/// Most runs of the first render, which takes long.
const FIRST_RUNS: usize = 3;

/// Writes a change of a stack that has that number in it.
type Write<'w> = dyn Fn(usize) -> io::Result<()> + 'w;

pub(crate) fn run(clusters: usize, runs: usize, ztgit: Option<PathBuf>) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ztgit = ztgit.unwrap_or_else(|| root.join("target/release/ztgit"));
    let ztgit = fs::canonicalize(&ztgit)
        .map_err(|_| format!("{} is not there: build it first", ztgit.display()))?;
    let machine = Machine::new(ztgit);
    let stack = machine.path("stack");
    fleet::write(&stack, clusters).map_err(|error| error.to_string())?;
    machine.new_repository("fleet.git", &["--bare"]);
    println!("{}", machine.render(&stack));
    machine.write_newest("files");
    println!("{}\n", report::volume(&machine.path("files")));

    report::heading();
    first(&machine, &stack, runs.min(FIRST_RUNS)).print();
    unchanged(&machine, &stack, runs).print();
    one_cluster(&machine, &stack, runs).print();
    one_app(&machine, &stack, runs).print();
    one_profile(&machine, &stack, runs).print();
    println!();
    memory(&machine, &stack);
    single_stack(&machine, &root.join("stacks/homelab"), runs);
    Ok(())
}

/// Everything is new: no cache, an empty bare repository; for git, a work tree without
/// an index.
fn first(machine: &Machine, stack: &Path, runs: usize) -> Row {
    let mut row = Row::new("first, cold cache");
    for _ in 0..runs {
        machine.forget();
        machine.new_repository("fleet.git", &["--bare"]);
        row.ztgit.add(|| machine.render(stack));
        machine.new_repository("files", &[]);
        row.git.add(|| machine.commit("files"));
    }
    row
}

fn unchanged(machine: &Machine, stack: &Path, runs: usize) -> Row {
    let mut row = Row::new("nothing changed");
    for _ in 0..runs {
        row.ztgit.add(|| machine.render(stack));
        row.git.add(|| machine.commit("files"));
    }
    row
}

/// A change is written, with a number of its own in each run, and rendered.
fn changed(name: &'static str, machine: &Machine, stack: &Path, runs: usize, write: &Write) -> Row {
    let mut row = Row::new(name);
    for run in 0..runs {
        write(9_001 + run).expect("the stack is ours");
        row.ztgit.add(|| machine.render(stack));
        machine.write_newest("files");
        row.git.add(|| machine.commit("files"));
    }
    row
}

/// One flow of one cluster gets another port.
fn one_cluster(machine: &Machine, stack: &Path, runs: usize) -> Row {
    changed("one cluster changed", machine, stack, runs, &|port| {
        fleet::write_cluster(stack, 0, port)
    })
}

/// One flow of an app gets another port: the clusters with a warehouse, a quarter.
fn one_app(machine: &Machine, stack: &Path, runs: usize) -> Row {
    changed("one app changed", machine, stack, runs, &|port| {
        fleet::write_app(stack, port)
    })
}

/// One flow of one region gets another port: a third of the clusters.
fn one_profile(machine: &Machine, stack: &Path, runs: usize) -> Row {
    let path = stack.join("stack.yaml");
    let text = fs::read_to_string(&path).expect("the stack is ours");
    changed("one profile changed", machine, stack, runs, &|port| {
        let text = text.replace(
            "{fqdn: reports.us-east.example.net}, ports: [443]",
            &format!("{{fqdn: reports.us-east.example.net}}, ports: [{port}]"),
        );
        fs::write(&path, text)
    })
}

fn memory(machine: &Machine, stack: &Path) {
    machine.forget();
    machine.new_repository("fleet.git", &["--bare"]);
    report::memory("first", machine.peak_memory(stack));
    report::memory("nothing changed", machine.peak_memory(stack));
}

/// What a user waits for with one small stack.
fn single_stack(machine: &Machine, stack: &Path, runs: usize) {
    let mut version = Series::default();
    let (mut first, mut warm) = (Series::default(), Series::default());
    for _ in 0..runs {
        version.add(|| machine.ztgit(&["--version"]));
        machine.forget();
        machine.new_repository("fleet.git", &["--bare"]);
        first.add(|| machine.render(stack));
        warm.add(|| machine.render(stack));
    }
    report::single("ztgit --version", &version);
    report::single("homelab, first run ever", &first);
    report::single("homelab, nothing changed", &warm);
}

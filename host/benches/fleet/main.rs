//! Rendering a fleet and committing it, next to what git needs to commit the
//! same files once somebody has written them.
//!
//! `cargo bench -p ztgit --bench fleet [-- CLUSTERS]`, 100 unless said. Prints
//! the median of a few runs of each, best and worst beside it, and the ratio
//! of the two. Both are whole processes in the same state of caches, taking
//! turns. Nothing is asserted: figures of different machines do not compare.

#![allow(clippy::print_stdout, reason = "a table is what this makes")]

mod machine;
mod report;
mod stack;

use std::fs;
use std::path::Path;

use machine::Machine;
use report::{Row, Series};

const CLUSTERS: usize = 100;
const RUNS: usize = 7;
const HOMELAB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/homelab");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // What `cargo bench` says, and `cargo test --all-targets` does not.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let clusters = arguments
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(CLUSTERS);
    let machine = Machine::new();
    let stack = machine.path("stack");
    stack::write(&stack, clusters);
    println!("{}", machine.render(&stack, &["--out", "files"]));
    println!("{}\n", report::volume(&machine.path("files")));

    report::heading();
    first(&machine, &stack).print();
    unchanged(&machine, &stack).print();
    one_changed(&machine, &stack).print();
    println!();
    processes(&machine);
}

/// Everything is new: an empty bare repository, and a work tree without an
/// index.
fn first(machine: &Machine, stack: &Path) -> Row {
    let (mut ztgit, mut git) = (Series::default(), Series::default());
    for _ in 0..RUNS {
        machine.new_repository("fleet.git", &["--bare"]);
        ztgit.add(|| machine.render(stack, &["--repo", "fleet.git"]));
        machine.new_repository("files", &[]);
        git.add(|| machine.commit("files"));
    }
    Row {
        title: "first",
        ztgit,
        git,
    }
}

fn unchanged(machine: &Machine, stack: &Path) -> Row {
    let (mut ztgit, mut git) = (Series::default(), Series::default());
    for _ in 0..RUNS {
        ztgit.add(|| machine.render(stack, &["--repo", "fleet.git"]));
        git.add(|| machine.commit("files"));
    }
    Row {
        title: "nothing changed",
        ztgit,
        git,
    }
}

/// One flow of one cluster gets another port; for git, one file another line.
fn one_changed(machine: &Machine, stack: &Path) -> Row {
    let (mut ztgit, mut git) = (Series::default(), Series::default());
    let file = machine.first_file("files/rendered");
    for run in 0..RUNS {
        stack::write_cluster(stack, 0, 9_001 + run);
        ztgit.add(|| machine.render(stack, &["--repo", "fleet.git"]));
        let text = fs::read_to_string(&file).expect("the file was rendered");
        fs::write(&file, text + "# changed\n").expect("the file is ours");
        git.add(|| machine.commit("files"));
    }
    Row {
        title: "one changed",
        ztgit,
        git,
    }
}

/// What a user waits for with one small stack.
fn processes(machine: &Machine) {
    let homelab = Path::new(HOMELAB);
    let (mut version, mut cold, mut warm) =
        (Series::default(), Series::default(), Series::default());
    for _ in 0..RUNS {
        version.add(|| machine.ztgit(&["--version"]));
        machine.new_repository("home.git", &["--bare"]);
        cold.add(|| machine.render(homelab, &["--repo", "home.git"]));
        warm.add(|| machine.render(homelab, &["--repo", "home.git"]));
    }
    report::single("ztgit --version", &version);
    report::single("homelab, first", &cold);
    report::single("homelab, nothing changed", &warm);
}

//! A render that ends in the middle: killed at a system call, or told by one that
//! the disk is full, broken or read-only.
//!
//! Each point is a run of its own under strace, in a copy of the same surroundings.
//! However it ends, the branch is at the old commit or at the new one, git's own check
//! is content, and the next render ends where an undisturbed one does. `just
//! reliability` runs all points and writes the table of `docs/reliability.md`.

mod order;
mod scene;
mod strace;
mod table;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use ztgit_test_support::require_tool;

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;
use scene::{Outcome, Scene};
use strace::{Call, Fault, Place, Point};

/// Runs at the same time.
const THREADS: usize = 2;
/// What names the files without which a kill would be in nobody's way.
const DELICATE: [&str; 4] = ["main.lock", "index.lock", "index.ztgit", "ztgit-journal"];

/// What came of each point, in their order.
type Results = Vec<(Point, Outcome)>;

#[test]
fn a_render_that_is_killed_while_it_holds_a_lock_is_in_nobody_s_way() {
    if require_tool("strace").is_none() {
        return;
    }
    let scene = Scene::change();
    let is_delicate = |call: &Call| DELICATE.iter().any(|name| call.arguments.contains(name));
    let calls: Vec<Call> = scene.calls().into_iter().filter(is_delicate).collect();
    let killed = points(&calls, |call, fault| {
        usize::from(call.changes_files() && fault == Fault::Kill)
    });
    assert!(killed.len() > 10, "only {} points", killed.len());
    disturb(&scene, killed);
}

#[test]
fn a_render_that_cannot_tell_which_branch_is_checked_out_says_so() {
    if require_tool("strace").is_none() {
        return;
    }
    let scene = Scene::change();
    let opens_head = |call: &Call| call.name == "openat" && call.arguments.contains("/.git/HEAD\"");
    let calls: Vec<Call> = scene.calls().into_iter().filter(opens_head).collect();
    let failing = points(&calls, |_, fault| usize::from(fault == Fault::Error("EIO")));
    assert!(!failing.is_empty());
    disturb(&scene, failing);
}

#[test]
fn a_render_that_ends_at_one_of_its_calls_leaves_the_old_commit_or_the_new() {
    if require_tool("strace").is_none() {
        return;
    }
    for scene in [Scene::first(), Scene::change()] {
        disturb(&scene, sample(&scene, 50));
    }
}

#[test]
#[ignore = "slow: some hundred renders, each disturbed at another system call"]
fn a_render_that_ends_at_any_of_its_calls_leaves_the_old_commit_or_the_new() {
    if require_tool("strace").is_none() {
        return;
    }
    // The table has all of them; a fifth, spread over the render, tells a defect too.
    let share = if table::is_wanted() { 1 } else { 5 };
    let mut tables = String::new();
    for (scene, every) in [
        (Scene::change(), 1),
        // But for the cache it is the same again.
        (Scene::change_without_cache(), 8),
        // Most of it are files of a work tree, one like the other.
        (Scene::first(), 3),
    ] {
        let results = disturb(&scene, sample(&scene, every * share));
        tables += &table::of(scene.name, &results);
        table::publish(&tables);
    }
}

/// One of how many points is tried, among those that are alike.
fn step(call: &Call, fault: Fault) -> usize {
    match (call.changes_files(), call.place, fault) {
        (false, _, _) => 16,
        // One file of the work tree is like the other.
        (true, Place::WorkTree, Fault::Error(_)) => 8,
        (true, _, _) => 1,
    }
}

/// One of so many points of a render.
#[expect(clippy::print_stdout, reason = "whoever runs the test looks at them")]
fn sample(scene: &Scene, every: usize) -> Vec<Point> {
    let calls = scene.calls();
    let all = points(&calls, step);
    let counts = (calls.len(), all.len());
    let chosen: Vec<Point> = all.into_iter().step_by(every).collect();
    println!("{}: {} points of {counts:?}", scene.name, chosen.len());
    chosen
}

/// Each call with each fault that can happen to it; of those that are alike one in
/// so many, or none.
fn points(calls: &[Call], step: impl Fn(&Call, Fault) -> usize) -> Vec<Point> {
    let mut alike = BTreeMap::<(String, Place, Fault), usize>::new();
    let mut chosen = Vec::new();
    for call in calls {
        let errors = call.errors().iter().copied().map(Fault::Error);
        for fault in [Fault::Kill].into_iter().chain(errors) {
            let number = alike
                .entry((call.name.clone(), call.place, fault))
                .or_default();
            if number.checked_rem(step(call, fault)) == Some(0) {
                let call = call.clone();
                chosen.push(Point { call, fault });
            }
            *number += 1;
        }
    }
    chosen
}

/// Renders once for each point. All are tried, also where one of them fails.
fn disturb(scene: &Scene, points: Vec<Point>) -> Results {
    let total = points.len();
    let points = Mutex::new(points.into_iter().enumerate());
    let results = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let next = points.lock().unwrap().next();
                    let Some((number, point)) = next else { break };
                    // Its message is printed as it fails.
                    let outcome = catch_unwind(AssertUnwindSafe(|| scene.disturb(&point)));
                    if let Ok(outcome) = outcome {
                        results.lock().unwrap().insert(number, (point, outcome));
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap();
    assert_eq!(results.len(), total, "points of {} that hold", scene.name);
    results.into_values().collect()
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_leaves_the_old_commit() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let old = env.head("fleet");
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    // The memory of plugins counts as a file, so their answers are there before.
    env.run(&["check", "stack"]).expect_exit(0);
    let render = env.command(&["render", "stack"]);
    let mut shell = env.tool(
        "sh",
        &["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""],
    );
    shell.arg(render.get_program()).args(render.get_args());
    let run = env.finish(&mut shell).expect_exit(3);
    let said = &run.stderr;
    assert!(said.contains("File too large"), "{said}");
    assert!(said.contains("fleet/.git/"), "{said}");
    assert_eq!(env.head("fleet"), old);
    env.git("fleet", &["fsck", "--strict"]);
    env.run(&["render", "stack"]).expect_exit(0);
}

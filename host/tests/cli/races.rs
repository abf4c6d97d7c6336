//! Several renders into one repository at the same time, and git between them: who
//! was told of a commit finds it in the history, who was not is told why and what to do.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

const WRITERS: usize = 4;
const ROUNDS: usize = 5;

/// A stack of each writer's own, that differs from round to round.
fn stack(env: &TestEnvironment, writer: usize, round: usize) -> String {
    let directory = format!("stack-{writer}");
    let port = format!("http: {}", 9000 + writer * 1000 + round);
    let text = TWO_CLUSTERS.replace("http: 8080", &port);
    env.write(&format!("{directory}/stack.yaml"), text);
    directory
}

fn start(env: &TestEnvironment, writer: usize, round: usize) -> Child {
    let stack = stack(env, writer, round);
    env.command(&["render", &stack, "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a writer is told that was not first.
const MOVED: &str = "has moved";
/// `git commit` reads the index before it locks it, and may put back what it read over
/// what a render wrote in between; then the next one finds an index that is not its own.
const UNCOMMITTED: &str = "uncommitted changes";

/// The commit that a writer was told of, where it was not refused for one of these.
fn acknowledged(writer: Child, refusals: &[&str]) -> Option<String> {
    let output = writer.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => {
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            report["commit"].as_str().map(str::to_owned)
        }
        code => {
            assert_eq!(code, Some(3), "{said}");
            assert!(
                refusals.iter().any(|refusal| said.contains(refusal)),
                "{said}"
            );
            assert!(!said.contains(MOVED) || said.contains("again"), "{said}");
            None
        }
    }
}

#[test]
fn renders_at_the_same_time_lose_no_commit_that_was_reported() {
    let env = TestEnvironment::new();
    let mut reported = BTreeSet::new();
    let mut by_hand = 0;
    for round in 0..ROUNDS {
        let writers: Vec<Child> = (0..WRITERS)
            .map(|writer| start(&env, writer, round))
            .collect();
        if round > 0 {
            // One that finds the branch locked fails, as git does.
            let message = format!("by hand {round}");
            let committed = env.try_git(
                "fleet",
                &["commit", "--quiet", "--allow-empty", "-m", &message],
            );
            by_hand += usize::from(committed.status.success());
        }
        let writers = writers.into_iter();
        reported.extend(writers.filter_map(|writer| acknowledged(writer, &[MOVED, UNCOMMITTED])));
        env.git("fleet", &["reset", "--quiet"]);
    }
    // Nobody is refused but for a commit of another's.
    let made = reported.len() + by_hand;
    assert!(made >= ROUNDS, "{made} commits, {by_hand} by hand");
    let history = env.git("fleet", &["rev-list", "main"]);
    let history: BTreeSet<String> = history.lines().map(str::to_owned).collect();
    assert!(reported.is_subset(&history), "{reported:?} {history:?}");
    assert_eq!(env.git("fleet", &["status", "--short"]), "");
    env.git("fleet", &["fsck", "--strict", "--no-dangling"]);
}

/// Renders again and again, a few times at least; every commit that was reported.
#[expect(clippy::disallowed_methods, reason = "the race has a length")]
fn race(env: &TestEnvironment, writer: usize, length: Duration) -> Vec<String> {
    let end = Instant::now() + length;
    let rounds = (0..).take_while(|round| *round < ROUNDS || Instant::now() < end);
    rounds
        .filter_map(|round| acknowledged(start(env, writer, round), &[MOVED]))
        .collect()
}

#[test]
#[ignore = "slow: eight writers for eight seconds"]
fn a_long_race_of_processes_has_as_many_commits_as_were_reported() {
    let env = TestEnvironment::new();
    let env = &env;
    let reported: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| scope.spawn(move || race(env, writer, Duration::from_secs(8))))
            .collect();
        let writers = writers.into_iter();
        writers.flat_map(|writer| writer.join().unwrap()).collect()
    });
    println!("{} commits were reported", reported.len());
    // Whoever was refused was so because of somebody else's commit.
    assert!(reported.len() >= ROUNDS, "{} commits", reported.len());
    let reported: BTreeSet<&str> = reported.iter().map(String::as_str).collect();
    let history = env.git("fleet", &["rev-list", "main"]);
    assert_eq!(reported, history.lines().collect());
    assert_eq!(env.git("fleet", &["status", "--short"]), "");
    env.git("fleet", &["fsck", "--strict", "--no-dangling"]);
}

//! A commit of a hundred clusters by ztgit, next to `git add -A && git commit`
//! of the same files already written. Prints both and their ratio.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use tempfile::TempDir;
use ztgit::git::{Change, Commit, FleetRepository, Identity, Signature};
use ztgit::tree::{FileMode, TreePath};

const CLUSTERS: usize = 100;
const FILES: usize = 40;
const RUNS: usize = 5;

fn main() {
    let changes = fleet();
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    criterion.bench_function("commit 100 clusters", |bencher| {
        bencher.iter_batched(
            || (bare(), commit(&changes)),
            |(directory, commit)| ztgit_commits(directory.path(), &commit),
            BatchSize::PerIteration,
        );
    });
    compare(&changes);
    criterion.final_summary();
}

/// The best of a few runs of each, alternating, so that both see the same machine.
#[allow(clippy::print_stdout, reason = "the ratio is what this prints")]
fn compare(changes: &BTreeMap<TreePath, Change>) {
    let (mut ours, mut gits) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        let directory = bare();
        let commit = commit(changes);
        ours = ours.min(time(|| ztgit_commits(directory.path(), &commit)));
        let directory = written(changes);
        gits = gits.min(time(|| {
            git(directory.path(), &["add", "-A"]);
            git(directory.path(), &["commit", "-q", "-m", "render"]);
        }));
    }
    let ratio = ours.as_secs_f64() / gits.as_secs_f64();
    println!(
        "{CLUSTERS} clusters: ztgit {ours:.0?}, git add and commit {gits:.0?}, ratio {ratio:.2}"
    );
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn time(action: impl FnOnce()) -> Duration {
    let start = Instant::now();
    action();
    start.elapsed()
}

/// About 34 kB a cluster, as a real one has, with values of its own.
fn fleet() -> BTreeMap<TreePath, Change> {
    let mut changes = BTreeMap::new();
    for cluster in 0..CLUSTERS {
        for file in 0..FILES {
            let path = format!("rendered/c{cluster}/allow/cilium/demo/policy-{file}.yaml");
            let path = TreePath::new(path.as_str()).expect("the path is plain");
            let bytes = policy(cluster, file).into_bytes();
            changes.insert(
                path,
                Change::Write {
                    bytes,
                    mode: FileMode::Regular,
                },
            );
        }
    }
    changes
}

fn policy(cluster: usize, file: usize) -> String {
    let mut text = format!(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: policy-{file}\n  \
         namespace: demo\nspec:\n  endpointSelector: {{}}\n  ingress:\n"
    );
    for rule in 0..9 {
        write!(
            text,
            "    - fromCIDR:\n        - 10.{cluster}.{file}.{rule}/32\n      toPorts:\n        \
             - ports:\n            - port: \"{}\"\n",
            8_000 + cluster + rule
        )
        .expect("text can always be added to a string");
    }
    text
}

fn commit(changes: &BTreeMap<TreePath, Change>) -> Commit {
    let identity = Identity {
        name: "ztgit".to_owned(),
        email: "ztgit@localhost".to_owned(),
    };
    let signature = Signature {
        identity,
        seconds: 1_700_000_000,
        offset_minutes: 0,
    };
    Commit {
        tip: None,
        base: None,
        changes: changes.clone(),
        managed: BTreeSet::new(),
        message: "render".to_owned(),
        author: signature.clone(),
        committer: signature,
    }
}

fn ztgit_commits(path: &Path, commit: &Commit) {
    let repository = FleetRepository::open(path, "main").expect("the repository was just made");
    repository.commit(commit).expect("nobody else writes to it");
}

fn bare() -> TempDir {
    let directory = TempDir::new().expect("there is room for a directory");
    git(directory.path(), &["init", "-q", "--bare", "-b", "main"]);
    directory
}

fn written(changes: &BTreeMap<TreePath, Change>) -> TempDir {
    let directory = TempDir::new().expect("there is room for a directory");
    git(directory.path(), &["init", "-q", "-b", "main"]);
    for (path, change) in changes {
        let Change::Write { bytes, .. } = change else {
            continue;
        };
        let path = directory.path().join(path.as_str());
        fs::create_dir_all(path.parent().expect("every path has a directory"))
            .and_then(|()| fs::write(&path, bytes))
            .expect("there is room for the files");
    }
    directory
}

fn git(directory: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=bench", "-c", "user.email=bench@localhost"])
        .args(arguments)
        .status()
        .expect("git is installed");
    assert!(status.success(), "git {arguments:?}");
}

//! Lint of a site of a fleet, and of a thousand flows among two hundred workloads: what
//! the host does with a cluster's objects and files once they are rendered. Prints for
//! each the ratio to reading the same objects from JSON.

#[path = "../tests/clusters/mod.rs"]
mod clusters;
#[path = "../tests/native/mod.rs"]
mod native;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use native::Rendered;
use serde_json::Value;
use ztgit_lint::{Finding, Item, Subject, lint, posture};

const RUNS: usize = 5;

fn main() {
    let clusters = [
        ("a site of a fleet", clusters::site()),
        ("a thousand flows", clusters::thousand_flows()),
    ];
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for (name, (cluster, configs)) in &clusters {
        let rendered = Rendered::of(cluster, configs);
        criterion.bench_function(name, |bencher| bencher.iter(|| judged(&rendered)));
        compare(name, &rendered);
    }
    criterion.final_summary();
}

/// What the host asks for, from the objects on.
fn judged(rendered: &Rendered) -> (Vec<Finding>, Vec<Item>) {
    let subject = black_box(rendered).subject();
    let findings = lint(&subject);
    let items = posture(&subject, &findings);
    (findings, items)
}

/// The best of a few runs of each, alternating, so that both see the same machine.
#[allow(clippy::print_stdout, reason = "the ratio is what this prints")]
fn compare(name: &str, rendered: &Rendered) {
    let texts = texts(&rendered.subject());
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        ours = ours.min(time(|| drop(black_box(judged(rendered)))));
        theirs = theirs.min(time(|| drop(black_box(read(&texts)))));
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    let objects = texts.len();
    println!("{name}, {objects} objects: lint {ours:.1?}, reading {theirs:.1?}, ratio {ratio:.2}");
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn time(action: impl FnOnce()) -> Duration {
    let start = Instant::now();
    action();
    start.elapsed()
}

fn texts(subject: &Subject<'_>) -> Vec<String> {
    let objects = subject.objects.iter();
    objects.map(|object| object.value.to_string()).collect()
}

fn read(texts: &[String]) -> Vec<Value> {
    let texts = texts.iter();
    texts
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect()
}

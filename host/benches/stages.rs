//! The stages that a cluster passes, one by one: a cluster of `stacks/fleet`, without
//! any cache. Each is printed as a multiple of what `serde_json` takes, in the same run,
//! to parse and print the objects that its largest unit renders.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::Criterion;
use serde_json::Value;
use tempfile::TempDir;
use ztgit::git::{Change, Commit, FleetRepository, Identity, Signature};
use ztgit::plan::{ClusterPlan, Lock, Means, Planner, Plugins, Unit};
use ztgit::plugin::Runtime;
use ztgit::registry::{Reach, Registries, RegistrySettings};
use ztgit::render::{ClusterOutput, Renderer};
use ztgit::stack::{Outline, StackFiles};
use ztgit::tree::yaml;
use ztgit_plugin::{Artifact, Rendering};
use ztgit_registry::PlainHttp;

const STACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/fleet");
const RUNS: usize = 30;

fn main() {
    let files = StackFiles::read(Path::new(STACK)).expect("the fleet is committed");
    let (outline, _) = Outline::open(&files);
    let (runtime, registries) = (Runtime::default(), offline());
    let means = Means {
        runtime: &runtime,
        cache: None,
        registries: &registries,
    };
    let directory = Path::new(STACK);
    let plugins = Plugins::resolve(&outline.plugins, directory, Lock::default(), &means)
        .expect("its plugins are built in")
        .plugins;
    let planner = Planner::new(&plugins).expect("they describe themselves rightly");
    let renderer = Renderer::new(&plugins);

    let load = || {
        let loaded = outline.load(&outline.parts()[0], &files);
        loaded.cluster.expect("the cluster is valid")
    };
    let cluster = load();
    let plan = || planner.plan(&cluster).expect("the plugins state facts").0;
    let ready = plan();
    let unit = largest(&ready, &plugins);
    let objects = objects(render(unit, &ready, &plugins));
    let text = serde_json::to_string(&objects).expect("objects are JSON");
    let whole = || renderer.render(&ready).expect("the plugins render").0;
    let output = whole();

    let mut bench = Bench {
        criterion: Criterion::default().sample_size(20).configure_from_args(),
        yardstick: median(|| json(&text)),
    };
    bench.stage("load", load);
    bench.stage("plan", plan);
    bench.stage("one unit", || render(unit, &ready, &plugins));
    bench.stage("emit", || {
        objects.iter().map(yaml::to_yaml).collect::<Vec<_>>()
    });
    bench.stage("render", whole);
    bench.stage("tree write", || write_tree(&output));
    bench.criterion.final_summary();
}

struct Bench {
    criterion: Criterion,
    yardstick: Duration,
}

impl Bench {
    #[allow(clippy::print_stdout, reason = "the ratio is what this prints")]
    fn stage<T>(&mut self, name: &str, stage: impl Fn() -> T) {
        self.criterion
            .bench_function(name, |bencher| bencher.iter(&stage));
        let took = median(&stage);
        let ratio = took.as_secs_f64() / self.yardstick.as_secs_f64();
        println!("{name}: {ratio:.2} times parsing and printing its objects as JSON");
    }
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn median<T>(stage: impl Fn() -> T) -> Duration {
    let mut took: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(stage());
            start.elapsed()
        })
        .collect();
    took.sort();
    took[RUNS / 2]
}

fn json(text: &str) -> String {
    let objects: Value = serde_json::from_str(text).expect("it was printed as JSON");
    objects.to_string()
}

fn offline() -> Registries {
    Registries::new(RegistrySettings {
        reach: Reach::Offline,
        docker_config: None,
        cache: None,
        authorities: None,
        plain_http: PlainHttp::Loopback,
    })
}

fn render(unit: &Unit, plan: &ClusterPlan<'_>, plugins: &Plugins<'_>) -> Rendering {
    let plugin = plugins.get(&unit.plugin).expect("the plugin is resolved");
    plugin
        .render(&plan.json, &unit.config, &unit.facts)
        .expect("the plugin renders")
}

/// The unit with the most objects.
fn largest<'p>(plan: &'p ClusterPlan<'_>, plugins: &Plugins<'_>) -> &'p Unit {
    let units = plan.units.iter();
    units
        .max_by_key(|unit| objects(render(unit, plan, plugins)).len())
        .expect("plugins take part")
}

fn objects(rendering: Rendering) -> Vec<Value> {
    let artifacts = rendering.artifacts.into_iter();
    artifacts
        .filter_map(|artifact| match artifact {
            Artifact::Manifest(manifest) => Some(manifest.object.into_value()),
            Artifact::File(_) | Artifact::Awaited(_) => None,
        })
        .collect()
}

/// A first commit into a repository that is made for it.
fn write_tree(output: &ClusterOutput) -> TempDir {
    let directory = TempDir::new().expect("there is room for a directory");
    let (repository, _) = FleetRepository::open_or_create(&directory.path().join("fleet"), "main")
        .expect("the directory is empty");
    repository
        .commit(&commit(output))
        .expect("nobody else writes to it");
    directory
}

fn commit(output: &ClusterOutput) -> Commit {
    let signature = Signature {
        identity: Identity {
            name: "ztgit".to_owned(),
            email: "ztgit@localhost".to_owned(),
        },
        seconds: 1_700_000_000,
        offset_minutes: 0,
    };
    let write = |bytes: &[u8], mode| Change::Write {
        bytes: bytes.to_vec(),
        mode,
    };
    let files = output.tree.iter();
    let changes: BTreeMap<_, _> = files
        .map(|(path, entry)| (path.clone(), write(&entry.bytes, entry.mode)))
        .collect();
    Commit {
        tip: None,
        base: None,
        changes,
        managed: BTreeSet::new(),
        message: "render".to_owned(),
        author: signature.clone(),
        committer: signature,
    }
}

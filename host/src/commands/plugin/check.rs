//! `ztgit plugin check`: whether a component is a plugin that others can use.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::candidate;
use crate::context::Context;
use crate::error::{CommandError, Exit, chain};
use crate::plan::Plugins;
use crate::plugin::{
    CompileCache, CompileLimits, Limits, Plugin, PluginError, Refusal, Runtime, Usage, WIT_VERSION,
};
use crate::trial::{self, Case, Outcome, TrialError, description};

/// Check a component: its interface, what it says of itself, and that it
/// renders its cases within its limits and always the same
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The component
    file: PathBuf,
    /// Cases to render; `cases` beside the component by default
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
}

/// What was looked at, and what was found.
struct Check {
    subject: String,
    result: Result<String, String>,
}

/// The checks so far.
#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn ok(&mut self, subject: &str, detail: impl Into<String>) {
        self.add(subject, Ok(detail.into()));
    }

    fn failed(&mut self, subject: &str, detail: impl Into<String>) {
        self.add(subject, Err(detail.into()));
    }

    fn add(&mut self, subject: &str, result: Result<String, String>) {
        let subject = subject.to_owned();
        self.0.push(Check { subject, result });
    }
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let bytes = candidate::read(&args.file)?;
    let directory = match &args.cases {
        Some(directory) => directory.clone(),
        None => candidate::beside(&args.file),
    };
    let cases = candidate::cases(&directory)?;
    let runtime = context.asking_runtime();
    let mut checks = Checks::default();
    // Compiling is a part of what is checked; a render need not do it again.
    let cache = context.compile_cache().map(CompileCache::replacing);
    if let Some(plugin) = load(&runtime, &bytes, cache.as_ref(), &mut checks) {
        describe(&plugin, &mut checks);
        let limits = runtime.limits();
        let plugins = Plugins::alone(plugin);
        render(&plugins, &cases, &mut checks);
        let plugin = plugins.iter().next().expect("it was just put there");
        usage(plugin.usage(), limits, &mut checks);
    }
    Ok(report(context, &checks))
}

/// The component as a plugin; where it is none, the checks say what it lacks.
fn load<'r>(
    runtime: &'r Runtime,
    bytes: &[u8],
    cache: Option<&CompileCache>,
    checks: &mut Checks,
) -> Option<Plugin<'r>> {
    let (loaded, took) = timed(|| candidate::load(runtime, bytes, cache));
    let size = format!("a component of {} KiB", bytes.len().div_ceil(1 << 10));
    // In this order one rests on the other.
    let steps = [
        ("component", size),
        ("compiles", compile_cost(bytes, took)),
        ("imports", imports(loaded.as_ref().ok()).to_owned()),
        ("interface", format!("ztgit:plugin@{WIT_VERSION}")),
    ];
    let (failing, loaded) = match loaded {
        Ok(plugin) => (steps.len(), Ok(plugin)),
        Err(error) => (failing_step(&error), Err(error)),
    };
    for (subject, detail) in &steps[..failing] {
        checks.ok(subject, detail);
    }
    match loaded {
        Ok(plugin) => Some(plugin),
        Err(error) => {
            let subject = steps
                .get(failing)
                .map_or("describe", |(subject, _)| subject);
            checks.failed(subject, reason(&error));
            None
        }
    }
}

fn imports(plugin: Option<&Plugin<'_>>) -> &'static str {
    if plugin.is_some_and(|plugin| !plugin.wasi_imports().is_empty()) {
        "WASI, which it gets where the stack says `wasi: true`"
    } else {
        "nothing but what a plugin may"
    }
}

fn compile_cost(bytes: &[u8], took: Duration) -> String {
    let limit = CompileLimits::of(bytes.len()).seconds;
    format!(
        "within {} ms; {limit} s of CPU time are the limit",
        took.as_millis()
    )
}

/// Which of the steps an error ends.
fn failing_step(error: &PluginError) -> usize {
    let PluginError::Refused { reason, .. } = error else {
        return 4;
    };
    match reason {
        Refusal::NotWebAssembly | Refusal::CoreModule => 0,
        Refusal::Invalid(_)
        | Refusal::CompileTime { .. }
        | Refusal::CompileMemory { .. }
        | Refusal::CompiledSize { .. }
        | Refusal::Compiler(_) => 1,
        Refusal::ForeignImport(_) | Refusal::Wasi { .. } => 2,
        Refusal::Version { .. } | Refusal::NoPlugin | Refusal::Types { .. } => 3,
    }
}

/// Why, without the name and the digest that the author knows.
fn reason(error: &PluginError) -> String {
    match error {
        PluginError::Refused { reason, .. } => chain(reason),
        PluginError::Failed { failure, .. } => chain(failure),
        PluginError::InvalidOutput { problem, .. } => problem.clone(),
    }
}

fn describe(plugin: &Plugin<'_>, checks: &mut Checks) {
    let description = plugin.description();
    let problems = description::problems(description);
    if problems.is_empty() {
        let (name, version) = (&description.name, &description.version);
        checks.ok("describe", format!("{name} {version}"));
    }
    for problem in problems {
        checks.failed("describe", problem);
    }
}

/// Renders every case four times, each call in a store of its own, two of them
/// at a time.
fn render(plugins: &Plugins<'_>, cases: &[Case], checks: &mut Checks) {
    // What needs no config can be rendered without a case.
    let plain = [Case::plain()];
    let cases = if cases.is_empty() { &plain } else { cases };
    for case in cases {
        let subject = format!("case {}", case.name);
        match trial::run(plugins, case) {
            Err(error) => checks.failed(&subject, chain(&error)),
            Ok(outcome) => {
                checks.add(&subject, rendered(&outcome));
                let again = again(plugins, case).map_err(|error| chain(&error));
                checks.add(&subject, again.and_then(|again| compared(&outcome, &again)));
            }
        }
    }
}

fn rendered(outcome: &Outcome) -> Result<String, String> {
    if outcome.faults.is_empty() {
        let (objects, files) = (outcome.objects(), outcome.host_files());
        Ok(format!("{objects} objects, {files} host files, all valid"))
    } else {
        Err(outcome.faults.join("\n        "))
    }
}

/// Three times more, two of them at a time.
fn again(plugins: &Plugins<'_>, case: &Case) -> Result<Vec<Outcome>, TrialError> {
    let alone = trial::run(plugins, case);
    let at_a_time = thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(|| trial::run(plugins, case)));
        threads.map(|thread| thread.join().expect("a trial does not panic"))
    });
    std::iter::once(alone).chain(at_a_time).collect()
}

/// Whether a case renders to the same again. A guest is told nothing that differs from
/// one store to another, so no guest can make this fail: it looks at the host.
fn compared(first: &Outcome, again: &[Outcome]) -> Result<String, String> {
    if again.iter().all(|outcome| outcome == first) {
        Ok("equal bytes, again and on two threads".to_owned())
    } else {
        Err("other bytes when it is rendered again: a fault of ztgit, not of the plugin".to_owned())
    }
}

fn usage(used: Usage, limits: Limits, checks: &mut Checks) {
    checks.ok(
        "fuel",
        format!("at most {} of {} units a call", used.fuel, limits.fuel),
    );
    let (memory, limit) = (used.memory.div_ceil(1 << 20), limits.memory >> 20);
    checks.ok("memory", format!("at most {memory} of {limit} MiB a call"));
}

#[expect(
    clippy::disallowed_methods,
    reason = "the author wants to know what compiling costs"
)]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

fn report(context: &Context, checks: &Checks) -> Exit {
    let ui = &context.ui;
    let mut entries = Vec::new();
    let mut exit = Exit::Clean;
    for Check { subject, result } in &checks.0 {
        let (word, detail) = match result {
            Ok(detail) => ("ok", detail),
            Err(detail) => {
                exit = Exit::Plugin;
                ("failed", detail)
            }
        };
        ui.line(&format!("{word:<7} {subject}: {detail}"));
        entries.push(json!({"check": subject, "ok": result.is_ok(), "detail": detail}));
    }
    ui.report("PluginCheck", &json!({"checks": entries}));
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_rendering_that_differs_fails_the_check() {
        let first = Outcome::default();
        let other = Outcome {
            faults: vec!["another".to_owned()],
            ..Outcome::default()
        };
        let same = [first.clone(), first.clone()];
        assert!(compared(&first, &same).is_ok());
        assert!(compared(&first, &[first.clone(), other]).is_err());
    }
}

//! A guest as the host uses it: loaded once, called often.

use std::io::Write as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ztgit::name::PluginName;
use ztgit::plugin::{CanonicalJson, CompileCache, Plugin, PluginError, Runtime, Wasi};
use ztgit_plugin::Rendering;

use super::project::Project;

/// How often equal calls must give equal answers.
const RENDERS: u32 = 1000;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(Runtime::default);

/// A component as a plugin; in the cache of the example's own render it is
/// compiled already.
pub(crate) fn plugin(name: &str, component: &[u8], wasi: Wasi, cache: &Path) -> Plugin<'static> {
    let name = PluginName::new(name).expect("guests have DNS labels as names");
    let cache = CompileCache::new(cache);
    Plugin::third_party(&RUNTIME, name, component, Some(&cache), wasi)
        .unwrap_or_else(|error| panic!("{}", ztgit::error::chain(&error)))
}

pub(crate) fn render(plugin: &Plugin<'_>, config: &Value) -> Result<Rendering, PluginError> {
    plugin.render(&cluster(), &CanonicalJson::of(config), &[])
}

/// The homelab's, where Prometheus' operator runs too.
fn cluster() -> CanonicalJson {
    let mut cluster = ztgit_plugin::testing::homelab();
    cluster["apis"] = json!({"monitoring.coreos.com": "v1"});
    CanonicalJson::of(&cluster)
}

/// What a guest costs.
pub(crate) struct Figures {
    /// Bytes of the component.
    pub(crate) component: usize,
    /// One render, when everything is loaded.
    pub(crate) warm: Duration,
    /// The most bytes that a call had.
    pub(crate) memory: usize,
}

/// Renders a thousand times, and states facts as often; says what the guest costs. `what`
/// it is begins with its name.
#[expect(clippy::disallowed_methods, reason = "what is measured is time")]
pub(crate) fn a_thousand_times(
    project: &Project,
    what: &str,
    wasi: Wasi,
    config: &Value,
) -> Figures {
    let component = &project.component;
    let name = what.split(' ').next().unwrap_or(what);
    let plugin = plugin(name, component, wasi, &project.cache);
    let first = render(&plugin, config).expect("it renders");
    assert_ne!(first.artifacts, []);
    let start = Instant::now();
    for round in 1..RENDERS {
        let again = render(&plugin, config).expect("it renders");
        assert_eq!(again, first, "round {round}");
    }
    let warm = start.elapsed() / (RENDERS - 1);
    assert_states_the_same(&plugin, config);
    writeln!(
        std::io::stdout(),
        "{what}: built in {:.0} s, component {} KiB, compiled in {:.1} s, rendered in {:.2} ms; \
         {RENDERS} renders equal",
        project.built_in.as_secs_f64(),
        component.len() >> 10,
        project.compiled.as_secs_f64(),
        warm.as_secs_f64() * 1000.0,
    )
    .expect("standard output is open");
    Figures {
        component: component.len(),
        warm,
        memory: plugin.usage().memory,
    }
}

fn assert_states_the_same(plugin: &Plugin<'_>, config: &Value) {
    let state = || {
        let stated = plugin.facts(&cluster(), &CanonicalJson::of(config));
        stated.expect("it states facts, or none")
    };
    let first = state();
    for round in 1..RENDERS {
        assert_eq!(state(), first, "round {round}");
    }
}

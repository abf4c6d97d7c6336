//! One call: a fresh store, the limits, and what the trap meant.

use wasmtime::{Store, Trap};
use ztgit_plugin::{Description, Rendering, StatedFact, Statement};

use super::backtrace;
use super::bindings::Renderer;
use super::bindings::ztgit::plugin::log::{Host, Level};
use super::canonical::CanonicalJson;
use super::component::{Origin, Plugin, other_types, refused};
use super::convert;
use super::engine_config::STACK_BYTES;
use super::error::{Failure, PluginError, escaped};
use super::json::{Parser, Problem};
use super::limits::{Limits, TICK_MILLISECONDS, Watch};
use super::wasi;

/// Longest line that a guest's log may have.
const LOG_LINE_BYTES: usize = 4096;
/// Lines of a call that are shown; the rest is dropped.
const LOG_LINES_SHOWN: usize = 1000;
/// Lines that a call may log: the work of the host costs the guest no fuel.
const LOG_LINES: usize = 100_000;

/// What a store carries.
pub(super) struct State {
    plugin: String,
    watch: Watch,
    lines: usize,
    last_error: Option<String>,
    pub(super) wasi: wasi::Session,
}

impl State {
    /// What a guest writes to standard output or error.
    pub(super) fn print(&mut self, stream: wasi::Stream, bytes: &[u8]) -> wasmtime::Result<()> {
        for line in self.wasi.console.write(stream, bytes) {
            self.write(Level::Info, line)?;
        }
        Ok(())
    }

    /// Shows an error that did not end the call.
    fn show_error(&self, message: &str) {
        tracing::error!(plugin = self.plugin, "{message}");
    }

    /// What it said last before it ended, if it could say anything.
    fn last_words(&self) -> Option<String> {
        let console = || self.wasi.console.last_words().map(escaped);
        self.last_error.clone().or_else(console)
    }
}

impl Host for State {
    fn write(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.lines += 1;
        if self.lines > LOG_LINES {
            self.watch.exceeded = Some(Failure::Log { limit: LOG_LINES });
            wasmtime::bail!("log limit");
        }
        if self.lines > LOG_LINES_SHOWN {
            return Ok(());
        }
        let end = message.floor_char_boundary(LOG_LINE_BYTES);
        let message = escaped(&message[..end]);
        let plugin = &self.plugin;
        match level {
            Level::Trace => tracing::trace!(plugin, "{message}"),
            Level::Debug => tracing::debug!(plugin, "{message}"),
            Level::Info => tracing::info!(plugin, "{message}"),
            Level::Warn => tracing::warn!(plugin, "{message}"),
            // The last one says how a call ended that fails after it.
            Level::Error => {
                if let Some(earlier) = self.last_error.replace(message) {
                    self.show_error(&earlier);
                }
            }
        }
        Ok(())
    }
}

impl Plugin<'_> {
    pub(super) fn describe(&self) -> Result<Description, PluginError> {
        self.answer("describe", &[], || {
            self.call("describe", |renderer, store| {
                renderer.ztgit_plugin_plugin().call_describe(store)
            })
        })
        .and_then(|answer| self.checked("describe", |json| convert::description(answer, json)))
    }

    /// What it states of a cluster.
    pub fn facts(
        &self,
        cluster: &CanonicalJson,
        config: &CanonicalJson,
    ) -> Result<Statement, PluginError> {
        let request = [cluster.0.as_bytes(), config.0.as_bytes()];
        self.answer("facts", &request, || {
            self.call("facts", |renderer, store| {
                renderer
                    .ztgit_plugin_plugin()
                    .call_facts(store, &cluster.0, &config.0)
            })
        })
        .and_then(|answer| self.checked("facts", |json| convert::statement(answer, json)))
    }

    /// What it renders for a cluster; the facts are those that its description
    /// consumes, sorted.
    pub fn render(
        &self,
        cluster: &CanonicalJson,
        config: &CanonicalJson,
        facts: &[StatedFact],
    ) -> Result<Rendering, PluginError> {
        let facts: Vec<_> = facts.iter().map(convert::stated_fact).collect();
        let stated = postcard::to_allocvec(&facts).expect("facts are plain data");
        let request = [cluster.0.as_bytes(), config.0.as_bytes(), &stated];
        self.answer("render", &request, || {
            self.call("render", |renderer, store| {
                renderer
                    .ztgit_plugin_plugin()
                    .call_render(store, &cluster.0, &config.0, &facts)
            })
        })
        .and_then(|answer| self.checked("render", |json| convert::rendering(answer, json)))
    }

    fn call<T>(
        &self,
        function: &'static str,
        run: impl FnOnce(&Renderer, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        let limits = self.runtime.limits;
        let state = State {
            plugin: self.name().to_string(),
            watch: Watch::new(limits),
            lines: 0,
            last_error: None,
            wasi: wasi::Session::default(),
        };
        let mut store = Store::new(&self.sandbox().engine, state);
        store.limiter(|state| &mut state.watch);
        store.set_fuel(limits.fuel).expect("the engine counts fuel");
        store.set_hostcall_fuel(limits.output);
        store.set_epoch_deadline(limits.deadline_ticks);
        let result = match self.code()?.instantiate(&mut store) {
            Ok(renderer) => run(&renderer, &mut store),
            // The types of functions are compared only now.
            Err(error)
                if self.origin() == Origin::ThirdParty
                    && !error.is::<Trap>()
                    && store.data().watch.exceeded.is_none() =>
            {
                let component = self.code()?.instance_pre().component();
                let reason = other_types(self.runtime, component, &error);
                return Err(refused(self.name(), self.digest(), reason));
            }
            Err(error) => Err(error),
        };
        if let Ok(left) = store.get_fuel() {
            let (fuel, memory) = (limits.fuel - left, store.data().watch.memory());
            self.meter.record(fuel, memory);
            tracing::trace!(plugin = %self.name(), function, fuel, memory);
        }
        let result = result.map_err(|error| failure(&error, store.data(), limits));
        let last_error = store.data().last_error.as_ref();
        if let Some(message) = last_error
            && !matches!(result, Err(Failure::Panic { .. }))
        {
            store.data().show_error(message);
        }
        result.map_err(|failure| PluginError::Failed {
            plugin: self.name().clone(),
            digest: *self.digest(),
            function,
            failure,
        })
    }

    fn checked<T>(
        &self,
        function: &'static str,
        convert: impl FnOnce(&mut Parser) -> Result<T, Problem>,
    ) -> Result<T, PluginError> {
        convert(&mut Parser::new(self.runtime.limits.parsed)).map_err(|problem| {
            PluginError::InvalidOutput {
                plugin: self.name().clone(),
                digest: *self.digest(),
                function,
                problem: problem.0,
            }
        })
    }
}

/// A trap says how it ended, the store why.
fn failure(error: &wasmtime::Error, state: &State, limits: Limits) -> Failure {
    if let Some(exceeded) = &state.watch.exceeded {
        return exceeded.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Failure::Fuel { limit: limits.fuel },
        Some(Trap::Interrupt) => Failure::Deadline {
            seconds: limits.deadline_ticks * TICK_MILLISECONDS / 1000,
        },
        Some(Trap::StackOverflow) => Failure::Stack { limit: STACK_BYTES },
        // Rust keeps a stack of its own at the start of the linear memory;
        // what overflows it leaves the memory at its lower end.
        Some(Trap::MemoryOutOfBounds) if state.last_words().is_none() => {
            Failure::Stack { limit: STACK_BYTES }
        }
        Some(trap) => match state.last_words() {
            Some(message) => Failure::Panic {
                message,
                functions: backtrace::functions(error),
            },
            None => Failure::Trap {
                detail: trap.to_string(),
                functions: backtrace::functions(error),
            },
        },
        None if format!("{error:#}").contains("fuel allocated for hostcalls") => Failure::Output {
            limit: limits.output,
        },
        None => Failure::Ended {
            detail: escaped(&error.root_cause().to_string()),
        },
    }
}

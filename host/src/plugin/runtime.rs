//! The two engines of a process, each made when it is first needed, with a clock of
//! deadlines and a linker with the one import that a plugin has.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, EngineWeak};

use super::bindings::Renderer;
use super::call::State;
use super::compile::{CompileLimits, Compiler};
use super::component::Origin;
use super::engine_config::engine_config;
use super::limits::{Limits, TICK_MILLISECONDS};
use super::pool::pooling_engine;
use crate::cache::Store;

/// What the plugins of a process share.
pub struct Runtime {
    /// For components from files and registries.
    strangers: OnceLock<Sandbox>,
    /// For those of this binary.
    own: OnceLock<Sandbox>,
    pub(super) limits: Limits,
    pub(super) compiler: Compiler,
    pub(super) answers: Option<Arc<Store>>,
}

/// An engine, and the linker with what it gives to plugins.
pub(super) struct Sandbox {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
}

impl Sandbox {
    fn new(engine: Engine) -> Self {
        let mut linker = Linker::new(&engine);
        Renderer::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)
            .expect("an empty linker takes the world's import");
        start_clock(engine.weak());
        Self { engine, linker }
    }
}

impl Runtime {
    /// A runtime whose calls are bounded by these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            strangers: OnceLock::new(),
            own: OnceLock::new(),
            limits,
            compiler: Compiler::Here,
            answers: None,
        }
    }

    /// Has strangers' components compiled by another process of this program,
    /// under limits that go by their bytes.
    pub fn compiling_in(mut self, program: &Path, limits: fn(usize) -> CompileLimits) -> Self {
        self.compiler = Compiler::Child {
            program: program.to_owned(),
            limits,
        };
        self
    }

    /// Where plugins of this origin run.
    pub(super) fn sandbox(&self, origin: Origin) -> &Sandbox {
        let fresh = || Engine::new(&engine_config()).expect("the engine's settings are consistent");
        match origin {
            Origin::FirstParty => self
                .own
                .get_or_init(|| Sandbox::new(pooling_engine().unwrap_or_else(fresh))),
            Origin::ThirdParty => self.strangers.get_or_init(|| Sandbox::new(fresh())),
        }
    }

    /// What a call may use.
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

impl Runtime {
    /// Looks answers up before it asks a plugin, and keeps what it is answered.
    #[must_use]
    pub fn with_answers(self, answers: Option<Arc<Store>>) -> Self {
        Self { answers, ..self }
    }
}

impl Default for Runtime {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// Ticks until the engine is gone.
fn start_clock(engine: EngineWeak) {
    thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(Duration::from_millis(TICK_MILLISECONDS));
        }
    });
}

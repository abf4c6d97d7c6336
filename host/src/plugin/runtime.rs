//! One engine a process, its clock of deadlines, and the linker with the one
//! import that a plugin has.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, EngineWeak};

use super::bindings::Renderer;
use super::call::State;
use super::compile::{CompileLimits, Compiler};
use super::engine_config::engine_config;
use super::limits::{Limits, TICK_MILLISECONDS};
use crate::cache::Store;

/// What all plugins of a process share.
pub struct Runtime {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) limits: Limits,
    pub(super) compiler: Compiler,
    pub(super) answers: Option<Arc<Store>>,
}

impl Runtime {
    /// An engine whose calls are bounded by these limits.
    pub fn new(limits: Limits) -> Self {
        let engine = Engine::new(&engine_config()).expect("the engine's settings are consistent");
        let mut linker = Linker::new(&engine);
        Renderer::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)
            .expect("an empty linker takes the world's import");
        start_clock(engine.weak());
        Self {
            engine,
            linker,
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

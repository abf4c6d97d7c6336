//! One engine a process, its clock of deadlines, and the linker with the one
//! import that a plugin has.

use std::path::Path;
use std::thread;
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, EngineWeak};

use super::bindings::Renderer;
use super::call::State;
use super::compile::Compiler;
use super::engine_config::engine_config;
use super::limits::{Limits, TICK_MILLISECONDS};

/// What all plugins of a process share.
pub struct Runtime {
    pub(super) engine: Engine,
    pub(super) linker: Linker<State>,
    pub(super) limits: Limits,
    pub(super) compiler: Compiler,
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
        }
    }

    /// Has strangers' components compiled by another process of this program,
    /// under limits.
    pub fn compiling_in(mut self, program: &Path) -> Self {
        self.compiler = Compiler::Child(program.to_owned());
        self
    }

    /// What a call may use.
    pub fn limits(&self) -> Limits {
        self.limits
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

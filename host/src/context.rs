//! What a command may look at besides its arguments.

use std::path::PathBuf;

use crate::git::{Identity, Signature};
use crate::plugin::{CompileCache, Runtime};
use crate::ui::Ui;

/// The terminal and the environment, as `main` found them.
#[derive(Debug)]
pub struct Context {
    /// Where everything is printed.
    pub ui: Ui,
    /// Read once, in `main`.
    pub environment: Environment,
}

/// The process's surroundings. Nothing else looks at clock or environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Seconds since 1970.
    pub now: i64,
    /// The user's cache directory, where there is one.
    pub cache: Option<PathBuf>,
    /// This program's own file.
    pub program: Option<PathBuf>,
}

impl Context {
    /// Where plugins run. What is not built in is compiled in a process of its
    /// own.
    pub fn runtime(&self) -> Runtime {
        let runtime = Runtime::default();
        match &self.environment.program {
            Some(program) => runtime.compiling_in(program),
            None => runtime,
        }
    }

    /// Where compiled components are kept, if anywhere.
    pub fn compile_cache(&self) -> Option<CompileCache> {
        self.environment.cache.as_deref().map(CompileCache::new)
    }

    /// An identity at the time of this run.
    pub fn signature(&self, identity: Identity) -> Signature {
        Signature {
            identity,
            seconds: self.environment.now,
            offset_minutes: 0,
        }
    }
}

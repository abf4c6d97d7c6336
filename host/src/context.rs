//! What a command may look at besides its arguments.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::cache::Store;
use crate::git::{Identity, Signature};
use crate::plugin::{CompileCache, Runtime};
use crate::ui::Ui;

/// The terminal and the environment, as `main` found them.
pub struct Context {
    /// Where everything is printed.
    pub ui: Ui,
    /// Read once, in `main`.
    pub environment: Environment,
    store: OnceLock<Option<Arc<Store>>>,
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
    /// What tells this build from every other one: answers that another one worked
    /// out are not taken. Without it nothing is kept.
    pub build: Option<String>,
}

impl Environment {
    /// Where answers are kept.
    pub fn answers(&self) -> Option<PathBuf> {
        Some(self.cache.as_ref()?.join("ztgit").join("answers"))
    }
}

impl Context {
    /// Where plugins run, which asks the cache first.
    pub fn runtime(&self) -> Runtime {
        self.asking_runtime().with_answers(self.store().cloned())
    }

    /// Where plugins run, and do so whatever earlier runs found: for what judges
    /// plugins and commits. What is not built in is compiled in a process of its own.
    pub fn asking_runtime(&self) -> Runtime {
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

    /// A context in which nothing has happened yet.
    pub fn new(ui: Ui, environment: Environment) -> Self {
        Self {
            ui,
            environment,
            store: OnceLock::new(),
        }
    }

    /// What earlier runs worked out, unless the user wants none of it.
    pub fn store(&self) -> Option<&Arc<Store>> {
        self.store
            .get_or_init(|| {
                let directory = self.environment.answers()?;
                Store::open(&directory).map(Arc::new)
            })
            .as_ref()
    }

    /// Keeps what this run worked out for the next one.
    pub fn finish(&self) {
        if let Some(Some(store)) = self.store.get() {
            store.finish();
        }
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

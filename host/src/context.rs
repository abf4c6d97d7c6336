//! What a command may look at besides its arguments.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ztgit_registry::PlainHttp;

use crate::cache::Store;
use crate::git::{Identity, Signature};
use crate::plugin::{CompileCache, CompileLimits, Runtime};
use crate::registry::{Reach, Registries, RegistrySettings};
use crate::ui::Ui;

/// The terminal and the environment, as `main` found them.
pub struct Context {
    /// Where everything is printed.
    pub ui: Ui,
    /// Read once, in `main`.
    pub environment: Environment,
    /// How registries may be used.
    pub registries: RegistryOptions,
    store: OnceLock<Option<Arc<Store>>>,
}

/// What every command that loads plugins can be told.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Plugins from registries")]
pub struct RegistryOptions {
    /// Fetch nothing: what is pinned has to be in the cache.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Fail where ztgit.lock would have to change.
    #[arg(long, global = true)]
    pub locked: bool,
    /// Certificate authorities of registries, in PEM, besides the system's.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "ZTGIT_REGISTRY_CA",
        hide_env_values = true
    )]
    pub registry_ca: Option<PathBuf>,
    /// Speak to registries without TLS.
    #[arg(long, global = true)]
    pub registry_plain_http: bool,
}

/// The process's surroundings. Nothing else looks at clock or environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Seconds since 1970.
    pub now: i64,
    /// The same for what runs on and on: seconds since 1970, each time anew.
    pub clock: fn() -> i64,
    /// Client configurations of Kubernetes, where `kubectl` looks for them; an
    /// earlier one wins.
    pub kubeconfigs: Vec<PathBuf>,
    /// The user's cache directory, where there is one.
    pub cache: Option<PathBuf>,
    /// This program's own file.
    pub program: Option<PathBuf>,
    /// What tells this build from every other one: answers that another one worked
    /// out are not taken. Without it nothing is kept.
    pub build: Option<String>,
    /// The directory of Docker's configuration, where there is one.
    pub docker_config: Option<PathBuf>,
    /// What opens encrypted signing keys.
    pub key_password: Option<Password>,
}

impl Environment {
    /// Where answers are kept.
    pub fn answers(&self) -> Option<PathBuf> {
        Some(self.cache.as_ref()?.join("ztgit").join("answers"))
    }
}

/// Not to be shown, not even by accident.
#[derive(Clone)]
pub struct Password(pub Vec<u8>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl Context {
    /// Where plugins run, which asks the cache first.
    pub fn runtime(&self) -> Runtime {
        self.asking_runtime().with_answers(self.known().cloned())
    }

    /// What need not be worked out again. Whoever wants to see plugins' logs has them
    /// say everything anew.
    pub fn known(&self) -> Option<&Arc<Store>> {
        if self.ui.shows_logs() {
            return None;
        }
        self.store()
    }

    /// Where plugins run, and do so whatever earlier runs found: for what judges
    /// plugins and commits. What is not built in is compiled in a process of its own.
    pub fn asking_runtime(&self) -> Runtime {
        let runtime = Runtime::default();
        match &self.environment.program {
            Some(program) => runtime.compiling_in(program, CompileLimits::of),
            None => runtime,
        }
    }

    /// Where compiled components are kept, if anywhere.
    pub fn compile_cache(&self) -> Option<CompileCache> {
        self.environment.cache.as_deref().map(CompileCache::new)
    }

    /// A context in which nothing has happened yet.
    pub fn new(ui: Ui, environment: Environment, registries: RegistryOptions) -> Self {
        Self {
            ui,
            environment,
            registries,
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

    /// Registries, as the command line and the environment have them.
    pub fn registries(&self) -> Registries {
        Registries::new(RegistrySettings {
            reach: if self.registries.offline {
                Reach::Offline
            } else {
                Reach::Online
            },
            docker_config: self.environment.docker_config.clone(),
            cache: self.environment.cache.clone(),
            authorities: self.registries.registry_ca.clone(),
            plain_http: if self.registries.registry_plain_http {
                PlainHttp::Always
            } else {
                PlainHttp::Loopback
            },
        })
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

//! Guests as the host sees them: loaded, called, and what it says of them.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::mpsc;
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};
use ztgit::error::chain;
use ztgit::name::PluginName;
use ztgit::plugin::{CanonicalJson, CompileCache, Limits, Plugin, PluginError, Runtime, Wasi};
use ztgit::tree::Sha256;
use ztgit_plugin::Rendering;
use ztgit_test_support::{guest, scratch};

/// The limits of the program, but less fuel, so that endless work ends soon,
/// and all the time that a busy machine may need.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Runtime::new(Limits {
        fuel: 2_000_000_000,
        deadline_ticks: 10_000,
        ..Limits::default()
    })
});

/// Far longer than any guest may take; a test that gets here hangs.
const HANG: Duration = Duration::from_mins(5);

/// A component on its way to become a plugin.
pub(crate) struct Candidate {
    name: PluginName,
    bytes: Vec<u8>,
}

impl Candidate {
    /// A guest from its sources.
    pub(crate) fn guest(name: &str) -> Self {
        Self::file(name, &guest(name))
    }

    pub(crate) fn file(name: &str, path: &Path) -> Self {
        Self::new(name, fs::read(path).expect("the guest was just built"))
    }

    pub(crate) fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: PluginName::new(name).expect("guests have DNS labels as names"),
            bytes,
        }
    }

    pub(crate) fn load(&self) -> Result<Plugin<'static>, PluginError> {
        self.load_in(&RUNTIME)
    }

    /// Loads it under other limits.
    pub(crate) fn load_in<'r>(&self, runtime: &'r Runtime) -> Result<Plugin<'r>, PluginError> {
        self.load_with(runtime, Wasi::Refused)
    }

    /// Loads it as a stack does that lets it have WASI, or does not.
    pub(crate) fn load_with<'r>(
        &self,
        runtime: &'r Runtime,
        wasi: Wasi,
    ) -> Result<Plugin<'r>, PluginError> {
        let cache = CompileCache::new(&scratch("cache"));
        let name = self.name.clone();
        Plugin::third_party(runtime, name, &self.bytes, Some(&cache), wasi)
    }

    /// Why it is refused, or fails before it is a plugin.
    pub(crate) fn refusal(&self) -> PluginError {
        match self.load() {
            Ok(_) => panic!("{} is taken for a plugin", self.name),
            Err(error) => error,
        }
    }

    /// An error as people see it. It names the plugin and its digest.
    pub(crate) fn shown(&self, error: &PluginError) -> String {
        let text = chain(error);
        let names = format!("plugin `{}` ({}) ", self.name, Sha256::of(&self.bytes));
        assert!(
            text.starts_with(&names),
            "{text:?} does not begin with {names:?}"
        );
        text[names.len()..].to_owned()
    }
}

pub(crate) fn cluster() -> CanonicalJson {
    CanonicalJson::of(&ztgit_plugin::testing::homelab())
}

pub(crate) fn render(plugin: &Plugin<'_>, config: &Value) -> Result<Rendering, PluginError> {
    plugin.render(&cluster(), &CanonicalJson::of(config), &[])
}

/// The guest that breaks the limit it is told to.
pub(crate) fn misbehaving() -> &'static Plugin<'static> {
    static MISBEHAVING: LazyLock<Plugin<'static>> = LazyLock::new(|| {
        Candidate::guest("misbehaving")
            .load()
            .expect("it describes itself")
    });
    &MISBEHAVING
}

/// Has it do something.
pub(crate) fn misbehave(plugin: &Plugin<'_>, misdeed: &str) -> Result<Rendering, PluginError> {
    render(plugin, &json!({ "misdeed": misdeed }))
}

/// Fails where the work does not end.
pub(crate) fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let worker = thread::spawn(move || {
        // Nobody listens any more once the test has failed.
        let _ = sender.send(work());
    });
    match receiver.recv_timeout(HANG) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it did not end within {HANG:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(worker.join().expect_err("it ended without a result"))
        }
    }
}

//! Compiled third-party components in the user's cache directory.
//!
//! Loading compiled code is running it, so a file of the cache is used only
//! when it is the user's own, nobody else can write it, and its first 32 bytes
//! are the sha256 of the rest. Anything else is a miss: the component is
//! compiled again and the file replaced.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use super::error::Refusal;
use crate::cache::is_private;
use crate::tree::Sha256;

const DIGEST_BYTES: usize = 32;

/// A directory of compiled components, by settings of the engine and digest.
#[derive(Debug, Clone)]
pub struct CompileCache {
    directory: PathBuf,
    kept: Kept,
}

/// What becomes of a component that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Used,
    Replaced,
}

impl CompileCache {
    /// A cache below the user's cache directory; made when first written to.
    pub fn new(user_cache: &Path) -> Self {
        Self {
            directory: user_cache.join("ztgit").join("components"),
            kept: Kept::Used,
        }
    }

    /// The same, where every component is compiled anew, for the others to find.
    pub fn replacing(self) -> Self {
        let kept = Kept::Replaced;
        Self { kept, ..self }
    }

    /// The compiled component, from the cache or from `compile`.
    pub(super) fn component(
        &self,
        engine: &Engine,
        digest: &Sha256,
        compile: impl FnOnce() -> Result<Vec<u8>, Refusal>,
    ) -> Result<Component, Refusal> {
        let path = self.path(engine, digest);
        if self.kept == Kept::Used
            && let Some(component) = load(engine, &path)
        {
            return Ok(component);
        }
        let compiled = compile()?;
        if let Err(error) = store(&path, &compiled) {
            tracing::debug!(path = %path.display(), %error, "the compiled component is not cached");
        }
        just_compiled(engine, &compiled)
    }

    fn path(&self, engine: &Engine, digest: &Sha256) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.directory
            .join(format!("{:016x}", hasher.finish()))
            .join(format!("{}.cwasm", digest.hex()))
    }
}

/// A component that this run has compiled.
pub(super) fn just_compiled(engine: &Engine, compiled: &[u8]) -> Result<Component, Refusal> {
    // SAFETY: wasmtime has just made these bytes, in this process or in a child
    // that runs the same program.
    #[allow(unsafe_code)]
    unsafe { Component::deserialize(engine, compiled) }
        .map_err(|error| Refusal::Invalid(format!("{error:#}")))
}

fn store(path: &Path, compiled: &[u8]) -> io::Result<()> {
    let directory = path
        .parent()
        .expect("a file of the cache lies in a directory");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let mut content = Sha256::of(compiled).as_bytes().to_vec();
    content.extend_from_slice(compiled);
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&temporary, content)?;
    fs::rename(&temporary, path)
}

fn load(engine: &Engine, path: &Path) -> Option<Component> {
    let content = fs::read(path).ok()?;
    let problem = if !is_private(path) || !path.parent().is_some_and(is_private) {
        "others can write it"
    } else if content.len() < DIGEST_BYTES
        || Sha256::of(&content[DIGEST_BYTES..]).as_bytes() != &content[..DIGEST_BYTES]
    {
        "it is not what was written"
    } else {
        // SAFETY: the file is the user's own, nobody else could write it, and
        // it is whole.
        #[allow(unsafe_code)]
        match unsafe { Component::deserialize(engine, &content[DIGEST_BYTES..]) } {
            Ok(component) => return Some(component),
            Err(_) => "another wasmtime made it",
        }
    };
    tracing::warn!(path = %path.display(), problem, "a cached component is not used");
    None
}

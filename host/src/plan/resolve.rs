//! Names in a stack to plugins that can be called.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ztgit_registry::SignatureError;

use super::grants::Granted;
use super::lock::{Lock, LockedArtifact, LockedFile, LockedPlugin};
use super::source::{Artifact, Source, SourceError, consent_to_wasi, settings_in_vain};
use super::unused_grants::{Unused, unused};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::name::PluginName;
use crate::plugin::{CompileCache, Plugin, PluginError, Runtime, WIT_VERSION, first_party};
use crate::registry::{FetchError, Registries};
use crate::stack::DeclaredPlugin;
use crate::tree::Sha256;

/// All plugins of a stack.
pub struct Plugins<'r> {
    plugins: BTreeMap<PluginName, (Plugin<'r>, Granted)>,
}

/// What a resolution gives.
pub struct Resolved<'r> {
    /// The plugins.
    pub plugins: Plugins<'r>,
    /// The lock with what was used for the first time added.
    pub lock: Lock,
    /// Names in the stack that mean nothing.
    pub diagnostics: Diagnostics,
}

/// Why a plugin cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The file cannot be read.
    #[error("cannot read the component of plugin `{plugin}` at {}", path.display())]
    Read {
        /// Its name in the stack.
        plugin: PluginName,
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is not the component that the lock pins.
    #[error("plugin `{plugin}` is {found}, but ztgit.lock pins {pinned}")]
    Digest {
        /// Its name in the stack.
        plugin: PluginName,
        /// Of the file.
        found: Sha256,
        /// Of the lock.
        pinned: Sha256,
    },
    /// Nobody has said yet which artifact it is.
    #[error("plugin `{plugin}` is {reference}, which ztgit.lock does not pin")]
    Unpinned {
        /// Its name in the stack.
        plugin: PluginName,
        /// What the stack names.
        reference: String,
    },
    /// The lock pins the artifact to another manifest than the stack names.
    #[error("plugin `{plugin}` is {reference}, but ztgit.lock pins {pinned}")]
    Manifest {
        /// Its name in the stack.
        plugin: PluginName,
        /// What the stack names.
        reference: String,
        /// What the lock pins.
        pinned: ztgit_registry::Digest,
    },
    /// The stack demands a signature, and the lock has no proof of it.
    #[error("plugin `{plugin}` is not verified")]
    Signature {
        /// Its name in the stack.
        plugin: PluginName,
        /// Why not.
        #[source]
        source: SignatureError,
    },
    /// The registry or the cache does not give it.
    #[error("cannot get plugin `{plugin}`")]
    Fetch {
        /// Its name in the stack.
        plugin: PluginName,
        /// Why not.
        #[source]
        source: Box<FetchError>,
    },
    /// It is refused, or failed when it was asked what it is.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// What a resolution works with besides the stack.
pub struct Means<'a, 'r> {
    /// Where plugins run.
    pub runtime: &'r Runtime,
    /// Compiled components.
    pub cache: Option<&'a CompileCache>,
    /// Where pinned artifacts are fetched from.
    pub registries: &'a Registries,
}

impl<'r> Plugins<'r> {
    /// Loads every plugin that a stack lists. Paths are relative to the
    /// stack's directory. From a registry nothing comes that the lock does not
    /// pin.
    pub fn resolve(
        declared: &BTreeMap<PluginName, DeclaredPlugin>,
        directory: &Path,
        mut lock: Lock,
        means: &Means<'_, 'r>,
    ) -> Result<Resolved<'r>, ResolveError> {
        let mut plugins = BTreeMap::new();
        let mut diagnostics = Diagnostics::default();
        let mut pinned = BTreeMap::new();
        for (name, declared) in declared {
            let bytes = match Source::of(&declared.spec) {
                Ok(None) => {
                    if let Some(loaded) = built_in(name, declared, means.runtime, &mut diagnostics)?
                    {
                        plugins.insert(name.clone(), loaded);
                    }
                    continue;
                }
                Ok(Some(Source::File(path))) => from_file(name, &directory.join(path))?,
                Ok(Some(Source::Artifact(artifact))) => {
                    let locked = pinned_artifact(name, &artifact, lock.plugins.get(name))?;
                    let fetched = means.registries.pinned(&locked.oci, &locked.manifest);
                    fetched.map_err(|source| ResolveError::Fetch {
                        plugin: name.clone(),
                        source: Box::new(source),
                    })?
                }
                Err(error) => {
                    diagnostics.push(no_source(name, declared, &error));
                    continue;
                }
            };
            let locked = pin(name, declared, &bytes, lock.plugins.remove(name))?;
            let wasi = consent_to_wasi(&declared.spec);
            let plugin =
                Plugin::third_party(means.runtime, name.clone(), &bytes, means.cache, wasi)?;
            for unused in unused(&declared.spec.grants, plugin.description()) {
                diagnostics.push(in_vain(name, declared, unused));
            }
            let granted = Granted::third_party(name, &declared.spec.grants);
            plugins.insert(name.clone(), (plugin, granted));
            pinned.insert(name.clone(), locked);
        }
        lock.plugins = pinned;
        Ok(Resolved {
            plugins: Self { plugins },
            lock,
            diagnostics,
        })
    }

    /// One plugin, which may do what it asks for: as its author sees it.
    pub fn alone(plugin: Plugin<'r>) -> Self {
        let granted = Granted::first_party(plugin.name(), &plugin.description().grants);
        Self {
            plugins: BTreeMap::from([(plugin.name().clone(), (plugin, granted))]),
        }
    }

    /// All plugins by name.
    pub fn iter(&self) -> impl Iterator<Item = &Plugin<'r>> {
        self.plugins.values().map(|(plugin, _)| plugin)
    }

    /// The plugin of that name.
    pub fn get(&self, name: &PluginName) -> Option<&Plugin<'r>> {
        self.plugins.get(name).map(|(plugin, _)| plugin)
    }

    /// What a plugin may.
    pub fn granted(&self, name: &PluginName) -> &Granted {
        &self.plugins[name].1
    }
}

fn built_in<'r>(
    name: &PluginName,
    declared: &DeclaredPlugin,
    runtime: &'r Runtime,
    diagnostics: &mut Diagnostics,
) -> Result<Option<(Plugin<'r>, Granted)>, PluginError> {
    let Some(embedded) = first_party()
        .iter()
        .find(|plugin| plugin.name == name.as_str())
    else {
        let mut diagnostic = Diagnostic::error(
            "unknown-plugin",
            format!("there is no built-in plugin `{name}`"),
        )
        .at(declared.span)
        .hint(format!(
            "any other plugin needs its source: `{name}: {{path: …}}`, or `{{oci: …}}`"
        ));
        let built_in = first_party().iter().map(|plugin| plugin.name);
        if let Some(hint) = did_you_mean(name.as_str(), built_in) {
            diagnostic = diagnostic.hint(hint);
        }
        diagnostics.push(diagnostic);
        return Ok(None);
    };
    for (setting, reason) in settings_in_vain(&declared.spec) {
        let message =
            format!("plugin `{name}` is built in, so `{setting}` means nothing: {reason}");
        diagnostics.push(
            Diagnostic::error("plugin-source", message)
                .at(declared.place(setting))
                .hint(format!("leave `{setting}` out"))
                .hint("a plugin of your own has a `path` or `oci` too, and best another name"),
        );
    }
    let plugin = Plugin::first_party(runtime, name.clone(), embedded)?;
    let granted = Granted::first_party(name, &plugin.description().grants);
    Ok(Some((plugin, granted)))
}

fn no_source(name: &PluginName, declared: &DeclaredPlugin, error: &SourceError) -> Diagnostic {
    Diagnostic::error("plugin-source", format!("plugin `{name}`: {error}"))
        .at(declared.place(error.setting()))
        .hint("a plugin has `path: FILE`, or `oci: HOST/REPOSITORY:TAG`, or is built in")
}

fn in_vain(name: &PluginName, declared: &DeclaredPlugin, unused: Unused) -> Diagnostic {
    let message = format!("a grant of plugin `{name}`: {}", unused.problem);
    let diagnostic = Diagnostic::warning("unused-grant", message)
        .at(declared.place("grants"))
        .hint(format!(
            "`ztgit plugin inspect {name}` shows what it asks for"
        ));
    match unused.hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

fn from_file(name: &PluginName, file: &Path) -> Result<Vec<u8>, ResolveError> {
    read_component(file).map_err(|source| ResolveError::Read {
        plugin: name.clone(),
        path: file.to_owned(),
        source,
    })
}

/// The bytes of a component's file. Opening a named pipe would wait for a writer.
pub fn read_component(file: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    fs::read(file)
}

/// What the lock says that an artifact is, after everything that can be judged
/// without it.
fn pinned_artifact<'l>(
    name: &PluginName,
    artifact: &Artifact,
    locked: Option<&'l LockedPlugin>,
) -> Result<&'l LockedArtifact, ResolveError> {
    let reference = &artifact.reference;
    let locked = match locked {
        Some(LockedPlugin::Artifact(locked)) if locked.oci == *reference => locked,
        _ => {
            return Err(ResolveError::Unpinned {
                plugin: name.clone(),
                reference: reference.to_string(),
            });
        }
    };
    if reference
        .digest()
        .is_some_and(|digest| *digest != locked.manifest)
    {
        return Err(ResolveError::Manifest {
            plugin: name.clone(),
            reference: reference.to_string(),
            pinned: locked.manifest,
        });
    }
    if let Some(key) = &artifact.key {
        let unsigned = || SignatureError::Unsigned(reference.to_string());
        locked
            .signature
            .as_ref()
            .ok_or_else(unsigned)
            .and_then(|proof| proof.verify(reference, &locked.manifest, key))
            .map_err(|source| ResolveError::Signature {
                plugin: name.clone(),
                source,
            })?;
    }
    Ok(locked)
}

/// The entry of the lock for these bytes: the one that is there, which must fit,
/// or for a file a new one.
fn pin(
    name: &PluginName,
    declared: &DeclaredPlugin,
    bytes: &[u8],
    locked: Option<LockedPlugin>,
) -> Result<LockedPlugin, ResolveError> {
    let digest = Sha256::of(bytes);
    if let Some(locked) = &locked
        && locked.digest() != digest
    {
        return Err(ResolveError::Digest {
            plugin: name.clone(),
            found: digest,
            pinned: locked.digest(),
        });
    }
    Ok(match (&declared.spec.path, locked) {
        (None, Some(locked)) => locked,
        (path, _) => LockedPlugin::File(LockedFile {
            path: path.clone().unwrap_or_default(),
            digest,
            wit: WIT_VERSION.to_owned(),
        }),
    })
}

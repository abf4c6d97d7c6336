//! Names in a stack to plugins that can be called.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::grants::Granted;
use super::lock::{Lock, LockedPlugin};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::name::PluginName;
use crate::plugin::{CompileCache, Plugin, PluginError, Runtime, WIT_VERSION, Wasi, first_party};
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
    /// It is refused, or failed when it was asked what it is.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

impl<'r> Plugins<'r> {
    /// Loads every plugin that a stack lists. Paths are relative to the
    /// stack's directory.
    pub fn resolve(
        declared: &BTreeMap<PluginName, DeclaredPlugin>,
        directory: &Path,
        mut lock: Lock,
        runtime: &'r Runtime,
        cache: Option<&CompileCache>,
    ) -> Result<Resolved<'r>, ResolveError> {
        let mut plugins = BTreeMap::new();
        let mut diagnostics = Diagnostics::default();
        for (name, declared) in declared {
            let loaded = match &declared.spec.path {
                Some(path) => Some(third_party(
                    name, declared, path, directory, &mut lock, runtime, cache,
                )?),
                None => built_in(name, declared, runtime, &mut diagnostics)?,
            };
            if let Some(loaded) = loaded {
                plugins.insert(name.clone(), loaded);
            }
        }
        lock.plugins.retain(|name, _| {
            declared
                .get(name)
                .is_some_and(|declared| declared.spec.path.is_some())
        });
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
            "a plugin of your own needs its component's file: `{name}: {{path: …}}`"
        ));
        let built_in = first_party().iter().map(|plugin| plugin.name);
        if let Some(hint) = did_you_mean(name.as_str(), built_in) {
            diagnostic = diagnostic.hint(hint);
        }
        diagnostics.push(diagnostic);
        return Ok(None);
    };
    let plugin = Plugin::first_party(runtime, name.clone(), embedded)?;
    let granted = Granted::first_party(name, &plugin.description().grants);
    Ok(Some((plugin, granted)))
}

fn third_party<'r>(
    name: &PluginName,
    declared: &DeclaredPlugin,
    path: &str,
    directory: &Path,
    lock: &mut Lock,
    runtime: &'r Runtime,
    cache: Option<&CompileCache>,
) -> Result<(Plugin<'r>, Granted), ResolveError> {
    let file = directory.join(path);
    let bytes = fs::read(&file).map_err(|source| ResolveError::Read {
        plugin: name.clone(),
        path: file,
        source,
    })?;
    let digest = Sha256::of(&bytes);
    if let Some(locked) = lock.plugins.get(name)
        && locked.digest != digest
    {
        return Err(ResolveError::Digest {
            plugin: name.clone(),
            found: digest,
            pinned: locked.digest,
        });
    }
    let wasi = if declared.spec.wasi {
        Wasi::Frozen
    } else {
        Wasi::Refused
    };
    let plugin = Plugin::third_party(runtime, name.clone(), &bytes, cache, wasi)?;
    lock.plugins.insert(
        name.clone(),
        LockedPlugin {
            path: path.to_owned(),
            digest,
            wit: WIT_VERSION.to_owned(),
        },
    );
    Ok((plugin, Granted::third_party(name, &declared.spec.grants)))
}

//! A component that is no stack's yet, as its author has it before him.

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::Plugins;
use crate::plugin::{CompileCache, Plugin, PluginError, Runtime, Wasi};
use crate::trial::{self, Case, CaseError, TrialError};

/// Where a project's build puts its component.
pub(super) const COMPONENT: &str = "plugin.wasm";
/// Where a project has its cases.
pub(super) const CASES: &str = "cases";

pub(super) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    fs::read(path).map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        CommandError::new(Exit::Usage, message).hint("name the file of a component")
    })
}

/// Loads a component under the name that it gives itself, compiled anew where
/// there is no cache.
pub(super) fn load<'r>(
    runtime: &'r Runtime,
    bytes: &[u8],
    cache: Option<&CompileCache>,
) -> Result<Plugin<'r>, PluginError> {
    let unnamed = PluginName::new("plugin").expect("it is a DNS label");
    // Whether it gets WASI in a render is the stack's to say; here it can do no
    // harm with it.
    let plugin = Plugin::third_party(runtime, unnamed, bytes, cache, Wasi::Frozen)?;
    let name = PluginName::new(&plugin.description().name);
    Ok(match name {
        Some(name) => plugin.named(name),
        None => plugin,
    })
}

/// The plugin of a component, ready to be put cases to.
pub(super) fn on_trial<'r>(
    context: &Context,
    runtime: &'r Runtime,
    bytes: &[u8],
) -> Result<Plugins<'r>, CommandError> {
    let cache = context.compile_cache();
    Ok(Plugins::alone(load(runtime, bytes, cache.as_ref())?))
}

/// The cases of a project; none where it has no directory for them.
pub(super) fn cases(directory: &Path) -> Result<Vec<Case>, CommandError> {
    if directory.is_dir() {
        Ok(trial::find(directory)?)
    } else {
        Ok(Vec::new())
    }
}

/// The cases beside a component.
pub(super) fn beside(component: &Path) -> PathBuf {
    component
        .parent()
        .unwrap_or_else(|| Path::new(""))
        .join(CASES)
}

impl From<CaseError> for CommandError {
    fn from(error: CaseError) -> Self {
        let exit = match &error {
            CaseError::Read { .. } => Exit::Incomplete,
            CaseError::Invalid { .. } => Exit::Usage,
        };
        Self::of(exit, &error)
    }
}

impl From<TrialError> for CommandError {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Case(error) => error.into(),
            TrialError::Plan(error) => error.into(),
            TrialError::Render(error) => error.into(),
            TrialError::Plugin(error) => error.into(),
        }
    }
}

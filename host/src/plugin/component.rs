//! From bytes to a plugin that can be called.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;
use ztgit_plugin::Description;

use super::bindings::RendererPre;
use super::cache::{CompileCache, just_compiled};
use super::call::State;
use super::difference::difference;
use super::error::{PluginError, Refusal};
use super::first_party::{FirstParty, first_party};
use super::runtime::{Runtime, Sandbox};
use super::usage::{Meter, Usage};
use super::wasi::{self, Wasi};
use super::{WIT_PACKAGE, WIT_VERSION};
use crate::name::PluginName;
use crate::tree::Sha256;

/// A plugin, checked against the world and described.
pub struct Plugin<'r> {
    pub(super) runtime: &'r Runtime,
    name: PluginName,
    digest: Sha256,
    /// Bytes of the component; a built-in one is here as machine code only.
    size: Option<usize>,
    origin: Origin,
    /// Compiled code of this binary, which is loaded when it is first called: what
    /// the cache answers needs none of it.
    embedded: Option<FirstParty>,
    loaded: OnceLock<RendererPre<State>>,
    description: Description,
    wasi_imports: BTreeSet<String>,
    pub(super) meter: Meter,
}

/// Where a plugin is from. First-party plugins have the grants that they ask
/// for; third-party ones those of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In this binary.
    FirstParty,
    /// From a file or a registry.
    ThirdParty,
}

impl<'r> Plugin<'r> {
    /// A plugin of this binary.
    pub fn first_party(
        runtime: &'r Runtime,
        name: PluginName,
        embedded: &FirstParty,
    ) -> Result<Self, PluginError> {
        Self {
            runtime,
            name,
            digest: embedded.digest(),
            size: None,
            origin: Origin::FirstParty,
            embedded: Some(*embedded),
            loaded: OnceLock::new(),
            description: Description::new("", "", ""),
            wasi_imports: BTreeSet::new(),
            meter: Meter::default(),
        }
        .described()
    }

    /// A plugin from the bytes of a component, compiled anew where the cache
    /// does not have it.
    pub fn third_party(
        runtime: &'r Runtime,
        name: PluginName,
        bytes: &[u8],
        cache: Option<&CompileCache>,
        wasi: Wasi,
    ) -> Result<Self, PluginError> {
        let digest = Sha256::of(bytes);
        let component = check_header(bytes)
            .and_then(|()| {
                let engine = &runtime.sandbox(Origin::ThirdParty).engine;
                let compile = || runtime.compiler.compile(engine, bytes);
                match cache {
                    Some(cache) => cache.component(engine, &digest, compile),
                    None => just_compiled(engine, &compile()?),
                }
            })
            .map_err(|reason| refused(&name, &digest, reason))?;
        let (code, wasi_imports) = prepare(runtime, &component, Origin::ThirdParty, wasi)
            .map_err(|reason| refused(&name, &digest, reason))?;
        Self {
            loaded: OnceLock::from(code),
            wasi_imports,
            meter: Meter::default(),
            runtime,
            name,
            digest,
            size: Some(bytes.len()),
            origin: Origin::ThirdParty,
            embedded: None,
            description: Description::new("", "", ""),
        }
        .described()
    }

    fn described(mut self) -> Result<Self, PluginError> {
        self.description = self.describe()?;
        Ok(self)
    }

    /// The code, ready to be called.
    pub(super) fn code(&self) -> Result<&RendererPre<State>, PluginError> {
        if let (None, Some(embedded)) = (self.loaded.get(), self.embedded) {
            let (code, _) = embedded
                .component(&self.sandbox().engine)
                .map_err(|error| Refusal::Invalid(format!("{error:#}")))
                .and_then(|component| prepare(self.runtime, &component, self.origin, Wasi::Refused))
                .map_err(|reason| refused(&self.name, &self.digest, reason))?;
            // Another thread may have been faster; the code is the same.
            let _ = self.loaded.set(code);
        }
        Ok(self.loaded.get().expect("code is embedded, loaded or both"))
    }

    /// The same under another name.
    pub fn named(mut self, name: PluginName) -> Self {
        self.name = name;
        self
    }

    /// Its name in the stack.
    pub fn name(&self) -> &PluginName {
        &self.name
    }

    /// sha256 of the component.
    pub fn digest(&self) -> &Sha256 {
        &self.digest
    }

    /// Bytes of the component, where it is not built in.
    pub fn size(&self) -> Option<usize> {
        self.size
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        self.runtime.sandbox(self.origin)
    }

    /// Where it is from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The interfaces of WASI that it imports, such as `clocks/wall-clock`.
    pub fn wasi_imports(&self) -> &BTreeSet<String> {
        &self.wasi_imports
    }

    /// What it says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The names of what it imports, as the component has them.
    pub fn imports(&self) -> Result<Vec<String>, PluginError> {
        let component = self.code()?.instance_pre().component();
        let world = component.component_type();
        Ok(world
            .imports(component.engine())
            .map(|(name, _)| super::error::escaped(name))
            .collect())
    }

    /// The most that a call of it used so far.
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }
}

/// Checks a component against the world; comes back with what it imports of
/// WASI, too.
fn prepare(
    runtime: &Runtime,
    component: &Component,
    origin: Origin,
    wasi: Wasi,
) -> Result<(RendererPre<State>, BTreeSet<String>), Refusal> {
    let wasi_imports = check_world(component, wasi)?;
    let mut linker = runtime.sandbox(origin).linker.clone();
    let code = wasi::define(&mut linker, component)
        .and_then(|()| linker.instantiate_pre(component))
        .and_then(RendererPre::new)
        .map_err(|error| other_types(runtime, component, &error))?;
    Ok((code, wasi_imports))
}

pub(super) fn refused(name: &PluginName, digest: &Sha256, reason: Refusal) -> PluginError {
    PluginError::Refused {
        plugin: name.clone(),
        digest: *digest,
        reason,
    }
}

/// The first eight bytes tell a component from a module.
fn check_header(bytes: &[u8]) -> Result<(), Refusal> {
    match bytes.get(..8) {
        Some([0, b'a', b's', b'm', _, _, 1, 0]) => Ok(()),
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => Err(Refusal::CoreModule),
        _ => Err(Refusal::NotWebAssembly),
    }
}

/// The names of the interfaces that a plugin may import and has to export.
pub fn interfaces() -> ([String; 1], [String; 1]) {
    let interface = |name| format!("{WIT_PACKAGE}/{name}@{WIT_VERSION}");
    ([interface("log")], [interface("plugin")])
}

/// Imports and exports by name, before anything is instantiated; comes back
/// with what it imports of WASI.
fn check_world(component: &Component, wasi: Wasi) -> Result<BTreeSet<String>, Refusal> {
    let world = component.component_type();
    let ([log], [exported]) = interfaces();
    let imports = world.imports(component.engine()).map(|(name, _)| name);
    let wasi_imports = check_imports(imports, &log, wasi)?;
    let mut other_version = None;
    for (name, item) in world.exports(component.engine()) {
        if name == exported && matches!(item.ty, ComponentItem::ComponentInstance(_)) {
            return Ok(wasi_imports);
        }
        if let Some(version) = name.strip_prefix("ztgit:plugin/plugin@") {
            other_version = Some(version.to_owned());
        }
    }
    Err(other_version.map_or(Refusal::NoPlugin, |found| Refusal::Version { found }))
}

fn check_imports<'a>(
    imports: impl Iterator<Item = &'a str>,
    log: &str,
    wasi: Wasi,
) -> Result<BTreeSet<String>, Refusal> {
    let interfaces = imports
        .filter(|import| *import != log)
        .map(|import| wasi::interface(import).ok_or_else(|| foreign(import)))
        .map(|interface| interface.map(str::to_owned))
        .collect::<Result<BTreeSet<_>, _>>()?;
    if wasi == Wasi::Refused && !interfaces.is_empty() {
        return Err(Refusal::Wasi { interfaces });
    }
    Ok(interfaces)
}

/// The name is right and a type is not: which, in the words of the WIT. Every
/// first-party plugin exports the interface as it should be.
pub(super) fn other_types(
    runtime: &Runtime,
    component: &Component,
    error: &wasmtime::Error,
) -> Refusal {
    let interface = format!("{WIT_PACKAGE}/plugin@{WIT_VERSION}");
    let detail = first_party()
        .first()
        .and_then(|embedded| {
            let engine = &runtime.sandbox(Origin::FirstParty).engine;
            embedded.component(engine).ok()
        })
        .and_then(|wanted| difference(component, &wanted, &interface));
    Refusal::Types {
        detail: detail.unwrap_or_else(|| super::error::escaped(&error.root_cause().to_string())),
    }
}

fn foreign(import: &str) -> Refusal {
    match import.strip_prefix("ztgit:plugin/log@") {
        Some(version) => Refusal::Version {
            found: version.to_owned(),
        },
        None => Refusal::ForeignImport(super::error::escaped(import)),
    }
}

//! The plugins that are in this binary, already compiled.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::tree::Sha256;

/// A first-party plugin as the build script left it.
#[derive(Debug, Clone, Copy)]
pub struct FirstParty {
    /// Its name in a stack.
    pub name: &'static str,
    /// sha256 of the component that it was compiled from.
    digest: [u8; 32],
    compiled: &'static [u8],
}

impl FirstParty {
    /// sha256 of the component that it was compiled from.
    pub fn digest(&self) -> Sha256 {
        Sha256::from_bytes(self.digest)
    }

    pub(super) fn component(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the bytes are what this binary's build script got from the
        // same version of wasmtime under the same settings; where memory is from
        // is none that code depends on.
        #[allow(unsafe_code)]
        unsafe {
            Component::deserialize(engine, self.compiled)
        }
    }
}

/// All of them, by name.
pub fn first_party() -> &'static [FirstParty] {
    const ALL: &[FirstParty] = include!(concat!(env!("OUT_DIR"), "/first_party.rs"));
    ALL
}

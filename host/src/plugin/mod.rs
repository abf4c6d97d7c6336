//! Hosting plugins: the only user of wasmtime.
//!
//! A component's bytes come in, a [`Plugin`] comes out that can be asked for
//! its description, its facts and its artifacts, in the types of the SDK.
//! Each call runs in a fresh store under the [`Limits`]; a plugin that exceeds
//! one fails with an error that names plugin, digest and limit, and nothing of
//! the host is harmed.

mod answers;
mod backtrace;
mod bindings;
mod cache;
mod call;
mod canonical;
mod compile;
mod component;
mod convert;
mod difference;
mod engine_config;
mod error;
mod first_party;
mod json;
mod limits;
mod pool;
mod runtime;
mod usage;
mod wasi;

pub use cache::CompileCache;
pub use canonical::CanonicalJson;
pub use compile::CompileLimits;
pub(crate) use compile::{COMMAND as COMPILE_COMMAND, REFUSED, compile_bounded};
pub use component::{Origin, Plugin, interfaces};
pub use error::{Failure, PluginError, Refusal};
pub(crate) use error::{escaped, one_line};
pub use first_party::{FirstParty, first_party};
pub use limits::Limits;
pub use runtime::Runtime;
pub use usage::Usage;
pub use wasi::Wasi;

/// The package of `wit/plugin.wit`, without its version.
pub(crate) const WIT_PACKAGE: &str = "ztgit:plugin";
/// The version of the WIT that this host speaks.
pub const WIT_VERSION: &str = "0.1.0";

#[cfg(test)]
mod tests {
    use crate::tree::Sha256;

    /// A guest that is built against a published interface must keep running,
    /// so its text does not change any more: what has to change becomes a new
    /// version of the package.
    #[test]
    fn the_interface_is_the_one_that_guests_were_built_against() {
        let text = include_bytes!("../../../wit/plugin.wit");
        assert_eq!(
            Sha256::of(text).to_string(),
            "sha256:9a0953f687bad3752bfd3ba512960dc4a5938baf05185b36ef5db59df738eb60"
        );
    }
}

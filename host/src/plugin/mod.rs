//! Hosting plugins: the only user of wasmtime.
//!
//! A component's bytes come in, a [`Plugin`] comes out that can be asked for
//! its description, its facts and its artifacts, in the types of the SDK.
//! Each call runs in a fresh store under the [`Limits`]; a plugin that exceeds
//! one fails with an error that names plugin, digest and limit, and nothing of
//! the host is harmed.

mod bindings;
mod cache;
mod canonical;
mod call;
mod component;
mod convert;
mod engine_config;
mod error;
mod first_party;
mod limits;
mod runtime;

pub use cache::CompileCache;
pub use canonical::CanonicalJson;
pub use component::{Origin, Plugin};
pub use error::{Failure, PluginError, Refusal};
pub use first_party::{FirstParty, first_party};
pub use limits::Limits;
pub use runtime::Runtime;

/// The package of `wit/plugin.wit`, without its version.
pub(crate) const WIT_PACKAGE: &str = "ztgit:plugin";
/// The version of the WIT that this host speaks.
pub const WIT_VERSION: &str = "0.1.0";

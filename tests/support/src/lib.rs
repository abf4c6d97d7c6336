//! What the tests of several crates need.
//!
//! - [`require_tool`], [`require`] and [`Sandbox`]: rendered files in the hands of the
//!   programs that they are for, where these are installed.
//! - `alerts`: Prometheus' own tool on alerting rules.
//! - `registry`: Debian's registry on a port of its own.
//! - `guests`: WebAssembly guests built from source, hostile ones among them.

#[cfg(feature = "alerts")]
pub mod alerts;
mod directory;
#[cfg(feature = "guests")]
pub mod guests;
#[cfg(feature = "registry")]
mod registry;
mod sandbox;
mod tools;

pub use directory::scratch;
#[cfg(feature = "guests")]
pub use guests::guest;
#[cfg(feature = "registry")]
pub use registry::{Guard, RegistryServer, signing_keys};
pub use sandbox::Sandbox;
pub use tools::{require, require_tool, said};

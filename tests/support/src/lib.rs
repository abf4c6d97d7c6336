//! What the tests of several crates need.
//!
//! - [`require_tool`], [`require`] and [`Sandbox`]: rendered files in the hands of the
//!   programs that they are for, where these are installed.
//! - `alerts`: Prometheus' own tool on alerting rules.
//! - [`go`]: programs and modules of Go's.
//! - [`costs`]: tables of what hostile cases cost.
//! - [`pages`]: the blocks of the documentation, to be run and compared.
//! - [`terminal`]: where their commands are typed.
//! - `registry`: Debian's registry on a port of its own; cosign.
//! - `guests`: WebAssembly guests built from source, hostile ones among them.

#[cfg(feature = "alerts")]
pub mod alerts;
#[cfg(feature = "registry")]
mod cosign;
pub mod costs;
mod directory;
pub mod go;
#[cfg(feature = "guests")]
pub mod guests;
pub mod pages;
#[cfg(feature = "registry")]
mod registry;
mod sandbox;
pub mod terminal;
mod tools;

#[cfg(feature = "registry")]
pub use cosign::cosign;
pub use directory::scratch;
#[cfg(feature = "guests")]
pub use guests::guest;
#[cfg(feature = "registry")]
pub use registry::{Guard, RegistryServer, signing_keys};
pub use sandbox::Sandbox;
pub use tools::{require, require_tool, said};

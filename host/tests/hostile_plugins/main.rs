//! Plugins that mean harm, built from the sources under `tests/components/`.
//!
//! Each ends within its limits, with an error that names the plugin, its digest
//! and the limit; none of them gets past its grants; and whatever a component
//! is made of, the host does not panic.

mod answers;
mod compiling;
mod components;
mod costs;
mod determinism;
mod facts_beyond_grants;
mod host_files;
mod limits;
mod mutations;
mod objects;
mod on_disk;
mod published;
mod refusals;
mod stage;
mod wasi;

//! How Flux is told what to apply, and in which order: one unit for each phase
//! and plugin, a directory with an explicit `kustomization.yaml`, and a Flux
//! Kustomization that points at it.

mod bootstrap;
mod kustomization;
mod phases;

pub use bootstrap::bootstrap;
pub use kustomization::{
    ObjectReference, Unit, UnitName, directory_kustomization, flux_kustomization,
};
pub(crate) use phases::is_after;
pub use phases::{deletes_with_unit, dependencies, prunes};

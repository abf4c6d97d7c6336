//! What a Kubernetes cluster has, against what git says it should have.
//!
//! Enters: clusters and how each is reached, and a way to read what a commit of
//! the fleet repository holds for one. Leaves: a [`report::FleetReport`].
//! Invariant: nothing is written to a cluster.
//!
//! A cluster is judged as Flux judges it: first Flux itself (`flux`), then every
//! object at the revision that Flux applied (`compare`), then what is there
//! beside these (`sweep`). What could not be judged is `unknown`, never clean.

mod access;
mod cluster;
mod compare;
mod connection;
mod desired;
pub mod exporter;
mod fields;
mod fleet;
mod flux;
mod object;
mod obstacle;
pub mod report;
mod revision;
mod sweep;

pub use access::Access;
pub use desired::{Desired, DesiredError, DesiredObject, ReadDesired, UnitName};
pub use fleet::{Mode, Options, Target, Verification, drift, runtime};
pub use revision::Revision;
pub use tokio::runtime::Runtime;

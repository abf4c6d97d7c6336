//! What ztgit renders, in the hands of Flux: the real source- and
//! kustomize-controller, a real API server and etcd, on the loopback interface.
//!
//! - [`Stack`]: what is rendered.
//! - [`Cluster`]: a control plane without nodes, from an empty state.
//! - [`FleetServer`]: the fleet repository, where Flux fetches it.
//! - [`User`]: a stack, a clone of the fleet repository, `ztgit` and `git`.
//! - [`Flux`]: what a bootstrap creates, and what Flux says of each unit.
//! - [`StandIns`]: the controllers that there are not, as far as Flux waits for
//!   them; each can be held back.
//! - [`drift`]: what the engine of `ztgit drift cluster` says.
//! - [`World`]: all of these for one stack and one of its clusters.
//!
//! The programs come from `tests/flux/build`; `tests/flux/run` does everything.

pub mod api;
mod cluster;
mod drift;
mod fleet_server;
mod flux;
mod installation;
mod k3s;
mod rendered;
mod signing_key;
mod stack;
mod stand_ins;
mod state;
mod user;
mod wait;
mod world;

pub use api::{Api, ApiError, Apply, ObjectId};
pub use cluster::{Action, Cluster, FLUX, History, Write, say};
pub use drift::{Mode, drift};
pub use fleet_server::FleetServer;
pub use flux::{Condition, Flux, Unit, Verification};
pub use installation::Installation;
pub use rendered::{RenderedObject, Tree};
pub use signing_key::SigningKey;
pub use stack::Stack;
pub use stand_ins::{Duty, StandIns};
pub use user::{Run, Slice, User};
pub use wait::{Stopwatch, ensure, stays, wait_for};
pub use world::{Published, Pushed, World};

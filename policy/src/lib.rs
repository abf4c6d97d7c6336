//! What network policies of Cilium and Kubernetes mean.
//!
//! - [`model`]: an object of the three policy kinds enters, a [`Policy`] leaves: one
//!   shape of rules for all three, every part with its place in the object.
//! - [`mod@validate`]: a policy and an [`Agent`] enter, violations leave: what the API
//!   server takes and the agent then refuses, drops or ignores.
//! - [`reach`]: a world of endpoints and a set of policies enter, verdicts with their
//!   reasons leave: the reference interpreter.
//! - [`pattern`]: the patterns that rules have for requests and names.
//!
//! Nothing here reads files, clock or network; equal input gives equal output.

pub mod model;
pub mod pattern;
pub mod reach;
pub mod validate;

pub use model::{Pointer, Policy, PolicyKind};
pub use validate::{Agent, CiliumVersion, Consequence, Violation, ViolationKind, validate};

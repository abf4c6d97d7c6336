//! Who reaches whom: the reference interpreter.
//!
//! In: a [`World`] of endpoints and a set of policies. Out: for a [`Question`] a
//! [`Verdict`] with its reasons, which name the rules that decided on either side.
//!
//! What it knows is written down here, once, and checked against Cilium's own engine
//! by a slow test. For the subject of a connection's either end, in its direction:
//!
//! - Without any rule everything passes.
//! - A rule that denies decides, whatever allows.
//! - Otherwise a rule that allows lets pass.
//! - Otherwise the default deny decides, if any rule isolates; without one everything
//!   passes (`enableDefaultDeny: false`).
//! - The node's own host reaches its pods through any default deny, but not through a
//!   rule that denies it (`allow-localhost`, which Kubernetes' probes need).
//!
//! Peers: a selector matches labels. Ranges match addresses outside the cluster only,
//! never pods and nodes. Names match what has been learned, which is what the endpoint
//! lists. Services and groups match nobody, because nothing here knows them. (An agent
//! that does not find the service of a rule with ports opens these ports to everybody:
//! `processRule` in `pkg/policy/k8s/service.go` then leaves no peers behind.)
//!
//! Requests: where rules about requests allow a connection, a proxy judges them.
//!
//! - HTTP and TLS names: any rule that covers the connection may let the request pass,
//!   so one without such rules lets all pass, also one for other ports besides
//!   (`pkg/envoy/model.go`, and `PortNetworkPolicyRules` in cilium/proxy). Rules for
//!   equal peers and ports are one rule, though: if one demands TLS names, all do.
//! - DNS names: the same, but among the rules for exactly that port and protocol only
//!   (`pkg/fqdn/dnsproxy`).
//! - HTTP comes before TLS comes before DNS, and a proxy refuses what it cannot read.
//! - As long as nothing isolates, every request passes that its proxy can read: the
//!   connection still goes through the proxy. The same holds for the own host.
//!
//! A set of rules that cannot be merged for a subject is a conflict in both directions:
//! its agent keeps whatever was in force before. A policy that the agent refuses has no
//! effect.

mod clause;
mod conflict;
mod endpoint;
mod judge;
mod peers;
mod question;
mod requests;
mod side;
mod subject;
mod verdict;

pub use conflict::{Conflict, ConflictKind};
pub use endpoint::{Endpoint, HostFirewall, Role, World};
pub use judge::{Judge, Refused};
pub use question::{HttpRequest, Question, Request};
pub use verdict::{Decision, Reason, RuleReference, Side, Verdict};

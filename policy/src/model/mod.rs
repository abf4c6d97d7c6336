//! Typed reading of policies.
//!
//! In: the JSON of a `CiliumNetworkPolicy`, a `CiliumClusterwideNetworkPolicy` or a
//! `NetworkPolicy`. Out: [`Policy`], whose rules have one shape for all three kinds.
//!
//! Reading never fails: what has the wrong type or an unknown name is a [`Problem`]
//! with its place, and everything else is still read, because a lint wants to speak
//! about a policy that an API server would refuse. Values are kept as they are
//! written; what they mean is told by methods. Shapes and names follow Cilium's
//! `pkg/policy/api` and Kubernetes' `networking.k8s.io/v1`.

mod cilium;
mod kubernetes;
mod l7;
mod labels;
mod matcher;
mod peer;
mod pointer;
mod policy;
mod port;
mod reading;
mod rule;
mod selector;
mod selects;

pub use l7::{DnsRule, HeaderMatch, HttpRule, L7Rules, RemovedParser};
pub use labels::{LabelKey, LabelSet, Source, well_known};
pub use matcher::{Matcher, Requirement};
pub use peer::{CidrRule, Entity, Peer, PeerKind, PeerList, PeerSelector, Scope};
pub use pointer::Pointer;
pub use policy::{Policy, PolicyKind};
pub use port::{IcmpField, Port, PortMatch, PortRule, Protocol};
pub use reading::{Problem, ProblemKind};
pub use rule::{Action, Authentication, DefaultDeny, Direction, Entry, Rule, Subject};
pub use selector::{Expression, Selector};
pub use selects::{peer_matchers, subject_matcher};

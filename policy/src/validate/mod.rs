//! What is wrong with a policy, beyond what a schema can say.
//!
//! In: a [`Policy`] and the [`Agent`] that will read it. Out: every [`Violation`], by
//! place. The API server takes most of these; the agent then refuses
//! the policy as a whole, while `kubectl` and Flux report success, or it reads it as
//! something else. The facts are those of Cilium's `pkg/policy/api/rule_validation.go`
//! and of `Parse` in `pkg/k8s/apis/cilium.io/v2`, at 1.20.2.

mod agent;
mod cidr;
mod entry;
mod kubernetes;
mod l7;
mod ports;
mod problems;
mod rule;
mod selector;
mod violation;

pub use agent::{Agent, CiliumVersion, Feature};
pub use violation::{Consequence, Violation, ViolationKind};

use crate::model::{Policy, PolicyKind};
use violation::Violations;

/// Everything that is wrong with a policy.
pub fn validate(policy: &Policy, agent: &Agent) -> Vec<Violation> {
    let mut violations = Violations::default();
    problems::check(policy, &mut violations);
    if policy.name.is_empty() {
        violations
            .refused(
                &crate::Pointer::root().key("metadata"),
                "a policy without a name",
            )
            .hint("give it `metadata.name`");
    }
    match policy.kind {
        PolicyKind::NetworkPolicy => kubernetes::check(policy, &mut violations),
        _ => rule::check(policy, agent, &mut violations),
    }
    violations.sorted()
}

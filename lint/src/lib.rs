//! Lint rules over one cluster and everything that was rendered for it.
//!
//! Enters: a [`Subject`]: the cluster, the plugins' config and facts, every
//! object (a plugin's or hand-written) and every host file. Leaves: findings,
//! each with a stable code, what it is about, its place and what to do. A rule
//! looks at what is there and never at who made it, so what a stranger's plugin
//! emits is judged like our own. Nothing here reads files or prints.

mod agent;
mod elsewhere;
mod exceptions;
mod finding;
mod gateway;
mod governed;
mod host;
mod inventory;
mod isolation;
mod json;
mod matchers;
mod meet;
mod neighbourhood;
mod posture;
mod rule;
mod rules;
mod shadow;
mod shared;
mod spot;
mod subject;
#[cfg(test)]
mod testing;
mod violations;

pub use finding::{Finding, Place};
pub use posture::{Group, Item, State, posture};
pub use rule::Rule;
pub use subject::{HostFile, Object, ObjectIndex, Origin, Subject};
pub use ztgit_plugin::Severity;

/// Every rule, sorted by code.
pub fn rules() -> &'static [Rule] {
    rules::ALL
}

/// Everything that the rules find, sorted by code.
pub fn lint(subject: &Subject<'_>) -> Vec<Finding> {
    rules()
        .iter()
        .flat_map(|rule| rule.findings(subject))
        .collect()
}

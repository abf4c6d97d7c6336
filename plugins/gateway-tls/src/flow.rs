//! Flows as facts: what the CNI plugin turns into policy.

use ztgit_plugin::cluster::Flow;
use ztgit_plugin::fact::FlowFact;

/// A flow under the name that its policies get.
pub(crate) fn named(name: impl Into<String>, flow: Flow) -> FlowFact {
    FlowFact {
        name: name.into(),
        flow,
    }
}

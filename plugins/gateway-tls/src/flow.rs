//! Flows as facts: what the CNI plugin turns into policy.

use ztgit_plugin::cluster::{Action, Flow, FlowPort, Peer};
use ztgit_plugin::fact::FlowFact;

/// A connection that has to work; no ports for all of them.
pub(crate) fn allow(from: Peer, to: Peer, ports: impl IntoIterator<Item = FlowPort>) -> Flow {
    Flow {
        from,
        to,
        ports: ports.into_iter().collect(),
        http: Vec::new(),
        server_names: Vec::new(),
        action: Action::Allow,
    }
}

/// A flow under the name that its policies get.
pub(crate) fn named(name: impl Into<String>, flow: Flow) -> FlowFact {
    FlowFact {
        name: name.into(),
        flow,
    }
}

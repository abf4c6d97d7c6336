//! The agent that reads a cluster's policies.

use serde_json::Value;
use ztgit_policy::validate::Feature;
use ztgit_policy::{Agent, CiliumVersion};

use crate::subject::Subject;

/// What rules take a version for that cannot be read.
const NEWEST: CiliumVersion = CiliumVersion::new(1, 20);

/// The version of Cilium.
pub(crate) fn version(subject: &Subject<'_>) -> CiliumVersion {
    let cni = &subject.cluster.cni;
    let written = subject.cluster.has_cilium().then_some(&cni.version);
    written
        .and_then(|version| version.parse().ok())
        .unwrap_or(NEWEST)
}

/// The agent with what the chart's values switch on.
pub(crate) fn of(subject: &Subject<'_>) -> Agent {
    let agent = Agent::new(version(subject));
    let values = subject.cilium_values().map(|(_, values)| values);
    let on = |pointer| {
        let value = values.and_then(|values: &Value| values.pointer(pointer));
        matches!(value, Some(Value::Bool(true))) || value == Some(&Value::from("true"))
    };
    let features = [
        ("/nodeSelectorLabels", Feature::NodeSelectorLabels),
        (
            "/extraConfig/enable-extended-ip-protocols",
            Feature::ExtendedProtocols,
        ),
    ];
    let switched = features.into_iter().filter(|(pointer, _)| on(pointer));
    switched.fold(agent, |agent, (_, feature)| agent.with(feature))
}

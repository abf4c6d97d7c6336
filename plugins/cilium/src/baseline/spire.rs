//! SPIRE, which mutual authentication brings along.

use serde_json::json;
use ztgit_plugin::cluster::FlowPort;

use super::to_api_server;
use crate::policy::pods::Pods;
use crate::policy::{Policy, Scope, Section, entity, ports};

/// Where the chart installs it (`authentication.mutual.spire.install.namespace`).
const NAMESPACE: &str = "cilium-spire";

/// The server is asked by the agents and the operator, which have the nodes'
/// own network, and asks the API server who it is that asks.
pub(super) fn server() -> Policy {
    let pods = Pods::labelled(NAMESPACE, &[("app", "spire-server")]);
    Policy::new(
        Scope::Namespace(NAMESPACE.to_owned()),
        "zt-allow-spire-server",
        "SPIRE answers the agents and asks the API server",
        pods.subject(),
    )
    .rule(
        Section::Ingress,
        json!({
            "fromEntities": entity::list(&entity::NODES),
            "toPorts": ports::plain(&[FlowPort::tcp(8081)]),
        }),
    )
    .rule(Section::Egress, to_api_server())
}

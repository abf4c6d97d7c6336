//! DNS, both ends of it: default deny isolates the server like any other pod.

use serde_json::json;
use ztgit_plugin::cluster::Entity;
use ztgit_plugin::{Cluster, Diagnostic};

use super::to_api_server;
use crate::config::Config;
use crate::policy::dns::{ExternalName, PORTS, in_cluster, lookup, server as server_pods};
use crate::policy::{Policy, Scope, Section, entity, pods, ports};
use crate::stance::{SYSTEM_NAMESPACE, exempt};

/// Every pod outside the exempt namespaces may look up the cluster's names and
/// those that the stack gives to all. It also makes all look-ups visible.
pub(super) fn client(
    cluster: &Cluster,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Policy {
    let mut names = vec![in_cluster(&config.cluster_domain)];
    for (index, text) in config.dns_names.iter().enumerate() {
        match ExternalName::parse(text, &config.cluster_domain) {
            Ok(name) => names.push(name.selector()),
            Err(error) => diagnostics.push(
                Diagnostic::error("dns-name", format!("`{text}` {}", error.reason()))
                    .at_config(["dnsNames", &index.to_string()])
                    .hint(error.hint()),
            ),
        }
    }
    Policy::new(
        Scope::Cluster,
        "zt-allow-dns",
        "every pod may ask the cluster's DNS for these names",
        pods::outside(exempt(cluster)),
    )
    .rule(Section::Egress, lookup(&names))
}

/// The DNS server answers everybody in the cluster, watches the API server and
/// asks the resolvers of its node.
pub(super) fn server() -> Policy {
    Policy::new(
        Scope::Namespace(SYSTEM_NAMESPACE.to_owned()),
        "zt-allow-dns-server",
        "the cluster's DNS answers, watches Services and asks its upstream",
        server_pods().subject(),
    )
    .rule(
        Section::Ingress,
        json!({"fromEntities": entity::list(&[Entity::Cluster]), "toPorts": ports::plain(&PORTS)}),
    )
    .rule(Section::Egress, to_api_server())
    .rule(
        Section::Egress,
        json!({
            "toEntities": entity::list(&[Entity::World, Entity::Host, Entity::RemoteNode]),
            "toPorts": ports::plain(&PORTS),
        }),
    )
}

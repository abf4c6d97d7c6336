//! The fragment of k3s's configuration for one node.
//!
//! k3s merges `config.yaml` and then the fragments in `config.yaml.d`: a key
//! replaces what came before it, a key with `+` adds to it. So lists carry the
//! `+`, and what the person who installed k3s wrote (a token, more names)
//! stays.

use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::{Node, NodeRole};

use crate::config::Config;
use crate::network::Families;
use crate::subject_names::SubjectNames;
use crate::yaml::Document;
use crate::{audit, pod_security};

/// The text of the fragment.
pub(crate) fn render(
    cluster: &Cluster,
    config: &Config,
    families: &Families,
    names: &SubjectNames,
    node_name: &str,
    node: &Node,
) -> String {
    let mut document = Document::default();
    document.comment(&format!(
        "Rendered by ztgit for {node_name}. k3s merges it into config.yaml;"
    ));
    document.comment("a key with `+` adds to the list there, any other replaces it.");
    document.gap();
    let addresses = joined(families.addresses(node));
    document.text("node-ip", &addresses);
    if node.role == NodeRole::Server {
        network(cluster, &mut document);
        document.gap();
        document.list("disable+", config.components.disabled());
        document.list("tls-san+", names.on(node_name));
        document.gap();
        hardening(config, &mut document);
    }
    document.into_text()
}

/// Whoever brings the pods' network, k3s must not bring a second one.
fn network(cluster: &Cluster, document: &mut Document) {
    document.text("cluster-cidr", &joined(&cluster.network.pod_cidrs));
    document.text("service-cidr", &joined(&cluster.network.service_cidrs));
    if cluster.cni.name == "flannel" {
        return;
    }
    document.gap();
    document.comment(&format!("The network is {}'s.", cluster.cni.name));
    document.text("flannel-backend", "none");
    document.on("disable-network-policy");
    if cluster.has_cilium() {
        document.on("disable-kube-proxy");
    }
}

fn hardening(config: &Config, document: &mut Document) {
    document.text("write-kubeconfig-mode", "0600");
    if config.secrets_encryption {
        document.on("secrets-encryption");
    }
    let mut arguments = Vec::new();
    arguments.extend(config.audit.iter().flat_map(audit::arguments));
    arguments.extend(
        config
            .pod_security
            .iter()
            .flat_map(|_| pod_security::arguments()),
    );
    document.list("kube-apiserver-arg+", arguments);
}

/// One range or address of each family, as k3s takes them.
fn joined(parts: impl IntoIterator<Item = impl ToString>) -> String {
    parts
        .into_iter()
        .map(|part| part.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

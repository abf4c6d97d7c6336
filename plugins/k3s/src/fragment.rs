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
use crate::topology::Membership;
use crate::yaml::Document;
use crate::{audit, labels, paths, pod_security};

/// What all fragments of a cluster are made from.
pub(crate) struct Fragments<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) config: &'a Config,
    pub(crate) families: &'a Families,
    pub(crate) names: &'a SubjectNames,
}

impl Fragments<'_> {
    /// The text of a node's fragment.
    pub(crate) fn render(&self, name: &str, node: &Node, membership: &Membership) -> String {
        let mut document = Document::default();
        document.comment(&format!(
            "Rendered by ztgit for {name}. k3s merges it into config.yaml;"
        ));
        document.comment("a key with `+` adds to the list there, any other replaces it.");
        document.gap();
        document.text("node-name", name);
        document.text("node-ip", &joined(self.families.addresses(node)));
        document.list("node-label+", labels::arguments(&node.labels));
        self.membership(membership, &mut document);
        if node.role == NodeRole::Server {
            document.gap();
            self.network(&mut document);
            document.gap();
            document.list("disable+", self.config.components.disabled());
            document.list("tls-san+", self.names.on(name));
            document.gap();
            self.hardening(&mut document);
        }
        document.into_text()
    }

    /// k3s looks at these only as long as the node is in no cluster.
    fn membership(&self, membership: &Membership, document: &mut Document) {
        match membership {
            Membership::Alone => {}
            Membership::Founds => {
                document.gap();
                document.on("cluster-init");
            }
            Membership::Joins(url) => {
                document.gap();
                document.text("server", url);
                if self.config.install.is_some() {
                    document.text("token-file", paths::JOIN_TOKEN);
                }
            }
        }
    }

    /// Whoever brings the pods' network, k3s must not bring a second one.
    fn network(&self, document: &mut Document) {
        let network = &self.cluster.network;
        document.text("cluster-cidr", &joined(&network.pod_cidrs));
        document.text("service-cidr", &joined(&network.service_cidrs));
        if self.cluster.cni.name == "flannel" {
            return;
        }
        document.gap();
        document.comment(&format!("The network is {}'s.", self.cluster.cni.name));
        document.text("flannel-backend", "none");
        document.on("disable-network-policy");
        if self.cluster.has_cilium() {
            document.on("disable-kube-proxy");
        }
    }

    fn hardening(&self, document: &mut Document) {
        document.text("write-kubeconfig-mode", "0600");
        if self.config.secrets_encryption {
            document.on("secrets-encryption");
        }
        let mut arguments = Vec::new();
        arguments.extend(self.config.audit.iter().flat_map(audit::arguments));
        arguments.extend(
            self.config
                .pod_security
                .iter()
                .flat_map(|_| pod_security::arguments()),
        );
        document.list("kube-apiserver-arg+", arguments);
    }
}

/// One range or address of each family, as k3s takes them.
fn joined(parts: impl IntoIterator<Item = impl ToString>) -> String {
    parts
        .into_iter()
        .map(|part| part.to_string())
        .collect::<Vec<_>>()
        .join(",")
}

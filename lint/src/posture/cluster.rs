//! The cluster's network: k3s, Cilium, encryption, Hubble.

use serde_json::Value;
use ztgit_plugin::cluster::{Distribution, NodeRole};

use super::{Evidence, Verdict};
use crate::host::k3s::configurations;

/// What k3s has to leave to Cilium.
const FLAGS: [(&str, &str); 3] = [
    ("flannel-backend", "none"),
    ("disable-network-policy", "true"),
    ("disable-kube-proxy", "true"),
];

pub(super) fn own_network(evidence: Evidence<'_>) -> Verdict {
    let cluster = evidence.subject.cluster;
    if cluster.distribution != Distribution::K3s {
        return Verdict::cannot_tell(
            "`kubectl -n kube-system get daemonsets` shows whether kube-proxy or another network runs",
        );
    }
    for (name, _) in cluster.nodes_of(NodeRole::Server) {
        let Some(own) = configurations(evidence.subject).find(|own| own.node == name) else {
            return Verdict::cannot_tell(format!(
                "k3s' configuration of `{name}` is not rendered: \
                 `grep -rE 'flannel|disable' /etc/rancher/k3s` there shows it"
            ));
        };
        let lacking = FLAGS.iter().find(|(flag, value)| !own.has(flag, value));
        if let Some((flag, value)) = lacking {
            return Verdict::fail(format!("`{name}` starts k3s without `{flag}: {value}`"));
        }
    }
    Verdict::pass("every server starts k3s without flannel, network policies and kube-proxy")
}

/// Cilium's values; what is to be said where there are none.
fn values(evidence: Evidence<'_>) -> Result<&Value, Verdict> {
    let values = evidence.subject.cilium_values().map(|(_, values)| values);
    values.ok_or_else(|| {
        let cni = &evidence.subject.cluster.cni.name;
        if evidence.subject.cluster.has_cilium() {
            Verdict::cannot_tell(
                "nothing here installs Cilium: `kubectl -n kube-system exec ds/cilium -- \
                 cilium-dbg status` shows how it runs",
            )
        } else {
            Verdict::fail(format!("the network is {cni}'s"))
        }
    })
}

fn is_on(values: &Value, pointer: &str) -> bool {
    let value = values.pointer(pointer);
    value == Some(&Value::Bool(true)) || value == Some(&Value::from("true"))
}

pub(super) fn kube_proxy(evidence: Evidence<'_>) -> Verdict {
    match values(evidence) {
        Err(verdict) => verdict,
        Ok(values) if is_on(values, "/kubeProxyReplacement") => {
            Verdict::pass("Cilium's release has `kubeProxyReplacement: true`")
        }
        Ok(_) => Verdict::fail("Cilium's release does not set `kubeProxyReplacement: true`"),
    }
}

pub(super) fn encryption(evidence: Evidence<'_>) -> Verdict {
    let values = match values(evidence) {
        Ok(values) => values,
        Err(verdict) => return verdict,
    };
    if let Some(contradiction) = evidence.contradiction(&["tunnel-closed"]) {
        return contradiction;
    }
    let kind = values.pointer("/encryption/type").and_then(Value::as_str);
    match kind.filter(|_| is_on(values, "/encryption/enabled")) {
        Some(kind) => Verdict::pass(format!(
            "{kind} between pods of different nodes; within a node nothing is encrypted"
        )),
        None => Verdict::fail("Cilium's release does not have `encryption` enabled with a type"),
    }
}

pub(super) fn hubble(evidence: Evidence<'_>) -> Verdict {
    match values(evidence) {
        Err(verdict) => verdict,
        Ok(values) if values.pointer("/hubble/enabled") == Some(&Value::Bool(false)) => {
            Verdict::fail("Cilium's release switches Hubble off")
        }
        Ok(values) if is_on(values, "/hubble/relay/enabled") => {
            Verdict::pass("the relay is enabled; `hubble observe` shows whether flows come")
        }
        Ok(_) => Verdict::fail("Cilium's release does not enable `hubble.relay`"),
    }
}

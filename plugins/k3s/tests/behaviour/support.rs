//! What the tests of the plugin have in common.

use serde_json::{Value, json};
use ztgit_plugin::fact::TlsSan;
use ztgit_plugin::testing::Harness;
use ztgit_plugin_k3s::K3S;

pub(crate) const FRAGMENT: &str = "/etc/rancher/k3s/config.yaml.d/50-ztgit.yaml";
pub(crate) const AUDIT_POLICY: &str = "/etc/rancher/k3s/ztgit-audit-policy.yaml";
pub(crate) const ADMISSION: &str = "/etc/rancher/k3s/ztgit-admission.yaml";
pub(crate) const STEP: &str = "/usr/local/lib/ztgit/install.d/30-k3s.sh";

pub(crate) fn homelab() -> Harness<K3S> {
    Harness::homelab()
}

/// Nodes by name and role, at 192.168.1.10 and following.
pub(crate) fn nodes(roles: &[(&str, &str)]) -> Value {
    let nodes: serde_json::Map<String, Value> = roles
        .iter()
        .enumerate()
        .map(|(index, (name, role))| {
            let address = format!("192.168.1.{}", 10 + index);
            (
                (*name).to_owned(),
                json!({"role": role, "addresses": [address]}),
            )
        })
        .collect();
    json!({"nodes": nodes})
}

/// A server and an agent, with everything on that writes files.
pub(crate) fn everything(sha256: &str) -> Harness<K3S> {
    homelab()
        .patch_cluster(&nodes(&[("pi-1", "server"), ("pi-2", "agent")]))
        .config(json!({
            "audit": {},
            "podSecurity": {"exempt": {"longhorn-system": "mounts the host's disks"}},
            "secretsEncryption": true,
            "install": {"version": "v1.36.2+k3s1", "sha256": {"amd64": sha256, "arm64": sha256}}
        }))
}

pub(crate) fn san(name: &str) -> TlsSan {
    TlsSan {
        name: name.to_owned(),
    }
}

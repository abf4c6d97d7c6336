//! Running a plugin natively in a test.
//!
//! ```text
//! let rendered = Harness::<Wireguard>::homelab()
//!     .config(json!({"endpoint": "vpn.example.net"}))
//!     .fact("k3s", FactScope::Cluster, &TlsSan { name: "pi-1".to_owned() })
//!     .render();
//! assert!(rendered.file("pi-1", "/etc/wireguard/wg0.conf").contains("ListenPort"));
//! ```

use std::marker::PhantomData;

use serde_json::{Value, json};

use crate::Plugin;
use crate::artifact::{Artifact, File, FileTarget, Manifest, Phase, Rendering};
use crate::cluster::Cluster;
use crate::diagnostic::Severity;
use crate::fact::{Fact, FactScope, Facts, StandardFact, StatedFact, Statement};

/// A plugin with the arguments of a call.
pub struct Harness<P> {
    cluster: Value,
    config: Value,
    facts: Vec<StatedFact>,
    plugin: PhantomData<P>,
}

/// A single-node k3s cluster, the one of the homelab stack.
pub fn homelab() -> Value {
    json!({
        "name": "home",
        "labels": {"env": "home"},
        "distribution": "k3s",
        "cni": {"name": "cilium", "version": "1.20.2"},
        "flux": {
            "namespace": "flux-system",
            "source": {
                "kind": "GitRepository",
                "name": "flux-system",
                "url": "https://git.example.net/fleet.git"
            }
        },
        "network": {
            "podCIDRs": ["10.42.0.0/16"],
            "serviceCIDRs": ["10.43.0.0/16"],
            "nodeCIDRs": ["192.168.1.0/24"]
        },
        "nodes": {"pi-1": {"role": "server", "addresses": ["192.168.1.10"]}},
        "namespaces": {
            "my-app": {
                "mode": "enforce",
                "create": true,
                "workloads": {
                    "frontend": {
                        "labels": {"app": "my-frontend"},
                        "ports": {"http": {"port": 8080, "protocol": "TCP"}}
                    },
                    "api": {
                        "labels": {"app": "my-api"},
                        "ports": {"http": {"port": 8080, "protocol": "TCP"}}
                    }
                }
            }
        },
        "undeclaredNamespaces": {"mode": "observe", "exempt": ["kube-system", "flux-system"]},
        "flows": {
            "frontend-to-api": {
                "from": {"workload": {"namespace": "my-app", "name": "frontend"}},
                "to": {"workload": {"namespace": "my-app", "name": "api"}},
                "ports": [{"port": 8080, "protocol": "TCP"}]
            }
        }
    })
}

impl<P: Plugin> Harness<P> {
    /// The plugin on [`homelab`], with an empty config and no facts.
    pub fn homelab() -> Self {
        Self {
            cluster: homelab(),
            config: json!({}),
            facts: Vec::new(),
            plugin: PhantomData,
        }
    }

    /// Another cluster.
    pub fn cluster(mut self, cluster: Value) -> Self {
        self.cluster = cluster;
        self
    }

    /// Changes the cluster by a JSON Merge Patch (RFC 7396).
    pub fn patch_cluster(mut self, patch: &Value) -> Self {
        merge_patch(&mut self.cluster, patch);
        self
    }

    /// The plugin's config.
    pub fn config(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    /// Adds a fact of another plugin's.
    pub fn fact<F: StandardFact>(mut self, provider: &str, scope: FactScope, value: &F) -> Self {
        let fact = Fact::new(scope, value);
        self.facts.push(StatedFact {
            provider: provider.to_owned(),
            fact,
        });
        self
    }

    fn parsed(&self) -> (Cluster, P::Config) {
        let cluster = serde_json::from_value(self.cluster.clone()).expect("a valid cluster");
        let config = serde_json::from_value(self.config.clone()).expect("a valid config");
        (cluster, config)
    }

    /// Calls `facts`.
    pub fn facts(&self) -> Statement {
        let (cluster, config) = self.parsed();
        P::facts(&cluster, &config)
    }

    /// Calls `render`, the facts sorted as the host sorts them.
    pub fn render(mut self) -> Rendered {
        let (cluster, config) = self.parsed();
        self.facts.sort_by(|a, b| {
            let key = |s: &StatedFact| {
                (
                    s.fact.kind.clone(),
                    s.provider.clone(),
                    s.fact.scope.clone(),
                    s.fact.value.to_string(),
                )
            };
            key(a).cmp(&key(b))
        });
        Rendered(P::render(&cluster, &config, &Facts::new(self.facts)))
    }
}

/// What a plugin rendered, with ways to look into it.
#[derive(Debug)]
pub struct Rendered(pub Rendering);

impl Rendered {
    /// All objects with their phases, in the plugin's order.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.0
            .artifacts
            .iter()
            .filter_map(|artifact| match artifact {
                Artifact::Manifest(manifest) => Some(manifest),
                Artifact::File(_) | Artifact::Awaited(_) => None,
            })
    }

    /// The object of that kind and name, which must be there.
    pub fn object(&self, kind: &str, name: &str) -> Value {
        self.manifest(kind, name).object.clone().into_value()
    }

    /// The phase of the object of that kind and name, which must be there.
    pub fn phase(&self, kind: &str, name: &str) -> Phase {
        self.manifest(kind, name).phase
    }

    fn manifest(&self, kind: &str, name: &str) -> &Manifest {
        self.manifests()
            .find(|manifest| manifest.object.kind() == kind && manifest.object.name() == name)
            .unwrap_or_else(|| panic!("no {kind} {name} among {:#?}", self.names()))
    }

    /// Kind and name of every object.
    pub fn names(&self) -> Vec<String> {
        self.manifests()
            .map(|m| format!("{} {}", m.object.kind(), m.object.name()))
            .collect()
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.0
            .artifacts
            .iter()
            .filter_map(|artifact| match artifact {
                Artifact::File(file) => Some(file),
                Artifact::Manifest(_) | Artifact::Awaited(_) => None,
            })
    }

    /// The text of a node's file, which must be there.
    pub fn file(&self, node: &str, path: &str) -> &str {
        self.text(&FileTarget::Node(node.to_owned()), path)
    }

    /// The text of a client's file, which must be there.
    pub fn client_file(&self, client: &str, path: &str) -> &str {
        self.text(&FileTarget::Client(client.to_owned()), path)
    }

    fn text(&self, target: &FileTarget, path: &str) -> &str {
        let file = self
            .files()
            .find(|file| file.target == *target && file.path == path)
            .unwrap_or_else(|| panic!("no {path} for {target:?}"));
        std::str::from_utf8(&file.content).expect("the file is text")
    }

    /// The codes of all errors.
    pub fn errors(&self) -> Vec<&str> {
        self.codes(Severity::Error)
    }

    /// The codes of all warnings.
    pub fn warnings(&self) -> Vec<&str> {
        self.codes(Severity::Warning)
    }

    fn codes(&self, severity: Severity) -> Vec<&str> {
        self.0
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .map(|diagnostic| diagnostic.code.as_str())
            .collect()
    }
}

/// Applies a JSON Merge Patch (RFC 7396).
pub fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let target = target.as_object_mut().expect("just made one");
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            merge_patch(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

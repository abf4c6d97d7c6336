//! A cluster that is as git has it, as far as an API server tells: discovery,
//! lists in pages, objects, and dry-runs that change nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::server::{Answer, Request};

pub(crate) const COMMIT: &str = "0123456789012345678901234567890123456789";
pub(crate) const KUSTOMIZATIONS: &str = "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations";
pub(crate) const SETTINGS: &str = "/api/v1/namespaces/shop/configmaps/settings";

/// A kind as discovery has it.
struct Resource {
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    namespaced: bool,
}

const fn namespaced(version: &'static str, kind: &'static str, plural: &'static str) -> Resource {
    Resource {
        version,
        kind,
        plural,
        namespaced: true,
    }
}

const RESOURCES: [Resource; 9] = [
    namespaced("v1", "ConfigMap", "configmaps"),
    namespaced("v1", "Secret", "secrets"),
    Resource {
        version: "v1",
        kind: "Namespace",
        plural: "namespaces",
        namespaced: false,
    },
    namespaced(
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        "kustomizations",
    ),
    namespaced(
        "source.toolkit.fluxcd.io/v1",
        "GitRepository",
        "gitrepositories",
    ),
    namespaced(
        "source.toolkit.fluxcd.io/v1",
        "OCIRepository",
        "ocirepositories",
    ),
    namespaced("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    namespaced(
        "cilium.io/v2",
        "CiliumNetworkPolicy",
        "ciliumnetworkpolicies",
    ),
    Resource {
        version: "cilium.io/v2",
        kind: "CiliumClusterwideNetworkPolicy",
        plural: "ciliumclusterwidenetworkpolicies",
        namespaced: false,
    },
];

/// Objects by their paths.
pub(crate) struct World {
    objects: BTreeMap<String, Value>,
    /// A group whose definitions are gone.
    absent: &'static str,
}

impl World {
    /// One unit with one object, applied and ready.
    pub(crate) fn clean() -> Self {
        let mut world = Self {
            objects: BTreeMap::new(),
            absent: "none",
        };
        for object in [source(), root(), unit(), settings()] {
            world.add(object);
        }
        world
    }

    /// The same without the kinds of a group.
    pub(crate) fn without_group(mut self, group: &'static str) -> Self {
        self.absent = group;
        self
    }

    /// Adds an object.
    pub(crate) fn add(&mut self, object: Value) {
        self.objects.insert(path(&object), object);
    }

    /// What a well-behaved server answers.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        match self.found(request) {
            Some(document) => Answer::Json(200, document),
            None => status(404, "NotFound", "the server could not find it"),
        }
    }

    fn found(&self, request: &Request) -> Option<Value> {
        let path = request.path.as_str();
        if path.starts_with(&format!("/apis/{}/", self.absent)) {
            return None;
        }
        discovery(path, self.absent)
            .or_else(|| self.objects.get(path).cloned())
            .or_else(|| self.list(path, &request.query))
    }

    /// A list, in pages where the client asks for them.
    fn list(&self, path: &str, query: &str) -> Option<Value> {
        let resource = RESOURCES.iter().find(|resource| {
            let start = version_path(resource.version);
            path.starts_with(&start) && path.ends_with(&format!("/{}", resource.plural))
        })?;
        let all: Vec<&Value> = self
            .objects
            .values()
            .filter(|object| object["kind"] == resource.kind)
            .collect();
        let parameter = |name: &str| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(found, _)| *found == name)
                .and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let start = parameter("continue").unwrap_or(0);
        let limit = parameter("limit").unwrap_or(usize::MAX);
        let end = start.saturating_add(limit).min(all.len());
        let next = if end < all.len() {
            end.to_string()
        } else {
            String::new()
        };
        Some(json!({
            "apiVersion": resource.version,
            "kind": format!("{}List", resource.kind),
            "metadata": {"resourceVersion": "1", "continue": next},
            "items": &all[start.min(end)..end],
        }))
    }
}

/// An answer that is an error.
pub(crate) fn status(code: u16, reason: &str, message: &str) -> Answer {
    Answer::Json(
        code,
        json!({
            "apiVersion": "v1",
            "kind": "Status",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": code,
        }),
    )
}

fn version_path(version: &str) -> String {
    if version.contains('/') {
        format!("/apis/{version}")
    } else {
        format!("/api/{version}")
    }
}

fn path(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let resource = RESOURCES
        .iter()
        .find(|resource| object["kind"] == resource.kind)
        .unwrap();
    let start = version_path(resource.version);
    let (plural, name) = (resource.plural, text(&object["metadata"]["name"]));
    if resource.namespaced {
        let namespace = text(&object["metadata"]["namespace"]);
        format!("{start}/namespaces/{namespace}/{plural}/{name}")
    } else {
        format!("{start}/{plural}/{name}")
    }
}

/// All kinds at once, as Kubernetes answers to those who ask so.
fn discovery(path: &str, absent: &str) -> Option<Value> {
    let of_core = match path {
        "/api" => true,
        "/apis" => false,
        _ => return None,
    };
    let mut groups: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    for resource in &RESOURCES {
        let (group, version) = resource
            .version
            .split_once('/')
            .unwrap_or(("", resource.version));
        if group.is_empty() == of_core && group != absent {
            groups
                .entry((group, version))
                .or_default()
                .push(discovered(resource));
        }
    }
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|((group, version), resources)| {
            json!({
                "metadata": {"name": group},
                "versions": [{"version": version, "resources": resources, "freshness": "Current"}],
            })
        })
        .collect();
    Some(json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": groups,
    }))
}

fn discovered(resource: &Resource) -> Value {
    json!({
        "resource": resource.plural,
        "responseKind": {"group": "", "version": "", "kind": resource.kind},
        "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
        "singularResource": resource.kind.to_lowercase(),
        "verbs": ["get", "list", "patch"],
    })
}

fn revision() -> String {
    format!("main@sha1:{COMMIT}")
}

fn ready() -> Value {
    json!([{
        "type": "Ready",
        "status": "True",
        "reason": "ReconciliationSucceeded",
        "message": "applied",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
        "observedGeneration": 1,
    }])
}

fn source() -> Value {
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": "flux-system", "namespace": "flux-system", "generation": 1},
        "spec": {"interval": "5m", "url": "https://git.example.net/fleet.git"},
        "status": {
            "observedGeneration": 1,
            "conditions": ready(),
            "artifact": {"revision": revision()},
        },
    })
}

fn kustomization(name: &str, path: &str, inventory: &[&str]) -> Value {
    let entries: Vec<Value> = inventory
        .iter()
        .map(|id| json!({"id": id, "v": "v1"}))
        .collect();
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {
            "name": name,
            "namespace": "flux-system",
            "generation": 1,
            "labels": {
                "kustomize.toolkit.fluxcd.io/name": "flux-system",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            },
        },
        "spec": {
            "interval": "1h",
            "path": path,
            "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        },
        "status": {
            "observedGeneration": 1,
            "conditions": ready(),
            "lastAppliedRevision": revision(),
            "lastAttemptedRevision": revision(),
            "inventory": {"entries": entries},
        },
    })
}

fn root() -> Value {
    let unit = "flux-system_platform-stack_kustomize.toolkit.fluxcd.io_Kustomization";
    let mut root = kustomization("flux-system", "./clusters/home", &[unit]);
    // Whoever bootstraps makes it by hand.
    root["metadata"].as_object_mut().unwrap().remove("labels");
    root
}

pub(crate) fn unit() -> Value {
    kustomization(
        "platform-stack",
        "./rendered/home/platform/stack",
        &["shop_settings__ConfigMap"],
    )
}

/// The object as the cluster has it.
pub(crate) fn settings() -> Value {
    let mut object = desired_settings();
    object["metadata"]["labels"] = json!({
        "kustomize.toolkit.fluxcd.io/name": "platform-stack",
        "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    });
    object["metadata"]["uid"] = "3f1c7a52-0000-0000-0000-000000000000".into();
    object["metadata"]["resourceVersion"] = "1".into();
    object["metadata"]["managedFields"] = json!([{
        "manager": "kustomize-controller",
        "operation": "Apply",
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:data": {"f:colour": {}},
            "f:metadata": {"f:labels": {
                "f:kustomize.toolkit.fluxcd.io/name": {},
                "f:kustomize.toolkit.fluxcd.io/namespace": {},
            }},
        },
    }]);
    object
}

/// The object as git has it.
pub(crate) fn desired_settings() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"colour": "blue"},
    })
}

/// The unit as git has it.
pub(crate) fn desired_unit() -> Value {
    let mut object = unit();
    let fields = object.as_object_mut().unwrap();
    fields.remove("status");
    fields["metadata"] = json!({"name": "platform-stack", "namespace": "flux-system"});
    object
}

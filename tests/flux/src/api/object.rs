//! Objects by what identifies them, and their paths.

use std::fmt;

use serde_json::Value;

/// What tells an object from all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    /// `group/version`, or `v1`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// Its namespace, where it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl ObjectId {
    /// An object in a namespace.
    pub fn namespaced(api_version: &str, kind: &str, namespace: &str, name: &str) -> Self {
        Self {
            namespace: Some(namespace.to_owned()),
            ..Self::cluster(api_version, kind, name)
        }
    }

    /// An object of the whole cluster.
    pub fn cluster(api_version: &str, kind: &str, name: &str) -> Self {
        Self {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: name.to_owned(),
        }
    }

    /// A Namespace.
    pub fn of_namespace(name: &str) -> Self {
        Self::cluster("v1", "Namespace", name)
    }

    /// The identity of an object that has one.
    pub fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let required = |value: &Value| {
            text(value).unwrap_or_else(|| panic!("this is no Kubernetes object: {object}"))
        };
        Self {
            api_version: required(&object["apiVersion"]),
            kind: required(&object["kind"]),
            namespace: text(&object["metadata"]["namespace"]),
            name: required(&object["metadata"]["name"]),
        }
    }

    /// The API group; empty for Kubernetes' first one.
    pub fn group(&self) -> &str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// How the server calls a kind.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    version_path: String,
    pub(crate) plural: String,
    namespaced: bool,
}

impl Resource {
    /// The kind of an object in the server's list of a version's resources.
    pub(super) fn find(list: &Value, id: &ObjectId) -> Option<Self> {
        let resource = list["resources"].as_array()?.iter().find(|resource| {
            resource["kind"] == id.kind.as_str()
                && resource["name"]
                    .as_str()
                    .is_some_and(|name| !name.contains('/'))
        })?;
        Some(Self {
            version_path: version_path(&id.api_version),
            plural: resource["name"].as_str()?.to_owned(),
            namespaced: resource["namespaced"].as_bool()?,
        })
    }

    /// Where an object of this kind is.
    pub(super) fn path(&self, id: &ObjectId) -> String {
        let Self {
            version_path,
            plural,
            ..
        } = self;
        match &id.namespace {
            Some(namespace) if self.namespaced => {
                format!(
                    "{version_path}/namespaces/{namespace}/{plural}/{}",
                    escaped(&id.name)
                )
            }
            _ => format!("{version_path}/{plural}/{}", escaped(&id.name)),
        }
    }
}

/// Where the resources of a version are.
pub(super) fn version_path(api_version: &str) -> String {
    if api_version.contains('/') {
        format!("/apis/{api_version}")
    } else {
        format!("/api/{api_version}")
    }
}

/// Names of RBAC objects may have more than labels have.
fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace(':', "%3A")
}

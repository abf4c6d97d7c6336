//! Which kinds a server has, and where.

use std::collections::BTreeMap;

use http::header::ACCEPT;
use kube::client::{APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery};
use kube::core::discovery::v2::ACCEPT_AGGREGATED_DISCOVERY_V2;
use serde_json::Value;

use super::answer::Refusal;
use super::{Connection, escaped};
use crate::obstacle::Obstacle;
use crate::report::{ObjectRef, Reason};

/// A version of a kind that the server has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Served {
    version: String,
    group: String,
    plural: String,
    scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Cluster,
    Namespaced,
}

impl Served {
    /// Where all objects are, or those of a namespace.
    pub(crate) fn collection(&self, namespace: Option<&str>) -> String {
        let Self {
            group,
            version,
            plural,
            ..
        } = self;
        let root = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        match namespace {
            Some(namespace) if self.is_namespaced() => {
                format!("{root}/namespaces/{}/{plural}", escaped(namespace))
            }
            _ => format!("{root}/{plural}"),
        }
    }

    /// Whether its objects are in namespaces.
    pub(crate) fn is_namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }
}

/// All kinds of a server, by group and kind; versions in its order of preference.
#[derive(Debug, Default)]
pub(crate) struct Kinds(BTreeMap<(String, String), Vec<Served>>);

impl Kinds {
    /// The version of a kind that is asked for, and no other.
    pub(crate) fn find(&self, group: &str, version: &str, kind: &str) -> Result<&Served, Obstacle> {
        let of_kind = self.0.get(&(group.to_owned(), kind.to_owned()));
        let found = of_kind.and_then(|all| all.iter().find(|served| served.version == version));
        found.ok_or_else(|| not_served(group, version, kind))
    }

    /// The version of a kind that the server prefers.
    pub(crate) fn preferred(&self, group: &str, kind: &str) -> Option<&Served> {
        self.0.get(&(group.to_owned(), kind.to_owned()))?.first()
    }

    /// Where an object is, whatever the version.
    pub(crate) fn of(&self, object: &ObjectRef) -> Result<&Served, Obstacle> {
        self.preferred(&object.group, &object.kind)
            .ok_or_else(|| not_served(&object.group, "", &object.kind))
    }

    fn add(&mut self, group: &APIGroupDiscovery) {
        let name = group
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.name.clone());
        let name = name.unwrap_or_default();
        for version in &group.versions {
            let Some(version_name) = &version.version else {
                continue;
            };
            for resource in &version.resources {
                if let Some((kind, served)) = served(&name, version_name, resource) {
                    let versions = self.0.entry((name.clone(), kind)).or_default();
                    versions.push(served);
                }
            }
        }
    }
}

fn served(group: &str, version: &str, resource: &APIResourceDiscovery) -> Option<(String, Served)> {
    let kind = resource.response_kind.as_ref()?.kind.clone()?;
    let can = |verb: &str| resource.verbs.iter().any(|known| known == verb);
    let served = Served {
        version: version.to_owned(),
        group: group.to_owned(),
        plural: resource.resource.clone()?,
        scope: match resource.scope.as_deref()? {
            "Namespaced" => Scope::Namespaced,
            _ => Scope::Cluster,
        },
    };
    // Reviews and the like have a kind, and no objects.
    (can("get") && can("list")).then_some((kind, served))
}

fn not_served(group: &str, version: &str, kind: &str) -> Obstacle {
    let place = match (group, version) {
        ("", version) => version.to_owned(),
        (group, "") => group.to_owned(),
        (group, version) => format!("{group}/{version}"),
    };
    Obstacle::new(
        Reason::KindNotServed,
        format!("the API server has no kind {kind} in {place}"),
    )
}

impl Connection {
    /// Asks for all kinds: two requests.
    pub(crate) async fn kinds(&self) -> Result<Kinds, Obstacle> {
        let mut kinds = Kinds::default();
        for root in ["/api", "/apis"] {
            let request = http::Request::get(root)
                .header(ACCEPT, ACCEPT_AGGREGATED_DISCOVERY_V2)
                .body(Vec::new())
                .expect("the parts are constants");
            let answer = self
                .send(Ok(request))
                .await
                .map_err(Refusal::into_obstacle)?;
            for group in &groups(answer)?.items {
                kinds.add(group);
            }
        }
        Ok(kinds)
    }
}

fn groups(answer: Value) -> Result<APIGroupDiscoveryList, Obstacle> {
    if answer["kind"] != "APIGroupDiscoveryList" {
        return Err(Obstacle::new(
            Reason::Malformed,
            "the API server does not list its kinds at once; Kubernetes does since 1.27",
        ));
    }
    serde_json::from_value(answer).map_err(|error| Obstacle::because(Reason::Malformed, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_cannot_leave_its_segment() {
        let served = Served {
            version: "v1".to_owned(),
            group: String::new(),
            plural: "configmaps".to_owned(),
            scope: Scope::Namespaced,
        };
        // What is behind a `#` is not sent: `dryRun` would be lost.
        let collection = served.collection(Some("shop#"));
        assert_eq!(collection, "/api/v1/namespaces/shop%23/configmaps");
    }
}

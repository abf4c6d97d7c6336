//! What rules look at.

use std::collections::BTreeMap;

use serde_json::Value;
use ztgit_plugin::cluster::Cluster;
use ztgit_plugin::{Activation, FileTarget, Phase, StatedFact};
use ztgit_policy::Policy;

use crate::json;
use crate::shared::Shared;
use crate::spot::ObjectSpot;

/// A cluster with everything that was rendered for it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The cluster as plugins see it.
    pub cluster: &'a Cluster,
    /// The config of each plugin that takes part, by the plugin's name.
    pub configs: BTreeMap<&'a str, &'a Value>,
    /// All facts, with who stated them.
    pub facts: &'a [StatedFact],
    /// All objects.
    pub objects: Vec<Object<'a>>,
    /// All files of nodes and clients.
    pub files: Vec<HostFile<'a>>,
    /// The network policies among the objects.
    pub policies: Vec<(ObjectIndex, Policy)>,
    /// The positions of the objects of each kind.
    kinds: BTreeMap<&'a str, Vec<ObjectIndex>>,
    pub(crate) shared: Shared,
}

/// The position of an object in [`Subject::objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectIndex(pub usize);

/// A Kubernetes object.
#[derive(Debug)]
pub struct Object<'a> {
    /// Its JSON.
    pub value: &'a Value,
    /// When Flux applies it.
    pub phase: Phase,
    /// Who made it.
    pub origin: Origin<'a>,
}

/// Who made an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A plugin, by its name in the stack.
    Plugin(&'a str),
    /// The stack brings it along.
    HandWritten,
}

/// A file of a node or a client.
#[derive(Debug)]
pub struct HostFile<'a> {
    /// Whose it is.
    pub target: &'a FileTarget,
    /// Its path there.
    pub path: &'a str,
    /// Its bytes.
    pub content: &'a [u8],
    /// What follows a change.
    pub activation: &'a [Activation],
    /// The plugin that gave it.
    pub plugin: &'a str,
}

impl<'a> Object<'a> {
    /// Its `kind`.
    pub fn kind(&self) -> &'a str {
        json::text(self.value, "/kind")
    }

    /// The group of its `apiVersion`; empty for the core group.
    pub fn group(&self) -> &'a str {
        let api_version = json::text(self.value, "/apiVersion");
        api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        json::text(self.value, "/metadata/name")
    }

    /// Its namespace, where it has one.
    pub fn namespace(&self) -> Option<&'a str> {
        json::at(self.value, "/metadata/namespace")?.as_str()
    }

    /// `Kind/namespace/name`, or `Kind/name`.
    pub fn id(&self) -> String {
        let (kind, name) = (self.kind(), self.name());
        match self.namespace() {
            Some(namespace) => format!("{kind}/{namespace}/{name}"),
            None => format!("{kind}/{name}"),
        }
    }
}

impl<'a> Subject<'a> {
    /// A cluster with nothing rendered.
    pub fn new(cluster: &'a Cluster, facts: &'a [StatedFact]) -> Self {
        Self {
            cluster,
            configs: BTreeMap::new(),
            facts,
            objects: Vec::new(),
            files: Vec::new(),
            policies: Vec::new(),
            kinds: BTreeMap::new(),
            shared: Shared::default(),
        }
    }

    /// Adds an object.
    pub fn add_object(&mut self, object: Object<'a>) {
        let index = ObjectIndex(self.objects.len());
        self.kinds.entry(object.kind()).or_default().push(index);
        if let Some(policy) = Policy::read(object.value) {
            self.policies.push((index, policy));
        }
        self.objects.push(object);
    }

    /// All objects, each with its position.
    pub(crate) fn spots(&self) -> impl Iterator<Item = ObjectSpot<'_>> {
        let objects = self.objects.iter().enumerate();
        objects.map(|(index, object)| ObjectSpot {
            index: ObjectIndex(index),
            object,
        })
    }

    /// The objects of a kind, each with its position.
    pub(crate) fn of_kind<'s>(
        &'s self,
        group: &'s str,
        kind: &'s str,
    ) -> impl Iterator<Item = ObjectSpot<'s>> {
        let indices = self.kinds.get(kind).into_iter().flatten();
        let spots = indices.map(|index| ObjectSpot {
            index: *index,
            object: self.object(*index),
        });
        spots.filter(move |spot| spot.object.group() == group)
    }

    /// The object at a position.
    pub fn object(&self, index: ObjectIndex) -> &Object<'a> {
        &self.objects[index.0]
    }

    /// The DNS domain of the cluster, which the cilium plugin is told where it is
    /// not the usual one.
    pub(crate) fn cluster_domain(&self) -> &'a str {
        let config = self.configs.get("cilium");
        let domain = config.and_then(|config| config.get("clusterDomain")?.as_str());
        domain.unwrap_or("cluster.local")
    }

    /// The values of Cilium's release, where it is among the objects.
    pub(crate) fn cilium_values(&self) -> Option<(ObjectIndex, &Value)> {
        self.of_kind("helm.toolkit.fluxcd.io", "HelmRelease")
            .find(
                |ObjectSpot {
                     object: release, ..
                 }| {
                    json::text(release.value, "/spec/releaseName") == "cilium"
                        || release.name() == "cilium"
                },
            )
            .and_then(|release| {
                Some((
                    release.index,
                    json::at(release.object.value, "/spec/values")?,
                ))
            })
    }
}

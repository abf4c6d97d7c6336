//! A Kustomization of Flux's, as the cluster has it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::ignore::IgnoreRules;
use super::inventory;
use super::source::SourceRef;
use crate::desired::UnitName;
use crate::obstacle::Obstacle;
use crate::report::{ObjectRef, Reason};
use crate::revision::Revision;

/// What of a Kustomization's `spec` makes other objects of those in git.
const TRANSFORMATIONS: [&str; 7] = [
    "buildMetadata",
    "components",
    "images",
    "namePrefix",
    "nameSuffix",
    "patches",
    "targetNamespace",
];

/// A Kustomization of Flux's.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// What identifies it.
    pub(crate) name: UnitName,
    /// All of it.
    pub(super) object: Value,
}

impl Unit {
    /// A Kustomization out of a list.
    pub(crate) fn of(object: Value) -> Self {
        let text = |name: &str| {
            object["metadata"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            name: UnitName {
                namespace: text("namespace"),
                name: text("name"),
            },
            object,
        }
    }

    fn spec(&self, name: &str) -> &Value {
        &self.object["spec"][name]
    }

    /// The folder that it applies, without `./`.
    pub(crate) fn path(&self) -> &str {
        let path = self.spec("path").as_str().unwrap_or_default();
        path.trim_start_matches("./").trim_matches('/')
    }

    /// Whether it applies a folder, or one that this folder is in.
    pub(crate) fn applies(&self, folder: &str) -> bool {
        let rest = folder.strip_prefix(self.path());
        self.path().is_empty()
            || self.path() == "."
            || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether it was told not to reconcile.
    pub(crate) fn is_suspended(&self) -> bool {
        *self.spec("suspend") == true
    }

    /// Whether it makes objects anew that cannot be changed.
    pub(crate) fn forces(&self) -> bool {
        *self.spec("force") == true
    }

    /// Whether Flux says that all is well, about this generation of it.
    pub(crate) fn is_ready(&self) -> bool {
        super::is_observed(&self.object)
            && super::condition(&self.object, "Ready").is_some_and(|ready| ready.status == "True")
    }

    /// Where its contents come from.
    pub(crate) fn source(&self) -> SourceRef {
        let source = self.spec("sourceRef");
        let text = |name: &str| source[name].as_str().map(str::to_owned);
        SourceRef {
            kind: text("kind").unwrap_or_default(),
            namespace: text("namespace").unwrap_or_else(|| self.name.namespace.clone()),
            name: text("name").unwrap_or_default(),
        }
    }

    /// The revision that it applied in full the last time.
    pub(crate) fn applied(&self) -> Option<Revision> {
        let text = |name: &str| self.object["status"][name].as_str();
        let revision = text("lastAppliedRevision").filter(|text| !text.is_empty())?;
        Some(Revision::new(revision, text("lastAppliedOriginRevision")))
    }

    /// The revision that it is at, if that is another one: what is in the cluster
    /// is of the one or the other then.
    pub(crate) fn attempted(&self) -> Option<&str> {
        let status = &self.object["status"];
        let attempted = status["lastAttemptedRevision"].as_str()?;
        let is_other = status["lastAppliedRevision"].as_str() != Some(attempted);
        (is_other && !attempted.is_empty()).then_some(attempted)
    }

    /// Labels and annotations that it puts on everything.
    pub(crate) fn common_metadata(&self, place: &str) -> Option<&Map<String, Value>> {
        self.spec("commonMetadata")[place].as_object()
    }

    /// Fields that it leaves alone.
    pub(crate) fn ignore_rules(&self) -> Result<IgnoreRules, Obstacle> {
        IgnoreRules::of(self.spec("ignore"))
    }

    /// What makes other objects of those in git.
    pub(crate) fn transformations(&self) -> Vec<&'static str> {
        let is_set = |value: &Value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => true,
        };
        let mut set = TRANSFORMATIONS.to_vec();
        set.retain(|name| is_set(self.spec(name)));
        set
    }

    /// What it has applied and would prune.
    pub(crate) fn inventory(&self) -> Result<BTreeSet<ObjectRef>, Obstacle> {
        let entries = &self.object["status"]["inventory"]["entries"];
        let entries = entries.as_array().into_iter().flatten();
        entries
            .map(|entry| {
                let id = entry["id"].as_str().unwrap_or_default();
                inventory::parse(id).ok_or_else(|| {
                    let message = format!("its inventory has an entry that cannot be read: `{id}`");
                    Obstacle::new(Reason::Malformed, message)
                })
            })
            .collect()
    }

    /// As an object among others.
    pub(crate) fn reference(&self) -> ObjectRef {
        ObjectRef {
            group: crate::object::KUSTOMIZE_GROUP.to_owned(),
            kind: "Kustomization".to_owned(),
            namespace: Some(self.name.namespace.clone()),
            name: self.name.name.clone(),
        }
    }
}

//! Where a Kustomization's contents come from.

use serde_json::Value;

use crate::report::ObjectRef;
use crate::revision::Revision;

/// The group of Flux's sources.
const GROUP: &str = "source.toolkit.fluxcd.io";
/// What an artifact of a registry was made of.
const ORIGIN: &str = "org.opencontainers.image.revision";

/// A source by what identifies it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceRef {
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl SourceRef {
    /// As an object among others.
    pub(crate) fn reference(&self) -> ObjectRef {
        ObjectRef {
            group: GROUP.to_owned(),
            kind: self.kind.clone(),
            namespace: Some(self.namespace.clone()),
            name: self.name.clone(),
        }
    }
}

/// A source, as the cluster has it.
#[derive(Debug, Clone)]
pub(crate) struct Source(pub(super) Value);

impl Source {
    /// Out of an answer of the API server.
    pub(crate) fn of(object: Value) -> Self {
        Self(object)
    }

    /// The revision that it has fetched.
    pub(crate) fn revision(&self) -> Option<Revision> {
        let artifact = &self.0["status"]["artifact"];
        let revision = artifact["revision"].as_str()?;
        Some(Revision::new(
            revision,
            artifact["metadata"][ORIGIN].as_str(),
        ))
    }

    pub(super) fn is_suspended(&self) -> bool {
        self.0["spec"]["suspend"] == true
    }

    pub(super) fn verifies(&self) -> bool {
        self.0["spec"]["verify"].is_object()
    }
}

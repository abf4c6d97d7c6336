//! What is known of the kinds of objects that plugins emit, and on whose word.

use std::borrow::Cow;

use serde_json::Value;
use ztgit_plugin::{ObjectSchema, ObjectScope};

use crate::check::objects::{ObjectSchemas, Scope};
use crate::plan::Plugins;
use crate::plugin::Origin;

/// The kinds that objects are checked against.
#[derive(Clone)]
pub(super) struct Kinds {
    /// Everything that is described: what fields an object may have.
    pub(super) described: ObjectSchemas,
    /// Kubernetes' kinds, Flux's and those of first-party plugins: the scope
    /// of these decides which grant an object needs. No third-party plugin can
    /// change what is in it by describing it anew.
    pub(super) vouched: ObjectSchemas,
}

impl Kinds {
    /// Built-in kinds, Flux's, and those that plugins describe.
    pub(super) fn of(plugins: &Plugins<'_>) -> Self {
        let described_by = |origin: Origin| {
            plugins
                .iter()
                .filter(move |plugin| plugin.origin() == origin)
                .flat_map(|plugin| &plugin.description().schemas)
        };
        let mut vouched = ObjectSchemas::builtin();
        for schema in described_by(Origin::FirstParty) {
            add(&mut vouched, schema);
        }
        let mut described = vouched.clone();
        for schema in described_by(Origin::ThirdParty) {
            if vouched.scope(&schema.api_version, &schema.kind).is_none() {
                add(&mut described, schema);
            }
        }
        Self { described, vouched }
    }

    /// With those that `CustomResourceDefinitions` define, if there are any.
    pub(super) fn and_of<'c>(&self, crds: impl Iterator<Item = &'c Value>) -> Cow<'_, Self> {
        let mut defined = ObjectSchemas::builtin();
        crds.for_each(|crd| defined.add_crd(crd));
        if defined.is_builtin() {
            return Cow::Borrowed(self);
        }
        let mut kinds = self.clone();
        kinds.described.extend(&defined);
        kinds.vouched.extend(&defined);
        Cow::Owned(kinds)
    }
}

fn add(schemas: &mut ObjectSchemas, described: &ObjectSchema) {
    let scope = match described.scope {
        ObjectScope::Namespaced => Scope::Namespaced,
        ObjectScope::Cluster => Scope::Cluster,
    };
    schemas.add_schema(
        &described.api_version,
        &described.kind,
        scope,
        described.schema.clone(),
    );
}

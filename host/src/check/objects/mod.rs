//! The strict check of Kubernetes objects.
//!
//! Enters: schemas (built-in kinds and Flux's are at hand, custom ones are
//! added from `CustomResourceDefinitions` or from what plugins describe) and
//! objects as JSON. Leaves: every violation of an object, each at its JSON
//! Pointer. It is stricter than an API server, which drops unknown fields of
//! built-in kinds without a word: whatever would not be applied as written is
//! a violation. Rules in CEL (`x-kubernetes-validations`) are not run.
//!
//! A schema is compiled at the first object of its kind; checking is one pass
//! over schema and object and is shared freely among threads.

mod alternatives;
mod catalogue;
mod compile;
mod defaults;
mod format;
mod list;
mod location;
mod metadata;
mod names;
mod notation;
mod pattern;
mod report;
mod rules;
mod schema;
mod suggest;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use catalogue::Kind;
use location::Location;
use report::Report;

/// Whether objects of a kind live in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// They do.
    Namespaced,
    /// They do not.
    Cluster,
}

/// One thing that is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) into the object.
    pub pointer: String,
    /// Lower case, no period.
    pub message: String,
    /// One thing that its author can do.
    pub hint: Option<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// All that is wrong with an object of a known kind; empty when it is
    /// valid.
    Known(Vec<Violation>),
    /// No schema describes this kind.
    Unknown(UnknownKind),
}

/// An object whose fields nothing describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKind {
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its `kind`.
    pub kind: String,
    /// What may have been meant.
    pub hint: Option<String>,
    /// What is wrong with its metadata all the same.
    pub violations: Vec<Violation>,
}

/// All kinds that can be checked. A clone shares the schemas.
#[derive(Debug, Clone, Default)]
pub struct ObjectSchemas {
    /// `apiVersion` -> `kind`; these come before the built-in ones.
    added: BTreeMap<String, BTreeMap<String, Arc<Kind>>>,
}

impl ObjectSchemas {
    /// The built-in kinds of Kubernetes and those of Flux.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Adds a custom kind with its structural schema (`openAPIV3Schema`).
    /// What was known of this kind before is replaced.
    pub fn add_schema(&mut self, api_version: &str, kind: &str, scope: Scope, schema: Value) {
        let kinds = self.added.entry(api_version.to_owned()).or_default();
        kinds.insert(kind.to_owned(), Arc::new(Kind::new(scope, schema)));
    }

    /// Adds every served version of a `CustomResourceDefinition` object. What is
    /// no such object adds nothing: its own check says what is wrong with it.
    pub fn add_crd(&mut self, crd: &Value) {
        let spec = &crd["spec"];
        let (Some(group), Some(kind)) = (spec["group"].as_str(), spec["names"]["kind"].as_str())
        else {
            return;
        };
        let scope = Scope::named(spec["scope"].as_str().unwrap_or_default());
        for version in spec["versions"].as_array().into_iter().flatten() {
            let schema = &version["schema"]["openAPIV3Schema"];
            if let (Some(name), Some(true), Value::Object(_)) = (
                version["name"].as_str(),
                version["served"].as_bool(),
                schema,
            ) {
                self.add_schema(&format!("{group}/{name}"), kind, scope, schema.clone());
            }
        }
    }

    /// Adds what others have added; of two descriptions of a kind, theirs stays.
    pub fn extend(&mut self, others: &Self) {
        for (api_version, kinds) in &others.added {
            let own = self.added.entry(api_version.clone()).or_default();
            own.extend(
                kinds
                    .iter()
                    .map(|(name, kind)| (name.clone(), Arc::clone(kind))),
            );
        }
    }

    /// Whether nothing was added.
    pub fn is_builtin(&self) -> bool {
        self.added.is_empty()
    }

    /// The scope of a kind, where it is known.
    pub fn scope(&self, api_version: &str, kind: &str) -> Option<Scope> {
        self.kind(api_version, kind).map(|found| found.scope)
    }

    /// Checks one object: its fields, names, labels, annotations and whether
    /// it names a namespace if and only if its kind has one.
    pub fn check(&self, object: &Value) -> Checked {
        let (api_version, name) = match (object["apiVersion"].as_str(), object["kind"].as_str()) {
            (Some(api_version), Some(kind)) => (api_version, kind),
            (None, _) => return Checked::Known(vec![untold("apiVersion")]),
            (_, None) => return Checked::Known(vec![untold("kind")]),
        };
        let mut report = Report::Violations(Vec::new());
        if let Some(kind) = self.kind(api_version, name) {
            metadata::check(object, (api_version, name), Some(kind.scope), &mut report);
            walk::check(kind.schema(), object, &Location::Root, &mut report);
            return Checked::Known(report.into_violations());
        }
        let elsewhere = self.elsewhere(api_version, name);
        if let (None, Some(violation)) = (elsewhere, self.misspelt_builtin(api_version, name)) {
            return Checked::Known(vec![violation]);
        }
        metadata::check(object, (api_version, name), None, &mut report);
        walk::check(
            catalogue::any_object(),
            object,
            &Location::Root,
            &mut report,
        );
        Checked::Unknown(UnknownKind {
            api_version: api_version.to_owned(),
            kind: name.to_owned(),
            hint: elsewhere
                .map(|version| format!("`{name}` is known in `{version}`"))
                .or_else(|| suggest::hint(name, self.kinds_of(api_version).into_iter())),
            violations: report.into_violations(),
        })
    }

    fn kind(&self, api_version: &str, kind: &str) -> Option<&Kind> {
        let added = self
            .added
            .get(api_version)
            .and_then(|kinds| kinds.get(kind));
        added
            .map(Arc::as_ref)
            .or_else(|| catalogue::kind(api_version, kind))
    }

    /// A cluster of another version may know kinds of Kubernetes that we do
    /// not, so only what is nearly one that we know is wrong for certain.
    fn misspelt_builtin(&self, api_version: &str, kind: &str) -> Option<Violation> {
        catalogue::is_kubernetes(api_version).then_some(())?;
        let meant = suggest::closest(kind, self.kinds_of(api_version))?;
        Some(Violation {
            pointer: "/kind".to_owned(),
            message: format!("`{api_version}` has no kind `{kind}`"),
            hint: Some(format!("did you mean `{meant}`?")),
        })
    }

    /// An `apiVersion` that has this kind: rather of the same group, rather a
    /// stable one.
    fn elsewhere(&self, api_version: &str, kind: &str) -> Option<&str> {
        let group = |version: &str| version.split_once('/').map(|(group, _)| group.to_owned());
        let wanted = group(api_version);
        let stable = |version: &str| !version.contains("alpha") && !version.contains("beta");
        self.api_versions()
            .into_iter()
            .filter(|version| self.kind(version, kind).is_some())
            .max_by_key(|version| (group(version) == wanted, stable(version), *version))
    }

    fn api_versions(&self) -> Vec<&str> {
        self.added
            .keys()
            .map(String::as_str)
            .chain(catalogue::api_versions())
            .collect()
    }

    fn kinds_of(&self, api_version: &str) -> Vec<&str> {
        let added = self
            .added
            .get(api_version)
            .into_iter()
            .flat_map(BTreeMap::keys);
        added
            .map(String::as_str)
            .chain(catalogue::kinds_of(api_version))
            .collect()
    }
}

impl Scope {
    fn named(name: &str) -> Self {
        if name == "Cluster" {
            Self::Cluster
        } else {
            Self::Namespaced
        }
    }
}

fn untold(field: &str) -> Violation {
    Location::Root.violation(format!("`{field}` is missing or not a string"))
}

//! What a plugin says of itself.

use serde_json::Value;

use crate::fact::StandardFact;

/// What a plugin is. Built by chaining; the config's schema is added by
/// [`export!`](crate::export).
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// A DNS label.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// One line.
    pub summary: String,
    /// JSON Schema of the config.
    pub config_schema: Value,
    /// Kinds of facts that it states, each with its schema; `null` for
    /// standard kinds.
    pub provides: Vec<(String, Value)>,
    /// Kinds of facts that it wants.
    pub consumes: Vec<(String, Cardinality)>,
    /// Custom kinds that it emits without their CRD.
    pub schemas: Vec<ObjectSchema>,
    /// What it needs to be allowed.
    pub grants: Grants,
}

/// How many plugins may state facts of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// Exactly one.
    One,
    /// Any number, also none.
    Many,
}

/// The shape of a custom kind.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectSchema {
    /// `group/version`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// Whether it lives in a namespace.
    pub scope: ObjectScope,
    /// `openAPIV3Schema` of that version.
    pub schema: Value,
}

/// Whether objects of a kind live in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectScope {
    /// They do.
    Namespaced,
    /// They do not.
    Cluster,
}

/// What a plugin may write and state; everything absent is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    /// Namespaces of its objects; `*` is any.
    pub namespaces: Vec<String>,
    /// Cluster-scoped kinds as `Kind.group`; `*` is any.
    pub cluster_kinds: Vec<String>,
    /// Host paths; one that ends in `/` is everything below.
    pub host_paths: Vec<String>,
    /// Facts with their limits, by kind.
    pub facts: Vec<(String, Vec<String>)>,
}

impl Description {
    /// A plugin that states, wants and may nothing yet.
    pub fn new(name: &str, version: &str, summary: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            summary: summary.to_owned(),
            config_schema: Value::Null,
            provides: Vec::new(),
            consumes: Vec::new(),
            schemas: Vec::new(),
            grants: Grants::default(),
        }
    }

    /// It states facts of a standard kind, within these limits.
    pub fn provides<F: StandardFact>(mut self, limits: &[&str]) -> Self {
        self.provides.push((F::KIND.to_owned(), Value::Null));
        self.grants.facts.push((F::KIND.to_owned(), owned(limits)));
        self
    }

    /// It states facts of a kind of its own.
    pub fn provides_custom(mut self, kind: &str, schema: Value) -> Self {
        self.provides.push((kind.to_owned(), schema));
        self.grants
            .facts
            .push((kind.to_owned(), vec!["*".to_owned()]));
        self
    }

    /// It wants facts of a standard kind, from any number of plugins.
    pub fn consumes<F: StandardFact>(self) -> Self {
        self.consumes_kind(F::KIND, Cardinality::Many)
    }

    /// It wants facts of a kind.
    pub fn consumes_kind(mut self, kind: &str, cardinality: Cardinality) -> Self {
        self.consumes.push((kind.to_owned(), cardinality));
        self
    }

    /// It emits a custom kind.
    pub fn schema(mut self, schema: ObjectSchema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// It emits objects in these namespaces.
    pub fn in_namespaces(mut self, namespaces: &[&str]) -> Self {
        self.grants.namespaces.extend(owned(namespaces));
        self
    }

    /// It emits these cluster-scoped kinds (`Kind.group`).
    pub fn cluster_kinds(mut self, kinds: &[&str]) -> Self {
        self.grants.cluster_kinds.extend(owned(kinds));
        self
    }

    /// It writes these host paths.
    pub fn host_paths(mut self, paths: &[&str]) -> Self {
        self.grants.host_paths.extend(owned(paths));
        self
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

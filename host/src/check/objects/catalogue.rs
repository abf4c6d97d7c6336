//! The kinds that are always known: Kubernetes' own and those of Flux.
//!
//! They are embedded as `scripts/vendor/` wrote them, unpacked at the first
//! look, and each kind or definition is compiled at its first use.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{LazyLock, OnceLock};

use flate2::read::ZlibDecoder;
use serde_json::Value;

use super::schema::Schema;
use super::{Scope, compile};

/// The definition of `metadata`.
pub(super) const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// A kind of objects.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) scope: Scope,
    source: Value,
    schema: OnceLock<Schema>,
}

impl Kind {
    pub(super) fn new(scope: Scope, source: Value) -> Self {
        Self {
            scope,
            source,
            schema: OnceLock::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn source(&self) -> &Value {
        &self.source
    }

    pub(super) fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| compile::object(&self.source))
    }
}

/// A part of the built-in kinds that several of them share.
#[derive(Debug)]
pub(super) struct Definition {
    source: Value,
    schema: OnceLock<Schema>,
}

impl Definition {
    pub(super) fn source(&self) -> &Value {
        &self.source
    }

    pub(super) fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| compile::structure(&self.source))
    }
}

type Kinds = BTreeMap<String, BTreeMap<String, Kind>>;

struct Kubernetes {
    definitions: BTreeMap<String, Definition>,
    kinds: Kinds,
}

static KUBERNETES: LazyLock<Kubernetes> = LazyLock::new(|| {
    let mut data = unpack(include_bytes!("../../../data/kubernetes.json.zz"));
    let definitions = std::mem::take(data["definitions"].as_object_mut().expect("an object"));
    let mut kinds = Kinds::new();
    for entry in data["kinds"].as_array().expect("a list") {
        let source = definitions[text(entry, "definition")].clone();
        insert(&mut kinds, entry, source);
    }
    let definitions = definitions
        .into_iter()
        .map(|(name, source)| {
            (
                name,
                Definition {
                    source,
                    schema: OnceLock::new(),
                },
            )
        })
        .collect();
    Kubernetes { definitions, kinds }
});

static FLUX: LazyLock<Kinds> = LazyLock::new(|| {
    let mut data = unpack(include_bytes!("../../../data/flux.json.zz"));
    let mut kinds = Kinds::new();
    for entry in data.as_array_mut().expect("a list") {
        let source = entry["schema"].take();
        insert(&mut kinds, entry, source);
    }
    kinds
});

/// A kind that needs no adding.
pub(super) fn kind(api_version: &str, kind: &str) -> Option<&'static Kind> {
    let find = |kinds: &'static Kinds| kinds.get(api_version)?.get(kind);
    find(&KUBERNETES.kinds).or_else(|| find(&FLUX))
}

/// What is known of objects of any kind: their metadata.
pub(super) fn any_object() -> &'static Schema {
    static ANY: LazyLock<Schema> = LazyLock::new(|| compile::object(&Value::Null));
    &ANY
}

/// What a `$ref` of the built-in kinds means.
pub(super) fn definition(name: &str) -> Option<&'static Definition> {
    KUBERNETES.definitions.get(name)
}

/// Whether Kubernetes itself serves kinds of this `apiVersion`.
pub(super) fn is_kubernetes(api_version: &str) -> bool {
    KUBERNETES.kinds.contains_key(api_version)
}

/// Every `apiVersion` with a kind.
pub(super) fn api_versions<'a>() -> impl Iterator<Item = &'a str> {
    KUBERNETES
        .kinds
        .keys()
        .chain(FLUX.keys())
        .map(String::as_str)
}

/// The kinds of one `apiVersion`.
pub(super) fn kinds_of<'a>(api_version: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let kinds = KUBERNETES
        .kinds
        .get(api_version)
        .or_else(|| FLUX.get(api_version));
    kinds
        .into_iter()
        .flat_map(BTreeMap::keys)
        .map(String::as_str)
}

fn insert(kinds: &mut Kinds, entry: &Value, source: Value) {
    let of_version = kinds
        .entry(text(entry, "apiVersion").to_owned())
        .or_default();
    let kind = Kind::new(Scope::named(text(entry, "scope")), source);
    of_version.insert(text(entry, "kind").to_owned(), kind);
}

fn text<'a>(entry: &'a Value, field: &str) -> &'a str {
    entry[field]
        .as_str()
        .expect("the script writes this field as a string")
}

fn unpack(packed: &[u8]) -> Value {
    let mut text = Vec::new();
    let read = ZlibDecoder::new(packed).read_to_end(&mut text);
    read.expect("the data is embedded as the script wrote it");
    serde_json::from_slice(&text).expect("the script packs valid JSON")
}

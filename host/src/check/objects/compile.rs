//! From a schema as JSON to a [`Schema`].
//!
//! Any JSON compiles: what is not understood limits nothing, for whether a
//! `CustomResourceDefinition` is valid is a question for its own check.

use std::collections::BTreeMap;

use serde_json::Value;

use super::catalogue::{self, OBJECT_META};
use super::defaults;
use super::rules::Rules;
use super::schema::{Key, List, Node, Null, Others, Schema, Types};

/// What a schema says of fields that it does not name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// There are none.
    Structure,
    /// Nothing: it only limits values whose structure is said elsewhere, as
    /// below `anyOf`.
    Limits,
}

/// The schema of a part of an object.
pub(super) fn structure(source: &Value) -> Schema {
    compile(source, Reading::Structure)
}

/// The schema of whole objects: with `apiVersion`, `kind` and `metadata`, of
/// which `CustomResourceDefinitions` say nothing, and without a look at
/// `status`, which is not part of what anybody declares.
pub(super) fn object(source: &Value) -> Schema {
    let mut node = node(source, Reading::Structure);
    add_object_fields(&mut node.fields);
    node.fields.insert("metadata".into(), object_meta());
    node.fields
        .insert("status".into(), compile(&Value::Null, Reading::Limits));
    node.required.retain(|name| &**name != "status");
    Schema::Node(Box::new(node))
}

fn compile(source: &Value, reading: Reading) -> Schema {
    if let Some(definition) = referred(source) {
        return Schema::Reference(definition);
    }
    Schema::Node(Box::new(node(source, reading)))
}

fn node(source: &Value, reading: Reading) -> Node {
    let fields = fields(source, reading);
    let items = source.get("items").map(|items| compile(items, reading));
    let others = others(source, reading, fields.is_empty());
    let defaults = defaults(source);
    let each = if let Others::Each(each) = &others {
        Some(each)
    } else {
        None
    };
    let fills = !defaults.is_empty()
        || fields
            .values()
            .chain(items.as_ref())
            .chain(each)
            .any(defaults::fills);
    let mut required = names(&source["required"]);
    required.retain(|name| defaults.iter().all(|(defaulted, _)| defaulted != name));
    Node {
        types: types(source),
        null: null(source),
        others,
        required,
        defaults,
        fills,
        list: list(source),
        rules: Rules::of(source, |part| compile(part, Reading::Limits)).map(Box::new),
        fields,
        items,
    }
}

fn referred(source: &Value) -> Option<&'static catalogue::Definition> {
    catalogue::definition(source.get("$ref")?.as_str()?)
}

fn types(source: &Value) -> Types {
    if is_true(source, "x-kubernetes-int-or-string") {
        return Types::INTEGER | Types::STRING;
    }
    match &source["type"] {
        Value::String(name) => Types::named(name),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .map(Types::named)
            .fold(Types::ANY, |all, one| all | one),
        _ => Types::ANY,
    }
}

/// Where anything goes, `null` is a value like others: in the values of a Helm
/// chart it takes a default away.
fn null(source: &Value) -> Null {
    let untyped = source.get("type").is_none() && !is_true(source, "x-kubernetes-int-or-string");
    if is_true(source, "nullable") || untyped {
        Null::Allowed
    } else {
        Null::Refused
    }
}

fn fields(source: &Value, reading: Reading) -> BTreeMap<Box<str>, Schema> {
    let named = source["properties"].as_object().into_iter().flatten();
    let mut fields: BTreeMap<Box<str>, Schema> = named
        .map(|(name, part)| (name.as_str().into(), compile(part, reading)))
        .collect();
    if is_true(source, "x-kubernetes-embedded-resource") {
        add_object_fields(&mut fields);
        fields.insert("metadata".into(), object_meta());
    }
    fields
}

fn defaults(source: &Value) -> Vec<(Box<str>, Value)> {
    let named = source["properties"].as_object().into_iter().flatten();
    let with_default = named.filter(|(_, part)| !part["default"].is_null());
    with_default
        .map(|(name, part)| (name.as_str().into(), part["default"].clone()))
        .collect()
}

fn add_object_fields(fields: &mut BTreeMap<Box<str>, Schema>) {
    let text = serde_json::json!({"type": "string"});
    for name in ["apiVersion", "kind"] {
        fields.insert(name.into(), structure(&text));
    }
}

fn object_meta() -> Schema {
    let definition = catalogue::definition(OBJECT_META);
    Schema::Reference(definition.expect("the definitions of Kubernetes have its metadata"))
}

fn others(source: &Value, reading: Reading, no_fields: bool) -> Others {
    let says_nothing = source.get("type").is_none() && no_fields;
    match &source["additionalProperties"] {
        part @ Value::Object(_) => Others::Each(compile(part, reading)),
        Value::Bool(true) => Others::Anything,
        _ if reading == Reading::Limits || says_nothing => Others::Anything,
        _ if is_true(source, "x-kubernetes-preserve-unknown-fields") => Others::Anything,
        _ => Others::Refused,
    }
}

fn list(source: &Value) -> List {
    match source["x-kubernetes-list-type"].as_str() {
        Some("set") => List::Set,
        Some("map") => List::Map(keys(source)),
        _ => List::Atomic,
    }
}

fn keys(source: &Value) -> Vec<Key> {
    let items = &source["items"];
    let items = referred(items).map_or(items, catalogue::Definition::source);
    names(&source["x-kubernetes-list-map-keys"])
        .into_iter()
        .map(|name| {
            let default = items["properties"][&*name]["default"].clone();
            Key { name, default }
        })
        .collect()
}

fn names(list: &Value) -> Vec<Box<str>> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(Into::into)
        .collect()
}

fn is_true(source: &Value, keyword: &str) -> bool {
    source[keyword] == Value::Bool(true)
}

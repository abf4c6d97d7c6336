//! What an API server says of an object before it takes it: its schema, keys
//! that no schema knows, and the rules in CEL.
//!
//! Defaults are filled in first, as rules speak of what they fill in. Rules
//! that compare with an object's earlier state are passed over.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use cel::extractors::This;
use cel::{Context, Program};
use serde_json::{Map, Value, json};
use ztgit_plugin::testing::Rendered;
use ztgit_plugin::{ObjectSchema, Plugin, vendored};
use ztgit_plugin_gateway_tls::GatewayTls;

/// Schemas by `apiVersion` and kind.
pub(crate) struct Definitions(BTreeMap<(String, String), Value>);

impl Definitions {
    /// Those in the output, those that the plugin describes, and those of what
    /// Cilium and Flux bring.
    pub(crate) fn of(rendered: &Rendered) -> Self {
        let cilium = include_bytes!("../../../cilium/data/crds.json.zz");
        let flux = include_bytes!("../../../../host/data/flux.json.zz");
        let described = GatewayTls::describe().schemas.into_iter();
        let vendored = [&cilium[..], &flux[..]].into_iter();
        let schemas = described.chain(vendored.flat_map(vendored::schemas));
        let mut definitions: BTreeMap<_, _> = schemas.map(described_as).collect();
        let objects = rendered.manifests().map(|manifest| &manifest.object);
        for object in objects.filter(|object| object.kind() == "CustomResourceDefinition") {
            definitions.extend(versions(object.at("/spec").unwrap()));
        }
        Self(definitions)
    }

    /// Everything wrong with an object; `None` where its kind is not known.
    pub(crate) fn problems(&self, object: &Value) -> Option<Vec<String>> {
        let text = |field: &str| object[field].as_str().unwrap().to_owned();
        let schema = self.0.get(&(text("apiVersion"), text("kind")))?;
        let mut object = object.clone();
        fill_in(schema, &mut object);
        let validator = jsonschema::validator_for(&strict(schema)).unwrap();
        let mut found: Vec<_> = validator
            .iter_errors(&object)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        broken_rules(schema, &object, &mut found);
        Some(found)
    }
}

fn described_as(described: ObjectSchema) -> ((String, String), Value) {
    ((described.api_version, described.kind), described.schema)
}

fn versions(spec: &Value) -> impl Iterator<Item = ((String, String), Value)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (group, kind) = (text(&spec["group"]), text(&spec["names"]["kind"]));
    let versions = spec["versions"].as_array().unwrap().iter();
    versions.map(move |version| {
        let api_version = format!("{group}/{}", text(&version["name"]));
        let schema = version["schema"]["openAPIV3Schema"].clone();
        ((api_version, kind.clone()), schema)
    })
}

/// A schema that knows no keys but its own.
pub(crate) fn strict(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let Some(keywords) = schema.as_object_mut() else {
        return schema;
    };
    if keywords.contains_key("x-kubernetes-int-or-string") {
        keywords.remove("type");
        return schema;
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = keywords.get_mut(keyword) {
            *inner = strict(inner);
        }
    }
    let open = keywords.contains_key("x-kubernetes-preserve-unknown-fields");
    if let Some(Value::Object(properties)) = keywords.get_mut("properties") {
        for property in properties.values_mut() {
            *property = strict(property);
        }
        if !open {
            keywords.insert("additionalProperties".to_owned(), false.into());
        }
    }
    schema
}

fn fill_in(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let properties = schema["properties"].as_object();
            for (name, property) in properties.into_iter().flatten() {
                if let Some(default) = property.get("default") {
                    fields.entry(name).or_insert_with(|| default.clone());
                }
                if let Some(field) = fields.get_mut(name) {
                    fill_in(property, field);
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| fill_in(&schema["items"], item)),
        _ => {}
    }
}

fn broken_rules(schema: &Value, value: &Value, found: &mut Vec<String>) {
    let rules = schema["x-kubernetes-validations"].as_array();
    for rule in rules.into_iter().flatten() {
        let rule = rule["rule"].as_str().unwrap();
        if rule.contains("oldSelf") {
            continue;
        }
        match evaluate(rule, value) {
            Ok(true) => {}
            Ok(false) => found.push(format!("{rule} does not hold for {value}")),
            Err(error) => found.push(format!("{rule}: {error}")),
        }
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        broken_rules(&schema["properties"][name], field, found);
    }
    for item in value.as_array().into_iter().flatten() {
        broken_rules(&schema["items"], item, found);
    }
}

fn evaluate(rule: &str, value: &Value) -> Result<bool, String> {
    let program = Program::compile(rule).map_err(|error| error.to_string())?;
    let mut context = Context::default();
    let is_address = |text: Arc<String>| text.parse::<IpAddr>().is_ok();
    context.add_function("isIP", is_address).unwrap();
    context.add_function("substring", substring).unwrap();
    let duration = |text: Arc<String>| milliseconds(&text);
    context.add_function("duration", duration).unwrap();
    context.add_variable("self", escaped(value)).unwrap();
    match program.execute(&context) {
        Ok(cel::Value::Bool(holds)) => Ok(holds),
        Ok(other) => Err(format!("gives {other:?}")),
        Err(error) => Err(error.to_string()),
    }
}

fn substring(This(text): This<Arc<String>>, start: i64) -> String {
    let start = usize::try_from(start).unwrap();
    text.chars().skip(start).collect()
}

/// As rules see names that are words of CEL.
fn escaped(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| {
                let name = match name.as_str() {
                    "namespace" => "__namespace__",
                    other => other,
                };
                (name.to_owned(), escaped(field))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(escaped).collect(),
        other => other.clone(),
    }
}

fn milliseconds(text: &str) -> i64 {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let found = units.into_iter().find_map(|(unit, factor)| {
        let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(number * factor)
    });
    found.unwrap_or_else(|| panic!("{text} has one unit in these tests"))
}

#[test]
fn a_key_that_no_schema_knows_is_found() {
    let rendered = crate::render(&json!({}));
    let mut gateway = rendered.object("Gateway", "homelab-gateway");
    gateway["spec"]["listeners"][0]["hostnames"] = json!([]);
    let found = Definitions::of(&rendered).problems(&gateway).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("hostnames"), "{found:?}");
}

#[test]
fn a_broken_rule_is_found() {
    let rendered = crate::render(&json!({}));
    let mut gateway = rendered.object("Gateway", "homelab-gateway");
    let listener = gateway["spec"]["listeners"][0].clone();
    gateway["spec"]["listeners"]
        .as_array_mut()
        .unwrap()
        .push(listener);
    let found = Definitions::of(&rendered).problems(&gateway).unwrap();
    // Neither the name nor port, protocol and host are unique.
    assert_eq!(found.len(), 2, "{found:?}");
}

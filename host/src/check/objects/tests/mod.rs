mod builtin;
mod custom;
mod identity;
mod values;

use std::io::Read;

use flate2::read::ZlibDecoder;
use serde_json::Value;

use super::{Checked, ObjectSchemas, Scope, Violation};

/// The built-in kinds, those of Cilium and Gateway API.
fn schemas() -> ObjectSchemas {
    let mut schemas = ObjectSchemas::builtin();
    add_list(
        &mut schemas,
        include_bytes!("../../../../../plugins/cilium/data/crds.json.zz"),
    );
    for object in gateway_api() {
        schemas.add_crd(&object);
    }
    schemas
}

fn add_list(schemas: &mut ObjectSchemas, packed: &[u8]) {
    for entry in unpack(packed) {
        let scope = Scope::named(entry["scope"].as_str().unwrap());
        let text = |field: &str| entry[field].as_str().unwrap();
        schemas.add_schema(
            text("apiVersion"),
            text("kind"),
            scope,
            entry["schema"].clone(),
        );
    }
}

fn gateway_api() -> Vec<Value> {
    unpack(include_bytes!(
        "../../../../../plugins/gateway-tls/data/gateway-api.json.zz"
    ))
}

fn unpack(packed: &[u8]) -> Vec<Value> {
    let mut text = Vec::new();
    ZlibDecoder::new(packed).read_to_end(&mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// What is wrong with an object of a known kind, a line each:
/// `pointer: message (hint)`.
fn problems(object: &Value) -> Vec<String> {
    problems_in(&schemas(), object)
}

fn problems_in(schemas: &ObjectSchemas, object: &Value) -> Vec<String> {
    match schemas.check(object) {
        Checked::Known(violations) => violations.iter().map(line).collect(),
        Checked::Unknown(unknown) => panic!("{unknown:?}"),
    }
}

fn line(violation: &Violation) -> String {
    let hint = violation
        .hint
        .as_ref()
        .map(|hint| format!(" ({hint})"))
        .unwrap_or_default();
    format!("{}: {}{hint}", violation.pointer, violation.message)
}

const NOTHING: [&str; 0] = [];

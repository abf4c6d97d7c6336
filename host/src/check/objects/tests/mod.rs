mod builtin;
mod custom;
mod identity;
mod values;

use serde_json::Value;
use ztgit_plugin::{Object, vendored};

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
    for entry in vendored::unpack(packed).as_array().expect("a list") {
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
    let packed = include_bytes!("../../../../../plugins/gateway-tls/data/gateway-api.jsonl.zz");
    let objects = vendored::objects(packed).into_iter();
    objects.map(Object::into_value).collect()
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

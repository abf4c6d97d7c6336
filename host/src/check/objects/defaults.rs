//! What an API server fills in before it validates.
//!
//! Only combinations of schemas (`oneOf` and the like) can tell the
//! difference: they ask for values that the author need not have written.

use std::borrow::Cow;

use serde_json::Value;

use super::schema::{Node, Others, Schema};

/// The value with all defaults in place.
pub(super) fn filled<'v>(node: &Node, value: &'v Value) -> Cow<'v, Value> {
    if !node.fills {
        return Cow::Borrowed(value);
    }
    let mut value = value.clone();
    fill(node, &mut value);
    Cow::Owned(value)
}

/// Whether a schema fills anything in. Definitions of the built-in kinds are
/// not looked into: none of them combines schemas.
pub(super) fn fills(schema: &Schema) -> bool {
    match schema {
        Schema::Reference(_) => false,
        Schema::Node(node) => node.fills,
    }
}

fn fill(node: &Node, value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, default) in &node.defaults {
                if !object.contains_key(&**name) {
                    object.insert(name.as_ref().to_owned(), default.clone());
                }
            }
            for (name, value) in object.iter_mut() {
                match (node.fields.get(name.as_str()), &node.others) {
                    (Some(schema), _) | (None, Others::Each(schema)) => fill_below(schema, value),
                    (None, Others::Anything | Others::Refused) => {}
                }
            }
        }
        Value::Array(items) => {
            for (schema, item) in node.items.iter().cycle().zip(items) {
                fill_below(schema, item);
            }
        }
        _ => {}
    }
}

fn fill_below(schema: &Schema, value: &mut Value) {
    if fills(schema) {
        fill(schema.node(), value);
    }
}

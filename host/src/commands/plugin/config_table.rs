//! The config of a plugin as a table: a JSON Schema goes in, a row for each
//! thing that a stack can say comes out.

use serde_json::Value;

/// How deep the table goes; a schema may refer to itself.
const DEPTH: usize = 6;

/// One thing that a stack can say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Keys with dots between them, `*` for any key, `[]` for each of a list.
    pub(super) key: String,
    /// What it takes.
    pub(super) kind: String,
    /// `required`, or the default, or nothing.
    pub(super) default: String,
    /// The first sentence of its description.
    pub(super) text: String,
}

/// All rows of a schema, in the order of keys.
pub(super) fn rows(schema: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    below(schema, schema, "", DEPTH, &mut rows);
    rows
}

/// The rows in columns, one line each.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let width = |column: fn(&Row) -> &str| rows.iter().map(|row| column(row).len()).max();
    let key = width(|row| &row.key).unwrap_or_default();
    let kind = width(|row| &row.kind).unwrap_or_default();
    let default = width(|row| &row.default).unwrap_or_default();
    rows.iter()
        .map(|row| {
            let line = format!(
                "{:<key$}  {:<kind$}  {:<default$}  {}",
                row.key, row.kind, row.default, row.text
            );
            line.trim_end().to_owned()
        })
        .collect()
}

fn below(root: &Value, schema: &Value, prefix: &str, depth: usize, rows: &mut Vec<Row>) {
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let schema = resolved(root, schema);
    let required = schema["required"].as_array();
    let properties = schema["properties"].as_object();
    for (name, property) in properties.into_iter().flatten() {
        let is_required = required.is_some_and(|names| names.iter().any(|n| n == name));
        let key = join(prefix, name);
        rows.push(row(root, property, &key, is_required));
        below(root, property, &key, depth, rows);
    }
    let values = &schema["additionalProperties"];
    if values.is_object() {
        below(root, values, &join(prefix, "*"), depth, rows);
    }
    if schema["items"].is_object() {
        below(root, &schema["items"], &format!("{prefix}[]"), depth, rows);
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn row(root: &Value, property: &Value, key: &str, is_required: bool) -> Row {
    let default = match property.get("default") {
        _ if is_required => "required".to_owned(),
        Some(Value::Null) | None => String::new(),
        Some(default) => default.to_string(),
    };
    let own = property["description"].as_str();
    let text = own.or_else(|| resolved(root, property)["description"].as_str());
    Row {
        key: key.to_owned(),
        kind: kind(root, property),
        default,
        text: first_sentence(text.unwrap_or_default()),
    }
}

/// Follows references, and the one alternative that is not `null`.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let mut schema = schema;
    for _ in 0..DEPTH {
        let target = schema["$ref"]
            .as_str()
            .and_then(|reference| root.pointer(reference.strip_prefix('#')?));
        let alternatives = schema["anyOf"].as_array().into_iter().flatten();
        let mut others = alternatives.filter(|other| other["type"] != "null");
        let only = others.next().filter(|_| others.next().is_none());
        match target.or(only) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

fn kind(root: &Value, schema: &Value) -> String {
    let schema = resolved(root, schema);
    let choices = |values: &Vec<Value>| {
        let texts: Vec<String> = values
            .iter()
            .filter(|value| !value.is_null())
            .map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
            .collect();
        texts.join("|")
    };
    if let Some(values) = schema["enum"].as_array() {
        return choices(values);
    }
    if let Some(cases) = schema["oneOf"].as_array() {
        let constants: Option<Vec<Value>> = cases
            .iter()
            .map(|case| case.get("const").cloned())
            .collect();
        return constants.map_or("one of several".to_owned(), |values| choices(&values));
    }
    let name = match &schema["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .find(|name| *name != "null")
            .unwrap_or("anything"),
        _ => "anything",
    };
    match name {
        "object" if schema["additionalProperties"].is_object() => {
            format!("map of {}", kind(root, &schema["additionalProperties"]))
        }
        "array" if schema["items"].is_object() => {
            format!("list of {}", kind(root, &schema["items"]))
        }
        name => name.to_owned(),
    }
}

fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_becomes_a_table() {
        let schema = json!({
            "$defs": {"Peer": {
                "type": "object",
                "required": ["address"],
                "properties": {"address": {"type": "string", "description": "Its address."}},
            }},
            "properties": {
                "mode": {"enum": ["on", "off"], "default": "on"},
                "peers": {
                    "type": "object",
                    "description": "Who may\nconnect. By name.",
                    "additionalProperties": {"$ref": "#/$defs/Peer"},
                },
                "port": {"type": ["integer", "null"]},
            },
            "required": ["peers"],
        });
        assert_eq!(
            lines(&rows(&schema)),
            [
                "mode             on|off         \"on\"",
                "peers            map of object  required  Who may connect.",
                "peers.*.address  string         required  Its address.",
                "port             integer",
            ]
        );
    }

    #[test]
    fn a_schema_that_refers_to_itself_has_an_end() {
        let schema = json!({
            "$defs": {"Tree": {"properties": {"child": {"$ref": "#/$defs/Tree"}}}},
            "$ref": "#/$defs/Tree",
        });
        assert_eq!(rows(&schema).len(), DEPTH);
    }
}

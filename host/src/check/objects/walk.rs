//! One pass over a schema and a value.

use serde_json::{Map, Value};

use super::location::Location;
use super::report::Report;
use super::schema::{Node, Null, Others, Schema};
use super::{Violation, defaults, list, suggest};

/// Reports everything that is wrong with `value`.
pub(super) fn check(schema: &Schema, value: &Value, at: &Location, report: &mut Report) {
    let node = schema.node();
    if value.is_null() {
        if node.null == Null::Refused {
            report.add(|| refused_null(at));
        }
        return;
    }
    if !node.types.contain(value) {
        report.add(|| wrong_type(node, value, at));
        return;
    }
    match value {
        Value::Object(object) => check_object(node, object, at, report),
        Value::Array(items) => check_list(node, items, at, report),
        _ => {}
    }
    if let Some(rules) = &node.rules {
        if rules.combine() {
            rules.check(&defaults::filled(node, value), at, report);
        } else {
            rules.check(value, at, report);
        }
    }
}

/// Whether a schema has nothing to say against a value.
pub(super) fn accepts(schema: &Schema, value: &Value) -> bool {
    let mut report = Report::Clean;
    check(schema, value, &Location::Root, &mut report);
    matches!(report, Report::Clean)
}

/// `null` where it would not stay.
pub(super) fn refused_null(at: &Location) -> Violation {
    at.violation("`null` where a value is expected")
        .hint("leave the field out: Flux would apply it again at every reconciliation")
}

fn check_object(node: &Node, object: &Map<String, Value>, at: &Location, report: &mut Report) {
    for (name, value) in object {
        match (node.fields.get(name.as_str()), &node.others) {
            (Some(field), _) => check(field, value, &at.field(name), report),
            (None, Others::Each(other)) => check(other, value, &at.field(name), report),
            (None, Others::Anything) => {}
            (None, Others::Refused) => report.add(|| unknown_field(node, name, at)),
        }
    }
    for name in node
        .required
        .iter()
        .filter(|name| !object.contains_key(&***name))
    {
        report.add(|| at.violation(format!("required field `{name}` is missing")));
    }
}

fn check_list(node: &Node, items: &[Value], at: &Location, report: &mut Report) {
    if let Some(schema) = &node.items {
        for (index, item) in items.iter().enumerate() {
            check(schema, item, &at.item(index), report);
        }
    }
    list::check_distinct(&node.list, items, at, report);
}

fn unknown_field(node: &Node, name: &str, at: &Location) -> Violation {
    let known = node.fields.keys().map(|name| &**name);
    let violation = at.field(name).violation(format!("unknown field `{name}`"));
    violation.maybe_hint(suggest::hint(name, known))
}

fn wrong_type(node: &Node, value: &Value, at: &Location) -> Violation {
    let expected = node.types.describe();
    at.violation(format!("expected {expected}, found {}", describe(value)))
        .maybe_hint(conversion(node, value))
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(boolean) => format!("boolean `{boolean}`"),
        Value::Number(number) if number.is_f64() => format!("number `{number}`"),
        Value::Number(number) => format!("integer `{number}`"),
        Value::String(text) => format!("string {}", quoted(text)),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
    }
}

/// A text as JSON, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let cut: String = text.chars().take(SHOWN).collect();
    let rest = if cut.len() < text.len() { "..." } else { "" };
    format!("{}{rest}", Value::String(cut))
}

/// The usual reason of a wrong type is a quote too many or too few.
fn conversion(node: &Node, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let bare: Value = serde_json::from_str(text).ok()?;
            let scalar = bare.is_boolean() || bare.is_number();
            (scalar && node.types.contain(&bare)).then(|| format!("write `{text}` without quotes"))
        }
        Value::Bool(_) | Value::Number(_) => node
            .types
            .contain(&Value::String(String::new()))
            .then(|| format!("write \"{value}\" in quotes")),
        _ => None,
    }
}

//! Lists whose items an API server tells apart by value or by key: server-side
//! apply refuses two that are the same.

use std::collections::BTreeMap;

use serde_json::Value;

use super::location::Location;
use super::report::Report;
use super::schema::{Key, List};

/// Reports each item that equals an earlier one.
pub(super) fn check_distinct(list: &List, items: &[Value], at: &Location, report: &mut Report) {
    if items.len() < 2 || matches!(list, List::Atomic) {
        return;
    }
    let mut seen = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let Some(identity) = identity(list, item) else {
            continue;
        };
        if let Some(first) = seen.get(&identity) {
            report.add(|| {
                at.item(index)
                    .violation(format!("{} is already item {first}", named(list, item)))
            });
        } else {
            seen.insert(identity, index);
        }
    }
}

/// A text that two items share if and only if they are the same to the list;
/// none where items may repeat.
fn identity(list: &List, item: &Value) -> Option<String> {
    match list {
        List::Atomic => None,
        List::Set => Some(item.to_string()),
        List::Map(keys) => item.is_object().then(|| {
            let values: Vec<String> = keys
                .iter()
                .map(|key| value(key, item).to_string())
                .collect();
            values.join(",")
        }),
    }
}

fn value<'a>(key: &'a Key, item: &'a Value) -> &'a Value {
    item.get(&*key.name).unwrap_or(&key.default)
}

fn named(list: &List, item: &Value) -> String {
    let List::Map(keys) = list else {
        return format!("`{item}`");
    };
    let fields: Vec<String> = keys
        .iter()
        .map(|key| format!("`{}: {}`", key.name, value(key, item)))
        .collect();
    fields.join(" with ")
}

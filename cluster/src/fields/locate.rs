//! Where a field is in an object.

use serde_json::Value;

use super::Step;
use crate::object::segment;

/// The JSON pointer (RFC 6901) of a path, if the object has the field.
pub(crate) fn pointer(object: &Value, path: &[Step]) -> Option<String> {
    let mut pointer = String::new();
    let mut here = object;
    for step in path {
        let (name, below) = match step {
            Step::Field(name) => (name.clone(), here.get(name)?),
            Step::Index(index) => (index.to_string(), here.get(*index)?),
            Step::Key(keys) => item(here, |item| has_keys(item, keys))?,
            Step::Item(value) => item(here, |item| is_item(item, value))?,
        };
        pointer.push_str(&segment(&name));
        here = below;
    }
    Some(pointer)
}

fn item(list: &Value, is_it: impl Fn(&Value) -> bool) -> Option<(String, &Value)> {
    let mut items = list.as_array()?.iter().enumerate();
    let (index, item) = items.find(|(_, item)| is_it(item))?;
    Some((index.to_string(), item))
}

/// Whether an item has a value, given as JSON.
pub(crate) fn is_item(item: &Value, value: &str) -> bool {
    serde_json::from_str::<Value>(value).is_ok_and(|value| value == *item)
}

fn has_keys(item: &Value, keys: &str) -> bool {
    let keys: Value = serde_json::from_str(keys).unwrap_or_default();
    let mut keys = keys.as_object().into_iter().flatten();
    keys.all(|(name, value)| item.get(name) == Some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_found_by_its_keys_wherever_it_stands() {
        let object = json!({"ports": [{"port": 53}, {"port": 80, "name": "a/b"}]});
        let path = [
            Step::Field("ports".to_owned()),
            Step::Key(r#"{"port":80}"#.to_owned()),
            Step::Field("name".to_owned()),
        ];
        assert_eq!(pointer(&object, &path).as_deref(), Some("/ports/1/name"));
    }

    #[test]
    fn a_field_that_is_gone_is_nowhere() {
        let path = [
            Step::Field("spec".to_owned()),
            Step::Item("\"x\"".to_owned()),
        ];
        assert_eq!(pointer(&json!({"spec": ["y"]}), &path), None);
    }
}

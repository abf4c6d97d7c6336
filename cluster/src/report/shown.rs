//! A value that may be shown.

use serde::Serialize;
use serde_json::Value;

use super::ObjectRef;

/// What a Secret's values are shown as.
const MASK: &str = "***";

/// A value of an object, masked where the object is a Secret: there is no way
/// around [`Shown::of`] and [`Shown::masked`], so no report can hold a Secret's
/// value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Shown(Value);

impl Shown {
    /// What may be shown of a value of this object.
    pub fn of(object: &ObjectRef, value: &Value) -> Self {
        if object.is_secret() {
            Self::masked(value)
        } else {
            Self(value.clone())
        }
    }

    /// What may be shown of a value that is secret whatever the object's kind.
    pub fn masked(value: &Value) -> Self {
        Self(masked(value))
    }

    /// The value as it may be shown.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// Names stay: which key of a Secret changed is what one wants to know.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), masked(value)))
            .collect(),
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Null => Value::Null,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => MASK.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(kind: &str) -> ObjectRef {
        ObjectRef {
            group: String::new(),
            kind: kind.to_owned(),
            namespace: Some("demo".to_owned()),
            name: "it".to_owned(),
        }
    }

    #[test]
    fn a_secret_shows_its_keys_only() {
        let value = json!({"data": {"password": "aHVudGVyMg=="}});
        let shown = Shown::of(&object("Secret"), &value);
        assert_eq!(*shown.value(), json!({"data": {"password": "***"}}));
    }

    #[test]
    fn anything_else_is_shown() {
        let value = json!({"data": {"port": 80}});
        assert_eq!(*Shown::of(&object("ConfigMap"), &value).value(), value);
    }
}

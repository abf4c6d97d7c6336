//! Names of systemd units whose journal is read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A unit's name with its type, such as `ssh.service`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct UnitName(String);

impl UnitName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for UnitName {
    fn default() -> Self {
        Self("ssh.service".to_owned())
    }
}

impl TryFrom<String> for UnitName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_name = text.len() <= 255
            && text.split('.').count() >= 2
            && text.split('.').all(|part| !part.is_empty())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":_.@-\\".contains(&byte));
        if is_name {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not a unit such as ssh.service"))
        }
    }
}

impl JsonSchema for UnitName {
    fn schema_name() -> Cow<'static, str> {
        "UnitName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A systemd unit with its type, such as ssh.service.",
            "maxLength": 255,
            "pattern": r"^[A-Za-z0-9:_@\\-]+(\.[A-Za-z0-9:_@\\-]+)+$"
        })
    }
}

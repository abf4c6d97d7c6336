//! What CrowdSec's hub has, by name.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// Something that a node installs from the hub.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HubItem {
    /// Parsers and scenarios that belong together.
    Collection(CollectionName),
    /// One parser, as `author/name`.
    Parser(&'static str),
}

impl HubItem {
    /// A collection that we know.
    pub(crate) fn collection(name: &str) -> Self {
        Self::Collection(CollectionName(name.to_owned()))
    }

    /// A parser that we know.
    pub(crate) fn parser(name: &'static str) -> Self {
        Self::Parser(name)
    }
}

/// A collection as `author/name`. It ends up on a command line, so nothing but
/// letters, digits, `.`, `_` and `-` is in either part, and neither starts with
/// `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct CollectionName(String);

impl CollectionName {
    /// What every node gets.
    pub(crate) fn baseline() -> [Self; 2] {
        ["crowdsecurity/linux", "crowdsecurity/sshd"].map(|name| Self(name.to_owned()))
    }
}

impl TryFrom<String> for CollectionName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        match text.split_once('/') {
            Some((author, name)) if is_part(author) && is_part(name) => Ok(Self(text)),
            _ => Err(format!(
                "`{text}` is not a collection such as crowdsecurity/sshd"
            )),
        }
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for CollectionName {
    fn schema_name() -> Cow<'static, str> {
        "CollectionName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A collection on CrowdSec's hub, as author/name.",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"
        })
    }
}

//! JSON as plugins are handed it.

use std::fmt;

use serde::Serialize;

/// A JSON text with sorted keys and no white space: equal values are equal
/// texts, and have equal digests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CanonicalJson(pub(super) String);

impl CanonicalJson {
    /// The text of a value.
    pub fn of(value: &impl Serialize) -> Self {
        // A `Value` keeps its keys sorted; going through it sorts those of
        // structs too.
        let value = serde_json::to_value(value).expect("plain data is JSON");
        Self(serde_json::to_string(&value).expect("a value is JSON"))
    }

    /// As a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

//! Places inside an object.

use std::fmt;

const DIGITS: &str = "0123456789";

/// A JSON pointer (RFC 6901) from the root of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole object.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value under `key`.
    pub fn key(&self, key: &str) -> Self {
        self.clone().with_key(key)
    }

    /// The item at `index`.
    pub fn index(&self, index: usize) -> Self {
        self.clone().with_index(index)
    }

    /// The whole object, with room for a text of so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self(String::with_capacity(bytes))
    }

    /// The same, going on to the value under `key`.
    pub(super) fn with_key(mut self, key: &str) -> Self {
        self.0.push('/');
        if key.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
            self.0.push_str(&key.replace('~', "~0").replace('/', "~1"));
        } else {
            self.0.push_str(key);
        }
        self
    }

    /// The same, going on to the item at `index`.
    pub(super) fn with_index(mut self, index: usize) -> Self {
        self.0.push('/');
        self.push_number(index);
        self
    }

    fn push_number(&mut self, number: usize) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        let digit = number % 10;
        self.0.push_str(&DIGITS[digit..=digit]);
    }

    /// The text, such as `/spec/ingress/0/fromEndpoints`; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

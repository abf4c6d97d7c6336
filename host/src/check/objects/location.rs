//! Where in an object the check stands.
//!
//! A location is a chain on the call stack, so that walking costs nothing; it
//! becomes a JSON Pointer only when there is something to say.

use super::Violation;

/// A place in an object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Location<'a> {
    Root,
    Field(&'a Location<'a>, &'a str),
    Item(&'a Location<'a>, usize),
}

impl<'a> Location<'a> {
    pub(super) fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    pub(super) fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// JSON Pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Field(parent, name) => {
                format!(
                    "{}/{}",
                    parent.pointer(),
                    name.replace('~', "~0").replace('/', "~1")
                )
            }
            Self::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }

    pub(super) fn violation(&self, message: impl Into<String>) -> Violation {
        Violation {
            pointer: self.pointer(),
            message: message.into(),
            hint: None,
        }
    }
}

impl Violation {
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        self.maybe_hint(Some(hint.into()))
    }

    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

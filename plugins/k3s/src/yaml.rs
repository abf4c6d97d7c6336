//! Just enough YAML for files that people read: keys with quoted scalars, lists
//! of them, and comments.
//!
//! Every string is a double-quoted scalar, so that no reader takes `0600` or
//! `no` for something else, and no value and no comment can end its line.

use ztgit_plugin::yaml::{one_line, quoted};

/// A document that grows line by line.
#[derive(Debug, Default)]
pub(crate) struct Document(String);

/// An item of a list, with what is to be said about it.
pub(crate) struct Item {
    /// The value.
    pub(crate) value: String,
    /// Shown behind it, where there is anything.
    pub(crate) remark: Option<String>,
}

impl From<&str> for Item {
    fn from(value: &str) -> Self {
        Self {
            value: value.to_owned(),
            remark: None,
        }
    }
}

impl From<String> for Item {
    fn from(value: String) -> Self {
        Self {
            value,
            remark: None,
        }
    }
}

impl Document {
    /// A line of comment.
    pub(crate) fn comment(&mut self, text: &str) {
        self.line(&format!("# {}", one_line(text)));
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.line("");
    }

    /// A key with a string.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.line(&format!("{key}: {}", quoted(value)));
    }

    /// A key that is on.
    pub(crate) fn on(&mut self, key: &str) {
        self.line(&format!("{key}: true"));
    }

    /// A key with a list of strings; no key where the list is empty.
    pub(crate) fn list(&mut self, key: &str, items: impl IntoIterator<Item = impl Into<Item>>) {
        let mut items = items.into_iter().map(Into::into).peekable();
        if items.peek().is_none() {
            return;
        }
        self.line(&format!("{key}:"));
        for Item { value, remark } in items {
            let remark = remark
                .map(|text| format!(" # {}", one_line(&text)))
                .unwrap_or_default();
            self.line(&format!("  - {}{remark}", quoted(&value)));
        }
    }

    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// The text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_cannot_end_its_line() {
        let mut document = Document::default();
        let item = Item {
            value: "a".to_owned(),
            remark: Some("x\ny: z".to_owned()),
        };
        document.list("key", [item]);
        assert_eq!(document.into_text(), "key:\n  - \"a\" # x y: z\n");
    }

    #[test]
    fn an_empty_list_has_no_key() {
        let mut document = Document::default();
        document.list("key", Vec::<Item>::new());
        assert_eq!(document.into_text(), "");
    }
}

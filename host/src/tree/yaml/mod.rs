//! The one way in which ztgit writes YAML.
//!
//! A JSON value enters; block-style YAML leaves that Go's `sigs.k8s.io/yaml`
//! and `yaml.v3`, `PyYAML` (YAML 1.1) and readers of the YAML 1.2 core schema
//! all decode to that value, for every string, key and number. Equal values
//! have equal bytes: keys are sorted by code point, at the top after
//! `apiVersion`, `kind` and `metadata`. Lines end in LF, the last one too;
//! there are no anchors, tags, document markers or folded lines. Sequences in
//! mappings are not indented, as with kubectl and Flux.
//!
//! Where readers differ the text is quoted (`plain`), and text of several
//! lines stays readable where all readers agree on it (`literal`).

mod literal;
mod number;
mod plain;
mod quoted;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

/// What comes first in an object of Kubernetes.
const LEADING_KEYS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The longest key in front of a `:` on one line, in bytes. Readers look ahead
/// 1024 characters for it.
const LONGEST_SIMPLE_KEY: usize = 1024;

/// Room for most objects, in bytes.
const TYPICAL_DOCUMENT: usize = 1024;

/// How much deeper each level is.
const STEP: usize = 2;

/// A value as a YAML document.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::with_capacity(TYPICAL_DOCUMENT);
    write(value, &mut out);
    out
}

/// Appends a value as a YAML document.
pub fn write(value: &Value, out: &mut String) {
    let mut writer = Writer { out };
    match value {
        Value::Object(map) if !map.is_empty() => writer.mapping(leading_first(map), 0),
        // Text at the left margin could hold what looks like a marker.
        Value::String(text) => writer.string(text, STEP),
        _ => writer.node(value, 0),
    }
}

struct Writer<'o> {
    out: &'o mut String,
}

/// Every method but `key` is called with the cursor at the column where its
/// node begins and leaves it at the beginning of a line.
impl Writer<'_> {
    fn node(&mut self, value: &Value, column: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(sorted(map), column),
            Value::Array(items) if !items.is_empty() => self.sequence(items, column),
            Value::String(text) => self.string(text, column),
            Value::Null => self.out.push_str("null\n"),
            Value::Bool(true) => self.out.push_str("true\n"),
            Value::Bool(false) => self.out.push_str("false\n"),
            Value::Object(_) => self.out.push_str("{}\n"),
            Value::Array(_) => self.out.push_str("[]\n"),
            Value::Number(number) => {
                number::write(number, self.out);
                self.out.push('\n');
            }
        }
    }

    fn mapping<'v>(&mut self, entries: impl Iterator<Item = (&'v str, &'v Value)>, column: usize) {
        for (position, (key, value)) in entries.enumerate() {
            if position > 0 {
                self.indent(column);
            }
            self.key(key, column);
            self.value_of_key(value, column);
        }
    }

    fn sequence(&mut self, items: &[Value], column: usize) {
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.indent(column);
            }
            self.out.push_str("- ");
            self.node(item, column + STEP);
        }
    }

    /// Leaves the cursor behind the colon.
    fn key(&mut self, key: &str, column: usize) {
        let start = self.out.len();
        write_flow_string(key, self.out);
        if self.out.len() - start > LONGEST_SIMPLE_KEY {
            self.out.insert_str(start, "? ");
            self.out.push('\n');
            self.indent(column);
        }
        self.out.push(':');
    }

    /// Begins behind the colon instead.
    fn value_of_key(&mut self, value: &Value, column: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.out.push('\n');
                self.indent(column + STEP);
                self.mapping(sorted(map), column + STEP);
            }
            Value::Array(items) if !items.is_empty() => {
                self.out.push('\n');
                self.indent(column);
                self.sequence(items, column);
            }
            _ => {
                self.out.push(' ');
                self.node(value, column + STEP);
            }
        }
    }

    fn string(&mut self, text: &str, column: usize) {
        if literal::is_literal(text) {
            literal::write(text, column, self.out);
        } else {
            write_flow_string(text, self.out);
            self.out.push('\n');
        }
    }

    fn indent(&mut self, columns: usize) {
        indent(columns, self.out);
    }
}

/// A string on one line.
fn write_flow_string(text: &str, out: &mut String) {
    if plain::is_plain(text) {
        out.push_str(text);
    } else {
        quoted::write(text, out);
    }
}

fn indent(columns: usize, out: &mut String) {
    const SPACES: &str = "                                ";
    let mut left = columns;
    while left > 0 {
        let some = left.min(SPACES.len());
        out.push_str(&SPACES[..some]);
        left -= some;
    }
}

/// The entries by key, also where some other crate has made `serde_json` keep
/// the order of insertion.
fn sorted(map: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let entries = || map.iter().map(|(key, value)| (key.as_str(), value));
    let reordered = (!map.keys().is_sorted()).then(|| {
        let mut entries: Vec<_> = entries().collect();
        entries.sort_unstable_by_key(|&(key, _)| key);
        entries
    });
    let in_order = reordered.is_none().then(entries);
    in_order
        .into_iter()
        .flatten()
        .chain(reordered.into_iter().flatten())
}

fn leading_first(map: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    let leading = LEADING_KEYS
        .into_iter()
        .filter_map(|key| Some((key, map.get(key)?)));
    leading.chain(sorted(map).filter(|(key, _)| !LEADING_KEYS.contains(key)))
}

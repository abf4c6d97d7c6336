//! A plugin's entry in `stack.yaml`, put there without touching the rest.
//!
//! The text is edited by lines, and the result is read back: it counts only if
//! the stack then says exactly this one thing more.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::grant;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::stack::files::STACK_FILE;
use crate::stack::schema::{GrantSpec, PluginSpec};
use crate::stack::{self, StackFiles};

/// What is added.
pub(super) struct Entry<'a> {
    pub(super) name: &'a PluginName,
    pub(super) spec: &'a PluginSpec,
}

/// The text of `stack.yaml` with the entry in it.
pub(super) fn insert(files: &StackFiles, entry: &Entry<'_>) -> Result<String, CommandError> {
    let bytes = files.get(STACK_FILE).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let edited = place(&text).map(|place| {
        let mut lines: Vec<&str> = text.lines().collect();
        let added = entry.text(&place);
        lines.insert(place.line, added.trim_end_matches('\n'));
        lines.join("\n") + "\n"
    });
    match edited {
        Some(edited) if says_only_this_more(files, &edited, entry) => Ok(edited),
        _ => Err(CommandError::new(
            Exit::Usage,
            format!("{STACK_FILE} is not laid out so that a plugin can be added to it"),
        )
        .hint(format!(
            "add it by hand under `spec.plugins`: `{}: {}`",
            entry.name,
            entry.to_json()
        ))),
    }
}

/// Where an entry goes.
struct Place {
    /// Before which line, from 0.
    line: usize,
    /// How far `plugins` is indented.
    indent: usize,
    /// Whether `plugins` is there already.
    exists: bool,
}

/// Behind the last entry of `spec.plugins`, or where `plugins` would begin.
fn place(text: &str) -> Option<Place> {
    if text.contains('\r') {
        return None;
    }
    let lines: Vec<&str> = text.lines().collect();
    let spec = lines.iter().position(|line| line.trim_end() == "spec:")?;
    let body = block(&lines, spec);
    let indent = lines[body.clone()].iter().find_map(|line| indent(line))?;
    let plugins = body
        .clone()
        .find(|&line| lines[line].trim_end() == format!("{:indent$}plugins:", ""));
    let taken = body.clone().any(|line| {
        let key = lines[line].trim_start().starts_with("plugins:");
        self::indent(lines[line]) == Some(indent) && key
    });
    match plugins {
        Some(plugins) => {
            let entries = block(&lines, plugins);
            let last = entries
                .clone()
                .rev()
                .find(|&line| self::indent(lines[line]).is_some());
            Some(Place {
                line: last.unwrap_or(plugins) + 1,
                indent,
                exists: true,
            })
        }
        None if taken => None,
        None => Some(Place {
            line: spec + 1,
            indent,
            exists: false,
        }),
    }
}

/// The lines that belong to the key in this line.
fn block(lines: &[&str], key: usize) -> std::ops::Range<usize> {
    let own = indent(lines[key]).unwrap_or(0);
    let end = (key + 1..lines.len()).find(|&line| indent(lines[line]).is_some_and(|i| i <= own));
    key + 1..end.unwrap_or(lines.len())
}

/// How far a line is indented; `None` for one without content.
fn indent(line: &str) -> Option<usize> {
    let content = line.trim_start();
    (!content.is_empty() && !content.starts_with('#')).then(|| line.len() - content.len())
}

impl Entry<'_> {
    fn text(&self, place: &Place) -> String {
        let mut text = String::new();
        let mut line = |level: usize, content: &str| {
            let indent = place.indent + 2 * level;
            writeln!(text, "{:indent$}{content}", "").expect("texts grow");
        };
        if !place.exists {
            line(0, "plugins:");
        }
        line(1, &format!("{}:", self.name));
        for (key, source) in [("path", &self.spec.path), ("oci", &self.spec.oci)] {
            if let Some(source) = source {
                line(2, &format!("{key}: {}", json!(source)));
            }
        }
        if let Some(verify) = &self.spec.verify {
            line(2, "verify:");
            line(3, "publicKey: |");
            verify.public_key.lines().for_each(|key| line(4, key));
        }
        if self.spec.wasi {
            line(2, "wasi: true");
        }
        if let Value::Object(grants) = grant::to_json(&self.spec.grants) {
            let given = |value: &Value| value != &json!([]) && value != &json!({});
            let grants = grants.into_iter().filter(|(_, value)| given(value));
            for (number, (key, value)) in grants.enumerate() {
                if number == 0 {
                    line(2, "grants:");
                }
                line(3, &format!("{key}: {value}"));
            }
        }
        text
    }

    /// As flow-style YAML.
    fn to_json(&self) -> Value {
        let spec = self.spec;
        let mut entry = json!({});
        for (key, source) in [("path", &spec.path), ("oci", &spec.oci)] {
            if let Some(source) = source {
                entry[key] = json!(source);
            }
        }
        if let Some(verify) = &spec.verify {
            entry["verify"] = json!({"publicKey": verify.public_key});
        }
        if spec.wasi {
            entry["wasi"] = json!(true);
        }
        if spec.grants != GrantSpec::default() {
            entry["grants"] = grant::to_json(&spec.grants);
        }
        entry
    }
}

fn says_only_this_more(files: &StackFiles, edited: &str, entry: &Entry<'_>) -> bool {
    let others = files.iter().filter(|(path, _)| *path != STACK_FILE);
    let all = others.map(|(path, bytes)| (path.to_owned(), bytes.to_vec()));
    let stack = (STACK_FILE.to_owned(), edited.as_bytes().to_vec());
    let specs = |files: &StackFiles| {
        let (stack, found) = stack::load(files);
        let plugins = stack.plugins.into_iter();
        let specs: Vec<_> = plugins
            .map(|(name, declared)| (name, declared.spec))
            .collect();
        (specs, found.iter().count())
    };
    let (mut before, findings_before) = specs(files);
    let (after, findings_after) = specs(&StackFiles::from_files(all.chain([stack])));
    before.push((entry.name.clone(), entry.spec.clone()));
    before.sort_by(|a, b| a.0.cmp(&b.0));
    before == after && findings_after <= findings_before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inserted(stack: &str) -> Result<String, CommandError> {
        let files = StackFiles::from_files([(STACK_FILE.to_owned(), stack.into())]);
        let spec = PluginSpec {
            path: Some("metrics.wasm".to_owned()),
            ..PluginSpec::default()
        };
        let name = PluginName::new("metrics").unwrap();
        insert(
            &files,
            &Entry {
                name: &name,
                spec: &spec,
            },
        )
    }

    const HEAD: &str = "apiVersion: ztgit.dev/v1alpha1\nkind: Stack\nmetadata: {name: s}\nspec:\n";

    #[test]
    fn an_entry_goes_behind_the_last_one() {
        let rest = "\n  # Where they run.\n  clusters: {}\n";
        let stack = format!("{HEAD}  plugins:\n    cilium: {{}} # the CNI\n{rest}");
        let expected = format!(
            "{HEAD}  plugins:\n    cilium: {{}} # the CNI\n    metrics:\n      path: \"metrics.wasm\"\n{rest}"
        );
        assert_eq!(inserted(&stack).unwrap(), expected);
    }

    #[test]
    fn plugins_begin_where_there_were_none() {
        let stack = format!("{HEAD}  clusters: {{}}\n");
        let expected = format!(
            "{HEAD}  plugins:\n    metrics:\n      path: \"metrics.wasm\"\n  clusters: {{}}\n"
        );
        assert_eq!(inserted(&stack).unwrap(), expected);
    }

    #[test]
    fn a_stack_in_another_layout_is_left_alone() {
        let flow = format!("{HEAD}  plugins: {{cilium: {{}}}}\n  clusters: {{}}\n");
        let error = inserted(&flow).unwrap_err();
        assert_eq!(
            error.hints,
            ["add it by hand under `spec.plugins`: `metrics: {\"path\":\"metrics.wasm\"}`"]
        );
    }
}

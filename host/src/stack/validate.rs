//! JSON Schema over nodes: every violation at its place in a file.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use ztgit_plugin::{Cidr, pointer};

use super::node::Node;
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};

/// A schema, ready for use.
#[derive(Debug)]
pub struct Schema {
    schema: Value,
    validator: Validator,
}

/// What a validation needs to know of where it happens.
pub struct Subject<'a> {
    /// The node whose JSON is validated.
    pub node: &'a Node,
    /// Its JSON.
    pub json: &'a Value,
}

impl Schema {
    /// Prepares a schema; the error says what is wrong with it.
    pub fn new(mut schema: Value) -> Result<Self, String> {
        drop_null_alternatives(&mut schema);
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .with_format("ztgit-cidr", |text: &str| text.parse::<Cidr>().is_ok())
            .build(&schema)
            .map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Whether a value is valid; nothing is said about why not.
    pub fn accepts(&self, value: &Value) -> bool {
        self.validator.is_valid(value)
    }

    /// The first violation as a text, with its pointer.
    pub fn first_violation(&self, value: &Value) -> Option<String> {
        if self.accepts(value) {
            return None;
        }
        let error = self.validator.iter_errors(value).next()?;
        let pointer = error.instance_path().to_string();
        Some(format!(
            "{}: {}",
            if pointer.is_empty() { "/" } else { &pointer },
            message(&error)
        ))
    }

    /// Reports every violation. Comes back with a copy of the JSON from which
    /// what is invalid was removed, so that the rest can be looked at further.
    pub fn validate(&self, subject: &Subject<'_>, diagnostics: &mut Diagnostics) -> Value {
        let mut repaired = subject.json.clone();
        // Nearly always; to look for errors one by one takes several times as long.
        if self.accepts(subject.json) {
            return repaired;
        }
        let mut removals: Vec<Vec<String>> = Vec::new();
        for error in self.validator.iter_errors(subject.json) {
            let path: Vec<String> = pointer::segments(&error.instance_path().to_string()).collect();
            self.report(subject, &error, &path, diagnostics, &mut removals);
        }
        // Deepest and last first, so that indices of lists stay right.
        removals.sort_by_cached_key(|path| {
            let key = |segment: &String| (segment.parse::<usize>().ok(), segment.clone());
            path.iter().map(key).collect::<Vec<_>>()
        });
        removals.dedup();
        for path in removals.iter().rev() {
            remove(&mut repaired, path);
        }
        repaired
    }

    fn report(
        &self,
        subject: &Subject<'_>,
        error: &ValidationError<'_>,
        path: &[String],
        diagnostics: &mut Diagnostics,
        removals: &mut Vec<Vec<String>>,
    ) {
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = self.properties_at(error);
                for key in unexpected {
                    let mut diagnostic =
                        Diagnostic::error("unknown-key", format!("unknown key `{key}`"))
                            .at(subject.node.key_place(path, key));
                    if let Some(hint) = did_you_mean(key, known.iter().map(String::as_str)) {
                        diagnostic = diagnostic.hint(hint);
                    }
                    diagnostics.push(diagnostic);
                    removals.push([path, std::slice::from_ref(key)].concat());
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                diagnostics.push(
                    Diagnostic::error("missing-key", format!("`{key}` is missing"))
                        .at(subject.node.place(path)),
                );
                if !path.is_empty() {
                    removals.push(path.to_vec());
                }
            }
            kind => {
                let constants = self.constants_at(error);
                let message = if constants.is_empty() {
                    message(error)
                } else {
                    none_of(error.instance(), &constants)
                };
                let mut diagnostic =
                    Diagnostic::error("invalid-value", message).at(subject.node.place(path));
                if let Some(hint) = value_hint(kind, error.instance(), &constants) {
                    diagnostic = diagnostic.hint(hint);
                }
                diagnostics.push(diagnostic);
                if !path.is_empty() {
                    removals.push(path.to_vec());
                }
            }
        }
    }

    /// The constants of which a value has to be one, where the schema has each
    /// as an alternative with a description of its own.
    fn constants_at(&self, error: &ValidationError<'_>) -> Vec<Value> {
        if !matches!(error.kind(), ValidationErrorKind::OneOfNotValid { .. }) {
            return Vec::new();
        }
        let alternatives = self.schema.pointer(error.schema_path().as_str());
        let constants: Option<Vec<Value>> = alternatives
            .and_then(Value::as_array)
            .and_then(|all| all.iter().map(|one| one.get("const").cloned()).collect());
        constants.unwrap_or_default()
    }

    /// The properties that the schema knows where the error is.
    fn properties_at(&self, error: &ValidationError<'_>) -> Vec<String> {
        let path = error.schema_path().to_string();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.schema
            .pointer(parent)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object)
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }
}

fn message(error: &ValidationError<'_>) -> String {
    let instance = shortened(error.instance());
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(single) => single.to_string(),
                TypeKind::Multiple(several) => several
                    .iter()
                    .map(|one| one.to_string())
                    .collect::<Vec<_>>()
                    .join(" or "),
            };
            format!("{instance} is not of type {wanted}")
        }
        ValidationErrorKind::Enum { options } => none_of(
            error.instance(),
            options.as_array().map_or(&[], Vec::as_slice),
        ),
        ValidationErrorKind::Format { format } if format == "ztgit-cidr" => {
            match error.instance().as_str().map(str::parse::<Cidr>) {
                Some(Err(problem)) => problem.to_string(),
                _ => format!("{instance} is not an address range"),
            }
        }
        ValidationErrorKind::Format { format } => format!("{instance} is not a valid {format}"),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!("unknown key {}", unexpected.join(", "))
        }
        _ => error.to_string(),
    }
}

fn none_of(instance: &Value, options: &[Value]) -> String {
    let options: Vec<String> = options
        .iter()
        .filter(|o| !o.is_null())
        .map(shortened)
        .collect();
    format!("{} is none of {}", shortened(instance), options.join(", "))
}

fn value_hint(kind: &ValidationErrorKind, instance: &Value, constants: &[Value]) -> Option<String> {
    match kind {
        ValidationErrorKind::Type { kind } => {
            let wants_text = match kind {
                TypeKind::Single(single) => single.to_string() == "string",
                TypeKind::Multiple(several) => {
                    several.iter().any(|one| one.to_string() == "string")
                }
            };
            match instance {
                // As it was written: 1.20 as a number is 1.2.
                Value::Number(number) if wants_text && number.is_f64() => {
                    Some("quote it".to_owned())
                }
                Value::Number(_) | Value::Bool(_) if wants_text => {
                    Some(format!("quote it: \"{instance}\""))
                }
                _ => None,
            }
        }
        ValidationErrorKind::Enum { options } => closest(instance, options.as_array()?),
        _ => closest(instance, constants),
    }
}

fn closest(instance: &Value, options: &[Value]) -> Option<String> {
    let options = options.iter().filter_map(Value::as_str);
    did_you_mean(instance.as_str()?, options).filter(|hint| hint.starts_with("did you mean"))
}

/// Optional values come as `anyOf: [T, null]`, whose violations say nothing of
/// what is wrong with the `T`. What is absent from a stack is not `null`, so the
/// `T` alone does.
fn drop_null_alternatives(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(drop_null_alternatives);
            let is_null = |schema: &Value| schema["type"] == "null";
            if let Some(Value::Array(alternatives)) = map.get_mut("anyOf")
                && alternatives.len() == 2
                && let Some(null) = alternatives.iter().position(is_null)
                && let Value::Object(other) = alternatives.remove(1 - null)
            {
                map.remove("anyOf");
                for (keyword, value) in other {
                    map.entry(keyword).or_insert(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_alternatives),
        _ => {}
    }
}

/// A value as it may stand in a message.
fn shortened(value: &Value) -> String {
    match value {
        Value::Object(_) => "a map".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Null => "nothing".to_owned(),
        other => {
            let text = other.to_string();
            match text.char_indices().nth(60) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        }
    }
}

fn remove(value: &mut Value, path: &[String]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let mut target = value;
    for segment in parents {
        let next = match target {
            Value::Object(map) => map.get_mut(segment),
            Value::Array(items) => segment
                .parse()
                .ok()
                .and_then(|index: usize| items.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return };
        target = next;
    }
    match target {
        Value::Object(map) => {
            map.remove(last);
        }
        Value::Array(items) => {
            if let Ok(index) = last.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
}

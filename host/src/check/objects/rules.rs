//! Limits of a value beyond its type: bounds, lengths, patterns, formats, and
//! combinations of schemas.

use std::ops::RangeInclusive;

use serde_json::{Number, Value};

use super::alternatives::{Alternatives, Wanted};
use super::format::Format;
use super::location::Location;
use super::pattern::Pattern;
use super::report::Report;
use super::schema::Schema;
use super::walk::{self, quoted};
use super::{Violation, suggest};

/// All limits of one node of a schema.
#[derive(Debug)]
pub(super) struct Rules {
    allowed: Vec<Value>,
    pattern: Option<Pattern>,
    format: Option<Format>,
    bounds: Option<Bounds>,
    /// How many characters, items or fields there may be.
    length: Option<RangeInclusive<u64>>,
    items: Option<RangeInclusive<u64>>,
    fields: Option<RangeInclusive<u64>>,
    all_of: Vec<Schema>,
    any_of: Option<Alternatives>,
    one_of: Option<Alternatives>,
    not: Option<Schema>,
}

/// Limits of a number.
#[derive(Debug)]
struct Bounds {
    minimum: Option<f64>,
    excludes_minimum: bool,
    maximum: Option<f64>,
    excludes_maximum: bool,
    multiple_of: Option<f64>,
}

const KEYWORDS: [&str; 18] = [
    "allOf",
    "anyOf",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

impl Rules {
    /// The limits that a schema sets, if any; `compile` reads schemas in it.
    pub(super) fn of(source: &Value, compile: impl Fn(&Value) -> Schema) -> Option<Self> {
        KEYWORDS
            .iter()
            .any(|keyword| source.get(keyword).is_some())
            .then(|| Self {
                allowed: source["enum"].as_array().cloned().unwrap_or_default(),
                pattern: source["pattern"].as_str().map(Pattern::new),
                format: source["format"].as_str().and_then(Format::named),
                bounds: Bounds::of(source),
                length: range(source, "minLength", "maxLength"),
                items: range(source, "minItems", "maxItems"),
                fields: range(source, "minProperties", "maxProperties"),
                all_of: source["allOf"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(&compile)
                    .collect(),
                any_of: Alternatives::of(&source["anyOf"], Wanted::Any, &compile),
                one_of: Alternatives::of(&source["oneOf"], Wanted::One, &compile),
                not: source.get("not").map(compile),
            })
    }

    /// Whether they hold a value to other schemas.
    pub(super) fn combine(&self) -> bool {
        !self.all_of.is_empty()
            || self.any_of.is_some()
            || self.one_of.is_some()
            || self.not.is_some()
    }

    /// Reports every limit that a value exceeds.
    pub(super) fn check(&self, value: &Value, at: &Location, report: &mut Report) {
        match value {
            Value::String(text) => self.check_text(text, at, report),
            Value::Number(number) => self.check_number(number, at, report),
            Value::Array(items) => {
                check_count(items.len(), self.items.as_ref(), "item", at, report);
            }
            Value::Object(object) => {
                check_count(object.len(), self.fields.as_ref(), "field", at, report);
            }
            Value::Null | Value::Bool(_) => {}
        }
        if !self.allowed.is_empty() && !self.allowed.contains(value) {
            report.add(|| self.not_allowed(value, at));
        }
        for schema in &self.all_of {
            walk::check(schema, value, at, report);
        }
        for alternatives in [&self.any_of, &self.one_of].into_iter().flatten() {
            alternatives.check(value, at, report);
        }
        if self
            .not
            .as_ref()
            .is_some_and(|schema| walk::accepts(schema, value))
        {
            report.add(|| at.violation("this is what the schema excludes (`not`)"));
        }
    }

    fn check_text(&self, text: &str, at: &Location, report: &mut Report) {
        if let Some(range) = &self.length {
            check_count(text.chars().count(), Some(range), "character", at, report);
        }
        if let Some(pattern) = self
            .pattern
            .as_ref()
            .filter(|pattern| !pattern.accepts(text))
        {
            report.add(|| {
                at.violation(format!(
                    "{} does not match `{}`",
                    quoted(text),
                    pattern.source()
                ))
            });
        }
        if let Some(format) = self.format.filter(|format| !format.accepts_text(text)) {
            report.add(|| at.violation(format!("{} is not {}", quoted(text), format.describe())));
        }
    }

    fn check_number(&self, number: &Number, at: &Location, report: &mut Report) {
        if let Some(format) = self.format.filter(|format| !format.accepts_number(number)) {
            report.add(|| at.violation(format!("{number} is not {}", format.describe())));
        }
        let Some((bounds, value)) = self.bounds.as_ref().zip(number.as_f64()) else {
            return;
        };
        if let Some(problem) = bounds.problem(value) {
            report.add(|| at.violation(format!("{number} is {problem}")));
        }
    }

    fn not_allowed(&self, value: &Value, at: &Location) -> Violation {
        let allowed: Vec<String> = self
            .allowed
            .iter()
            .map(|each| format!("`{each}`"))
            .collect();
        let message = format!("`{value}` is none of {}", allowed.join(", "));
        let texts = self.allowed.iter().filter_map(Value::as_str);
        let meant = value
            .as_str()
            .and_then(|text| suggest::closest(text, texts));
        at.violation(message)
            .maybe_hint(meant.map(|meant| format!("did you mean `{meant}`?")))
    }
}

impl Bounds {
    fn of(source: &Value) -> Option<Self> {
        const ANY: [&str; 3] = ["minimum", "maximum", "multipleOf"];
        ANY.iter()
            .any(|keyword| source.get(keyword).is_some())
            .then(|| Self {
                minimum: source["minimum"].as_f64(),
                excludes_minimum: source["exclusiveMinimum"] == Value::Bool(true),
                maximum: source["maximum"].as_f64(),
                excludes_maximum: source["exclusiveMaximum"] == Value::Bool(true),
                multiple_of: source["multipleOf"].as_f64(),
            })
    }

    fn problem(&self, value: f64) -> Option<String> {
        if let Some(minimum) = self.minimum {
            if value < minimum {
                return Some(format!("less than {minimum}"));
            }
            if self.excludes_minimum && value <= minimum {
                return Some(format!("not more than {minimum}"));
            }
        }
        if let Some(maximum) = self.maximum {
            if value > maximum {
                return Some(format!("more than {maximum}"));
            }
            if self.excludes_maximum && value >= maximum {
                return Some(format!("not less than {maximum}"));
            }
        }
        let factor = self
            .multiple_of
            .filter(|factor| (value / factor).fract() != 0.0)?;
        Some(format!("no multiple of {factor}"))
    }
}

fn range(source: &Value, least: &str, most: &str) -> Option<RangeInclusive<u64>> {
    let (least, most) = (source[least].as_u64(), source[most].as_u64());
    (least.is_some() || most.is_some())
        .then(|| least.unwrap_or_default()..=most.unwrap_or(u64::MAX))
}

fn check_count(
    count: usize,
    range: Option<&RangeInclusive<u64>>,
    unit: &str,
    at: &Location,
    report: &mut Report,
) {
    let Some(range) = range else { return };
    let (limit, problem) = match count as u64 {
        count if count < *range.start() => (range.start(), "at least"),
        count if count > *range.end() => (range.end(), "at most"),
        _ => return,
    };
    let plural = if *limit == 1 { "" } else { "s" };
    report.add(|| {
        at.violation(format!(
            "{problem} {limit} {unit}{plural} expected, found {count}"
        ))
    });
}

//! `anyOf` and `oneOf`.

use serde_json::Value;

use super::Violation;
use super::location::Location;
use super::report::Report;
use super::schema::Schema;
use super::walk;

/// How many of the alternatives must accept a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// One or more.
    Any,
    /// One and no more.
    One,
}

/// Schemas of which a value must match some.
#[derive(Debug)]
pub(super) struct Alternatives {
    wanted: Wanted,
    schemas: Vec<Schema>,
}

impl Alternatives {
    /// The alternatives that a keyword lists, if it is there.
    pub(super) fn of(
        list: &Value,
        wanted: Wanted,
        compile: impl Fn(&Value) -> Schema,
    ) -> Option<Self> {
        let schemas = list.as_array()?.iter().map(compile).collect();
        Some(Self { wanted, schemas })
    }

    /// Reports a value that matches too few or too many.
    pub(super) fn check(&self, value: &Value, at: &Location, report: &mut Report) {
        let matching = |schema: &&Schema| walk::accepts(schema, value);
        let fits = match self.wanted {
            Wanted::Any => self.schemas.iter().any(|schema| matching(&schema)),
            Wanted::One => self.schemas.iter().filter(matching).count() == 1,
        };
        if !fits {
            report.add(|| self.violation(value, at));
        }
    }

    fn violation(&self, value: &Value, at: &Location) -> Violation {
        let wanted = match self.wanted {
            Wanted::Any => "at least one",
            Wanted::One => "exactly one",
        };
        let count = self.schemas.len();
        let Some(choices) = self.choices() else {
            return at.violation(format!("{wanted} of {count} alternatives must match"));
        };
        let present: Vec<&str> = choices
            .iter()
            .flat_map(|fields| fields.iter())
            .map(|field| &**field)
            .filter(|field| value.get(field).is_some())
            .collect();
        let names: Vec<String> = choices
            .iter()
            .map(|fields| list(fields, " with "))
            .collect();
        let found = if present.is_empty() {
            "none".to_owned()
        } else {
            list(&present, " and ")
        };
        at.violation(format!(
            "{wanted} of {} is required, found {found}",
            names.join(", ")
        ))
    }

    /// What each alternative requires, when that is what tells them apart.
    fn choices(&self) -> Option<Vec<&[Box<str>]>> {
        let required = |schema| Some(&*Schema::node(schema).required);
        self.schemas
            .iter()
            .map(|schema| required(schema).filter(|names| !names.is_empty()))
            .collect()
    }
}

fn list(names: &[impl AsRef<str>], separator: &str) -> String {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    names.join(separator)
}

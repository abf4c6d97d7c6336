//! What is wrong with what a plugin says of itself.

use serde_json::Value;
use ztgit_plugin::Description;
use ztgit_plugin::fact::standard_schema;

use crate::name::is_dns_label;
use crate::stack::validate::Schema;

/// Everything that is wrong, each in a sentence.
pub fn problems(description: &Description) -> Vec<String> {
    let mut problems = Vec::new();
    if !is_dns_label(&description.name) {
        problems.push(format!("its name `{}` is no DNS label", description.name));
    }
    if !is_semantic_version(&description.version) {
        problems.push(format!(
            "its version `{}` is not of the form 1.2.3",
            description.version
        ));
    }
    if description.summary.trim().is_empty() || description.summary.contains('\n') {
        problems.push("its summary is not one line".to_owned());
    }
    config(&description.config_schema, &mut problems);
    facts(description, &mut problems);
    problems
}

fn config(schema: &Value, problems: &mut Vec<String>) {
    if let Err(problem) = Schema::new(schema.clone()) {
        problems.push(format!("its config's schema is invalid: {problem}"));
    } else if !closes(schema) {
        problems.push(
            "its config's schema takes any key, so no typo is found: \
             set `additionalProperties: false`"
                .to_owned(),
        );
    }
}

/// Whether an object with a key that nobody knows is refused.
fn closes(schema: &Value) -> bool {
    ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| {
            schema
                .get(key)
                .is_some_and(|open| *open != Value::Bool(true))
        })
}

fn facts(description: &Description, problems: &mut Vec<String>) {
    for (kind, schema) in &description.provides {
        if standard_schema(kind).is_some() {
            // Its schema is the host's.
        } else if !has_domain(kind) {
            problems.push(format!(
                "fact `{kind}` is not a standard kind, and its name has no domain in front, \
                 as in `example.com/{kind}`"
            ));
        } else if let Err(problem) = Schema::new(schema.clone()) {
            problems.push(format!("the schema of fact `{kind}` is invalid: {problem}"));
        }
        let granted = description
            .grants
            .facts
            .iter()
            .any(|(name, _)| name == kind);
        if !granted {
            problems.push(format!(
                "it states fact `{kind}`, but asks for no grant of it"
            ));
        }
    }
    for (kind, _) in &description.consumes {
        if standard_schema(kind).is_none() && !has_domain(kind) {
            problems.push(format!("it wants fact `{kind}`, which is no kind"));
        }
    }
}

fn has_domain(kind: &str) -> bool {
    kind.split_once('/')
        .is_some_and(|(domain, name)| domain.contains('.') && !name.is_empty())
}

fn is_semantic_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |text: &&str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_digit())
            && (*text == "0" || !text.starts_with('0'))
    };
    numbers.len() == 3 && numbers.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain() -> Description {
        let mut description = Description::new("mine", "0.1.0", "does something");
        description.config_schema = json!({"type": "object", "additionalProperties": false});
        description
    }

    #[test]
    fn a_plain_description_has_no_problem() {
        assert_eq!(problems(&plain()), Vec::<String>::new());
    }

    #[test]
    fn every_problem_is_named() {
        let mut description = plain();
        description.name = "My Plugin".to_owned();
        description.version = "1.0".to_owned();
        description.summary = String::new();
        description.config_schema = json!({"type": 5});
        description.provides.push(("targets".to_owned(), json!({})));
        description = description.consumes_kind("flows", ztgit_plugin::Cardinality::Many);
        let found = problems(&description);
        assert_eq!(found.len(), 7, "{found:#?}");
    }

    #[test]
    fn a_schema_that_takes_any_key_is_named() {
        let mut description = plain();
        description.config_schema = json!({"type": "object"});
        assert_eq!(problems(&description).len(), 1);
    }

    #[test]
    fn versions_are_three_numbers() {
        for version in ["0.1.0", "1.20.3-rc.1", "1.0.0+build"] {
            assert!(is_semantic_version(version), "{version}");
        }
        for version in ["1", "1.0", "v1.0.0", "1.0.x", "01.0.0", ""] {
            assert!(!is_semantic_version(version), "{version}");
        }
    }
}

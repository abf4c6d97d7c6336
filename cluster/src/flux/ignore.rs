//! `spec.ignore`: fields that Flux leaves to others.

use regex::Regex;
use serde_json::Value;

use super::selector::Labels;
use crate::object::{group_version, identity};
use crate::obstacle::Obstacle;
use crate::report::Reason;

/// All rules of a Kustomization.
#[derive(Debug, Default)]
pub(crate) struct IgnoreRules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    paths: Vec<String>,
    target: Option<Target>,
}

/// Regular expressions for whole texts, and selectors; what is not given takes all.
#[derive(Debug)]
struct Target {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Labels,
    annotations: Labels,
}

impl IgnoreRules {
    /// The rules of a `spec.ignore`.
    pub(super) fn of(rules: &Value) -> Result<Self, Obstacle> {
        let rules = rules.as_array().into_iter().flatten();
        rules.map(Rule::of).collect::<Result<_, _>>().map(Self)
    }

    /// JSON pointers to what is left alone of an object.
    pub(crate) fn pointers(&self, object: &Value) -> Vec<&str> {
        let matching = self.0.iter().filter(|rule| {
            let target = rule.target.as_ref();
            target.is_none_or(|target| target.matches(object))
        });
        matching
            .flat_map(|rule| rule.paths.iter().map(String::as_str))
            .collect()
    }
}

impl Rule {
    fn of(rule: &Value) -> Result<Self, Obstacle> {
        let paths = rule["paths"].as_array().into_iter().flatten();
        let target = &rule["target"];
        Ok(Self {
            paths: paths.filter_map(Value::as_str).map(str::to_owned).collect(),
            target: target.is_object().then(|| Target::of(target)).transpose()?,
        })
    }
}

impl Target {
    fn of(target: &Value) -> Result<Self, Obstacle> {
        let text = |name: &str| target[name].as_str().filter(|text| !text.is_empty());
        let pattern = |name: &str| {
            let regex = text(name).map(|text| Regex::new(&format!("^(?:{text})$")));
            regex.transpose().map_err(|error| unreadable(&error))
        };
        let labels = |name: &str| Labels::parse(text(name).unwrap_or_default());
        Ok(Self {
            group: pattern("group")?,
            version: pattern("version")?,
            kind: pattern("kind")?,
            name: pattern("name")?,
            namespace: pattern("namespace")?,
            labels: labels("labelSelector")?,
            annotations: labels("annotationSelector")?,
        })
    }

    fn matches(&self, object: &Value) -> bool {
        let Some(identity) = identity(object) else {
            return false;
        };
        let takes = |pattern: &Option<Regex>, text: &str| {
            pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(text))
        };
        takes(&self.group, &identity.group)
            && takes(&self.version, group_version(object).1)
            && takes(&self.kind, &identity.kind)
            && takes(&self.name, &identity.name)
            && takes(
                &self.namespace,
                identity.namespace.as_deref().unwrap_or_default(),
            )
            && self.labels.match_all(&object["metadata"]["labels"])
            && self
                .annotations
                .match_all(&object["metadata"]["annotations"])
    }
}

fn unreadable(error: &regex::Error) -> Obstacle {
    Obstacle::new(
        Reason::Malformed,
        format!("spec.ignore cannot be read: {error}"),
    )
}

/// Takes the field at a pointer away, where it is.
pub(crate) fn remove(object: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match object.pointer_mut(parent) {
        Some(Value::Object(fields)) => {
            fields.remove(&name);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = name.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(rules: &Value, object: &Value) -> Vec<String> {
        let rules = IgnoreRules::of(rules).unwrap();
        rules
            .pointers(object)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_rule_is_for_all_or_for_its_target() {
        let rules = json!([
            {"paths": ["/a"]},
            {"paths": ["/spec/replicas"], "target": {"kind": "Deploy.*", "labelSelector": "hpa=yes"}},
        ]);
        let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "x", "labels": {"hpa": "yes"}}});
        assert_eq!(pointers(&rules, &object), ["/a", "/spec/replicas"]);
        object["kind"] = "MyDeployment".into();
        assert_eq!(pointers(&rules, &object), ["/a"]);
    }

    #[test]
    fn a_pattern_that_is_none_is_said() {
        let rules = json!([{"paths": ["/a"], "target": {"kind": "("}}]);
        assert_eq!(
            IgnoreRules::of(&rules).unwrap_err().reason,
            Reason::Malformed
        );
    }

    #[test]
    fn a_field_is_taken_away_where_it_is() {
        let mut object = json!({"a": {"b/c": 1, "d": [1, 2]}});
        for pointer in ["/a/b~1c", "/a/d/0", "/a/d/7", "/x/y"] {
            remove(&mut object, pointer);
        }
        assert_eq!(object, json!({"a": {"d": [2]}}));
    }
}

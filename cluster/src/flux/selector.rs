//! Label selectors as text: `a=b,c!=d,e in (f,g),h,!i`.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api>

use std::collections::BTreeMap;

use kube::core::{Expression, Selector, SelectorExt as _};
use serde_json::Value;

use crate::obstacle::Obstacle;
use crate::report::Reason;

/// A selector of labels, or of annotations.
#[derive(Debug)]
pub(super) struct Labels(Selector);

impl Labels {
    /// Nothing takes all.
    pub(super) fn parse(text: &str) -> Result<Self, Obstacle> {
        let parts = requirements(text)
            .into_iter()
            .filter(|part| !part.is_empty());
        let expressions: Option<Vec<Expression>> = parts.map(expression).collect();
        let expressions = expressions.ok_or_else(|| {
            Obstacle::new(
                Reason::Malformed,
                format!("spec.ignore has a selector that cannot be read: `{text}`"),
            )
        })?;
        Ok(Self(expressions.into_iter().collect()))
    }

    /// Whether it takes an object with these.
    pub(super) fn match_all(&self, labels: &Value) -> bool {
        let labels: BTreeMap<String, String> = labels
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        self.0.matches(&labels)
    }
}

/// Parts between commas, but for those in parentheses.
fn requirements(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .collect()
}

fn expression(text: &str) -> Option<Expression> {
    let key = |text: &str| {
        let text = text.trim();
        let is_key = !text.is_empty() && !text.contains([' ', '(', ')', '=', '!']);
        is_key.then(|| text.to_owned())
    };
    if let Some(values) = text.strip_suffix(')') {
        let (head, values) = values.split_once('(')?;
        let values = values
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        return match head.split_whitespace().collect::<Vec<_>>()[..] {
            [name, "in"] => Some(Expression::In(key(name)?, values)),
            [name, "notin"] => Some(Expression::NotIn(key(name)?, values)),
            _ => None,
        };
    }
    if let Some((name, value)) = text.split_once("!=") {
        return Some(Expression::NotEqual(key(name)?, value.trim().to_owned()));
    }
    if let Some((name, value)) = text.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return Some(Expression::Equal(key(name)?, value.trim().to_owned()));
    }
    match text.strip_prefix('!') {
        Some(name) => Some(Expression::DoesNotExist(key(name)?)),
        None => Some(Expression::Exists(key(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_form_is_read() {
        let labels = json!({"a": "b", "tier": "web"});
        for (text, expected) in [
            ("", true),
            ("a=b", true),
            ("a==b, tier in (web, db)", true),
            ("tier notin (web,db)", false),
            ("a!=b", false),
            ("a,!c", true),
            ("!a", false),
        ] {
            assert_eq!(
                Labels::parse(text).unwrap().match_all(&labels),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_said() {
        for text in ["a b", "a in (b", "in (b)", "=b"] {
            assert!(Labels::parse(text).is_err(), "{text}");
        }
    }
}

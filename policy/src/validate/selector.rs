//! Label selectors.

use super::violation::Violations;
use crate::model::{Pointer, Selector};

/// How a key may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// `key`, or `source:key`.
    WithSource,
    /// `key`.
    Plain,
}

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

pub(super) fn check(selector: &Selector, keys: Keys, violations: &mut Violations) {
    for (key, value) in &selector.match_labels {
        let place = || selector.label_pointer(key);
        check_key(place, key, keys, violations);
        check_value(place, value, violations);
    }
    for expression in &selector.match_expressions {
        let pointer = &expression.pointer;
        check_key(|| pointer.key("key"), &expression.key, keys, violations);
        for (index, value) in expression.values.iter().enumerate() {
            let place = || pointer.key("values").index(index);
            check_value(place, value, violations);
        }
        check_operator(
            pointer,
            &expression.operator,
            &expression.values,
            violations,
        );
    }
}

fn check_operator(
    pointer: &Pointer,
    operator: &str,
    values: &[String],
    violations: &mut Violations,
) {
    match operator {
        "In" | "NotIn" if values.is_empty() => violations
            .refused(pointer, format!("`{operator}` without values"))
            .hint("name at least one, or use `Exists` or `DoesNotExist`"),
        "Exists" | "DoesNotExist" if !values.is_empty() => violations
            .refused(pointer, format!("`{operator}` with values"))
            .hint("leave `values` out, or use `In` or `NotIn`"),
        known if OPERATORS.contains(&known) => {}
        unknown => violations
            .refused(
                &pointer.key("operator"),
                format!("there is no operator `{unknown}`"),
            )
            .suggest(unknown, &OPERATORS),
    }
}

fn check_key(place: impl Fn() -> Pointer, key: &str, keys: Keys, violations: &mut Violations) {
    let plain = match key.split_once(':') {
        Some((source, plain)) if keys == Keys::WithSource => {
            let alphanumeric = source.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if source.is_empty() || !alphanumeric {
                violations
                    .refused(&place(), format!("`{source}` is no source of labels"))
                    .hint("sources are `k8s`, `any` and `reserved`");
            }
            plain
        }
        _ => key,
    };
    if !is_label_key(plain) {
        violations.refused(&place(), format!("`{plain}` is no label key")).hint(
            "up to 63 letters, digits, `-`, `_` and `.`, with an optional DNS name and `/` before",
        );
    }
}

fn check_value(place: impl Fn() -> Pointer, value: &str, violations: &mut Violations) {
    if !value.is_empty() && !is_label_name(value) {
        violations
            .refused(&place(), format!("`{value}` is no label value"))
            .hint("up to 63 letters, digits, `-`, `_` and `.`, the first and last no sign");
    }
}

/// An optional DNS name and a slash, and a name.
fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_dns_subdomain(prefix) && is_label_name(name),
        None => is_label_name(key),
    }
}

fn is_label_name(name: &str) -> bool {
    let alphanumeric = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let characters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=63).contains(&name.len())
        && name.bytes().all(characters)
        && alphanumeric(name.bytes().next())
        && alphanumeric(name.bytes().last())
}

fn is_dns_subdomain(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |label: &str| {
        label.bytes().all(|byte| alphanumeric(byte) || byte == b'-')
            && label.bytes().next().is_some_and(alphanumeric)
            && label.bytes().last().is_some_and(alphanumeric)
    };
    name.len() <= 253 && name.split('.').all(label)
}

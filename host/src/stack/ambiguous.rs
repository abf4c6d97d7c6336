//! Scalars that one reader of YAML takes for one thing and another for
//! something else: `no`, `010`, `1:30`, `1_000`, dates.
//!
//! YAML 1.1 and 1.2 differ here, and so do the tools that read a stack: the
//! author is asked to say which it is.

use super::node::{Mapping, Node, NodeValue};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};

/// Reports every ambiguous scalar and key below a node.
pub(super) fn check(node: &Node, sources: &Sources, diagnostics: &mut Diagnostics) {
    match &node.value {
        NodeValue::Sequence(items) => {
            for item in items {
                check(item, sources, diagnostics);
            }
        }
        NodeValue::Mapping(fields) => check_fields(fields, sources, diagnostics),
        NodeValue::String(_) => {
            let written = sources.slice(node.span);
            if let Some(meaning) = other_meaning(written) {
                diagnostics.push(ambiguous(written, meaning, node.span));
            }
        }
        NodeValue::Number(_) => {
            let written = sources.slice(node.span);
            if let Some(problem) = number_problem(written) {
                diagnostics.push(problem.at(node.span));
            }
        }
        NodeValue::Null | NodeValue::Bool(_) => {}
    }
}

fn check_fields(fields: &Mapping, sources: &Sources, diagnostics: &mut Diagnostics) {
    for field in fields.values() {
        let written = sources.slice(field.key);
        let meaning = other_meaning(written)
            .or_else(|| is_plain_integer(written).then_some("a number"))
            .or_else(|| {
                matches!(written, "true" | "false" | "null" | "~")
                    .then_some("something that is not a text")
            });
        if let Some(meaning) = meaning {
            diagnostics.push(ambiguous(written, meaning, field.key));
        }
        check(&field.node, sources, diagnostics);
    }
}

fn ambiguous(written: &str, meaning: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        "ambiguous-scalar",
        format!("`{written}` is {meaning} to some readers of YAML"),
    )
    .at(span)
    .hint(format!("quote it: \"{written}\""))
}

/// What else a plain scalar could be that is read as a text here. Quoted and
/// block scalars start with a character that no plain one starts with.
fn other_meaning(written: &str) -> Option<&'static str> {
    let lower = written.to_ascii_lowercase();
    match lower.as_str() {
        "y" | "yes" | "on" | "true" | "n" | "no" | "off" | "false"
            if !matches!(written, "true" | "false") =>
        {
            return Some("a boolean");
        }
        "null" if written != "null" => return Some("null"),
        ".inf" | "-.inf" | "+.inf" | ".nan" => return Some("a number"),
        _ => {}
    }
    let digits = written.strip_prefix(['-', '+']).unwrap_or(written);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if is_sexagesimal(digits) {
        return Some("a number in base 60");
    }
    if is_date(digits) {
        return Some("a date");
    }
    let radix = ["0x", "0o", "0b"]
        .iter()
        .any(|prefix| lower.contains(prefix));
    let body = digits
        .trim_start_matches("0x")
        .trim_start_matches("0o")
        .trim_start_matches("0b");
    let all_hex = body.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_');
    if (radix && all_hex)
        || (digits.contains('_')
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.')))
    {
        return Some("a number");
    }
    None
}

/// `1:30`, `1:30:00.5`
fn is_sexagesimal(digits: &str) -> bool {
    let mut parts = digits.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    !rest.is_empty()
        && first.bytes().all(|b| b.is_ascii_digit() || b == b'_')
        && rest.iter().all(|part| {
            let whole = part.split('.').next().unwrap_or_default();
            (1..=2).contains(&whole.len())
                && whole.parse::<u8>().is_ok_and(|number| number < 60)
                && part.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
}

/// `2026-11-21`, with or without a time.
fn is_date(digits: &str) -> bool {
    let mut parts = digits.splitn(3, '-');
    let is_number = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    parts.next().is_some_and(|year| is_number(year, 4, 4))
        && parts.next().is_some_and(|month| is_number(month, 1, 2))
        && parts.next().is_some_and(|rest| {
            let day: String = rest.chars().take_while(char::is_ascii_digit).collect();
            is_number(&day, 1, 2)
                && rest[day.len()..]
                    .chars()
                    .next()
                    .is_none_or(|next| "Tt \t".contains(next))
        })
}

fn is_plain_integer(written: &str) -> bool {
    let digits = written.strip_prefix(['-', '+']).unwrap_or(written);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// What is wrong with the way a number is written.
fn number_problem(written: &str) -> Option<Diagnostic> {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let canonical = |text: &str| text == "0" || !text.starts_with('0');
    if is_plain_integer(written) {
        let ambiguous = !canonical(digits) || written.starts_with('+');
        return if ambiguous {
            Some(
                Diagnostic::error(
                    "ambiguous-scalar",
                    format!("`{written}` is an octal number to some readers of YAML"),
                )
                .hint("write the number without a leading zero or sign, or quote it"),
            )
        } else if written.parse::<i64>().is_err() && written.parse::<u64>().is_err() {
            Some(
                Diagnostic::error(
                    "number-too-large",
                    format!("`{written}` does not fit 64 bits"),
                )
                .hint("quote it if it is a text"),
            )
        } else {
            None
        };
    }
    let plain_float = digits
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if !plain_float {
        return Some(
            Diagnostic::error(
                "ambiguous-scalar",
                format!("`{written}` is a number to some readers of YAML and a text to others"),
            )
            .hint("write it in decimal, or quote it"),
        );
    }
    let value: f64 = written.parse().ok()?;
    if !value.is_finite() {
        return Some(
            Diagnostic::error(
                "number-too-large",
                format!("`{written}` does not fit 64 bits"),
            )
            .hint("quote it if it is a text"),
        );
    }
    (value.fract() == 0.0).then(|| {
        Diagnostic::error("float", format!("`{written}` is a float")).hint(format!(
            "write {value:.0}, or quote it if it is a text such as a version"
        ))
    })
}

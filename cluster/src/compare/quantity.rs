//! Amounts of resources: `1000m` is `1`.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use serde_json::Value;

/// Fields whose values are quantities, or have these as their values.
const HOLDERS: [&str; 11] = [
    "capacity",
    "default",
    "defaultRequest",
    "hard",
    "limits",
    "max",
    "min",
    "overhead",
    "podFixed",
    "requests",
    "sizeLimit",
];

/// Whether a field at this pointer is a quantity.
pub(super) fn is_at(pointer: &str) -> bool {
    pointer
        .split('/')
        .rev()
        .take(2)
        .any(|name| HOLDERS.contains(&name))
}

/// Whether two values are the same amount.
pub(super) fn are_equal(left: &Value, right: &Value) -> bool {
    matches!((amount(left), amount(right)), (Some(left), Some(right)) if left == right)
}

/// An amount in billionths, exactly.
fn amount(value: &Value) -> Option<i128> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let end = text
        .find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    scaled(billionths(number)?, unit)
}

fn billionths(number: &str) -> Option<i128> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !digits.is_empty() && (whole.len() + fraction.len()) > 0 && fraction.len() <= 9;
    let number: i128 = is_number
        .then(|| format!("0{whole}{fraction:0<9}").parse().ok())
        .flatten()?;
    Some(sign * number)
}

fn scaled(billionths: i128, unit: &str) -> Option<i128> {
    let factor = |base: i128, power: u32| billionths.checked_mul(base.checked_pow(power)?);
    match unit {
        "" => Some(billionths),
        "n" => divided(billionths, 1_000_000_000),
        "u" => divided(billionths, 1_000_000),
        "m" => divided(billionths, 1_000),
        "k" => factor(1_000, 1),
        "M" => factor(1_000, 2),
        "G" => factor(1_000, 3),
        "T" => factor(1_000, 4),
        "P" => factor(1_000, 5),
        "E" => factor(1_000, 6),
        "Ki" => factor(1_024, 1),
        "Mi" => factor(1_024, 2),
        "Gi" => factor(1_024, 3),
        "Ti" => factor(1_024, 4),
        "Pi" => factor(1_024, 5),
        "Ei" => factor(1_024, 6),
        exponent => factor(10, exponent.strip_prefix(['e', 'E'])?.parse().ok()?),
    }
}

fn divided(number: i128, by: i128) -> Option<i128> {
    (number % by == 0).then_some(number / by)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_amount_is_equal_however_it_is_written() {
        for (left, right) in [
            (json!("1000m"), json!(1)),
            (json!("0.5"), json!("500m")),
            (json!("1Gi"), json!("1024Mi")),
            (json!("1e3"), json!("1k")),
            (json!("2"), json!("2.0")),
            (json!("-1"), json!("-1000m")),
        ] {
            assert!(are_equal(&left, &right), "{left} {right}");
        }
    }

    #[test]
    fn other_amounts_and_other_text_are_not() {
        for (left, right) in [
            (json!("1G"), json!("1Gi")),
            (json!("1"), json!("1m")),
            (json!("abc"), json!("abc")),
            (json!(""), json!("0")),
            (json!("."), json!("0")),
        ] {
            assert!(!are_equal(&left, &right), "{left} {right}");
        }
    }

    #[test]
    fn only_fields_of_amounts_are_read_as_such() {
        assert!(is_at(
            "/spec/template/spec/containers/0/resources/limits/cpu"
        ));
        assert!(is_at("/spec/volumes/0/emptyDir/sizeLimit"));
        assert!(!is_at("/data/limit"));
        assert!(!is_at("/metadata/labels/cpu"));
    }
}

//! Numbers.

use std::fmt::Write as _;

use serde_json::Number;

/// Appends a number. Integers are decimal. A float has a period and, if any,
/// an exponent with a sign, because YAML 1.1 takes `1e100` for a string.
pub(super) fn write(number: &Number, out: &mut String) {
    let written = match (number.as_u64(), number.as_i64(), number.as_f64()) {
        (Some(integer), _, _) => write!(out, "{integer}"),
        (_, Some(integer), _) => write!(out, "{integer}"),
        (_, _, Some(float)) => {
            write_float(float, out);
            Ok(())
        }
        // Beyond 64 bits, where some other crate has `serde_json` keep them.
        _ => write!(out, "{number}"),
    };
    written.expect("writing to a string does not fail");
}

/// The shortest digits that give the same float.
fn write_float(float: f64, out: &mut String) {
    let start = out.len();
    write!(out, "{float:?}").expect("writing to a string does not fail");
    let Some(exponent) = out[start..].find('e').map(|at| start + at) else {
        return;
    };
    if !out[exponent + 1..].starts_with('-') {
        out.insert(exponent + 1, '+');
    }
    if !out[start..exponent].contains('.') {
        out.insert_str(exponent, ".0");
    }
}

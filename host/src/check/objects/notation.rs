//! How Kubernetes writes quantities, times and the like.

/// `500m`, `1.5Gi`, `1e3`: a decimal number with a suffix of `Quantity`.
pub(super) fn is_quantity(text: &str) -> bool {
    const SUFFIXES: [&str; 16] = [
        "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
    ];
    let Some(suffix) = after_decimal(text) else {
        return false;
    };
    let exponent = || suffix.strip_prefix(['e', 'E']).and_then(after_decimal);
    SUFFIXES.contains(&suffix) || exponent() == Some("")
}

/// What follows a decimal number with an optional sign, if there is one.
fn after_decimal(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let rest = unsigned.trim_start_matches(|each: char| each.is_ascii_digit());
    let whole = unsigned.len() - rest.len();
    let Some(fraction) = rest.strip_prefix('.') else {
        return (whole > 0).then_some(rest);
    };
    let rest = fraction.trim_start_matches(|each: char| each.is_ascii_digit());
    (whole + fraction.len() > rest.len()).then_some(rest)
}

/// Standard base64 with padding; line breaks do not count.
pub(super) fn is_base64(text: &str) -> bool {
    let bytes: Vec<u8> = text
        .bytes()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
    let (digits, _) = bytes.split_at(bytes.len() - padding);
    bytes.len().is_multiple_of(4)
        && padding <= 2
        && digits
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
}

/// `2006-01-02`.
pub(super) fn is_date(text: &str) -> bool {
    if !has_shape(text, "dddd-dd-dd") {
        return false;
    }
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap_or_default();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// RFC 3339: `2006-01-02T15:04:05.999Z`, `…+02:00`.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let zone_fits = match zone.strip_prefix(['+', '-']) {
        Some(offset) => has_shape(offset, "dd:dd") && is_clock(offset),
        None => zone == "Z",
    };
    let fraction_fits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_date(date) && has_shape(time, "dd:dd:dd") && is_clock(time) && fraction_fits && zone_fits
}

fn is_clock(text: &str) -> bool {
    let limits = [23, 59, 59];
    text.split(':')
        .zip(limits)
        .all(|(part, limit)| part.parse::<u8>().is_ok_and(|it| it <= limit))
}

/// `1m30s`, as Go writes durations, or `2 days`.
pub(super) fn is_duration(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "0" {
        return true;
    }
    let mut rest = unsigned;
    while !rest.is_empty() {
        let starts_well = rest.starts_with(|first: char| first.is_ascii_digit() || first == '.');
        let Some(after) = after_decimal(rest).filter(|_| starts_well) else {
            return false;
        };
        let after = after.trim_start_matches(' ');
        let end = after
            .find(|each: char| !each.is_alphabetic())
            .unwrap_or(after.len());
        let (unit, next) = after.split_at(end);
        if !is_unit_of_time(unit) {
            return false;
        }
        rest = next;
    }
    !unsigned.is_empty()
}

fn is_unit_of_time(unit: &str) -> bool {
    const SIGNS: [&str; 10] = ["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w"];
    const WORDS: [&str; 7] = ["sec", "second", "min", "minute", "hour", "day", "week"];
    SIGNS.contains(&unit) || WORDS.contains(&unit.strip_suffix('s').unwrap_or(unit))
}

/// `00:1b:44:11:3a:b7`.
pub(super) fn is_hardware_address(text: &str) -> bool {
    has_shape(text, "xx:xx:xx:xx:xx:xx") || has_shape(text, "xx-xx-xx-xx-xx-xx")
}

/// `123e4567-e89b-12d3-a456-426614174000`.
pub(super) fn is_uuid(text: &str) -> bool {
    has_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

/// Whether a text looks like `shape`, in which `d` is any digit and `x` any
/// hexadecimal one.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, wanted)| match wanted {
                b'd' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit(),
                _ => byte == wanted,
            })
}

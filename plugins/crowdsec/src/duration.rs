//! How long a ban lasts.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A time span as CrowdSec reads it: a number and `s`, `m` or `h`. Days are
/// unknown to older versions of it, so they are unknown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BanDuration {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
}

impl Unit {
    fn letter(self) -> char {
        match self {
            Self::Seconds => 's',
            Self::Minutes => 'm',
            Self::Hours => 'h',
        }
    }
}

impl Default for BanDuration {
    fn default() -> Self {
        Self {
            count: 4,
            unit: Unit::Hours,
        }
    }
}

impl TryFrom<String> for BanDuration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let units = [Unit::Seconds, Unit::Minutes, Unit::Hours];
        let parsed = units.into_iter().find_map(|unit| {
            let digits = text.strip_suffix(unit.letter())?;
            let is_canonical = (1..=6).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            if !is_canonical {
                return None;
            }
            Some(Self {
                count: digits.parse().ok()?,
                unit,
            })
        });
        parsed.ok_or_else(|| format!("`{text}` is not a time span such as 4h, 30m or 90s"))
    }
}

impl fmt::Display for BanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.letter())
    }
}

impl JsonSchema for BanDuration {
    fn schema_name() -> Cow<'static, str> {
        "BanDuration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A time span: a number and s, m or h.",
            "pattern": "^[1-9][0-9]{0,5}[smh]$"
        })
    }
}

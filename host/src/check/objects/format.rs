//! The formats that an API server enforces; it ignores all others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde_json::Number;

use super::{names, notation};

/// A format of a string or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Int32,
    Int64,
    Byte,
    Cidr,
    Date,
    DateTime,
    Duration,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Mac,
    Quantity,
    Uri,
    Uuid,
}

impl Format {
    /// The format of this name, if it is one that is enforced. `quantity` is
    /// no name of upstream's: it is how the vendored data marks that type.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "byte" => Self::Byte,
            "cidr" => Self::Cidr,
            "date" => Self::Date,
            "date-time" | "datetime" => Self::DateTime,
            "duration" => Self::Duration,
            "email" => Self::Email,
            "hostname" => Self::Hostname,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "mac" => Self::Mac,
            "quantity" => Self::Quantity,
            "uri" => Self::Uri,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    pub(super) fn accepts_number(self, number: &Number) -> bool {
        match self {
            Self::Int32 => number
                .as_i64()
                .is_some_and(|value| i32::try_from(value).is_ok()),
            Self::Int64 => number.as_i64().is_some(),
            _ => true,
        }
    }

    pub(super) fn accepts_text(self, text: &str) -> bool {
        match self {
            Self::Int32 | Self::Int64 => true,
            Self::Byte => notation::is_base64(text),
            Self::Cidr => is_cidr(text),
            Self::Date => notation::is_date(text),
            Self::DateTime => notation::is_date_time(text),
            Self::Duration => notation::is_duration(text),
            Self::Email => text
                .split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty()),
            Self::Hostname => names::is_subdomain(&text.to_ascii_lowercase()),
            Self::Ipv4 => Ipv4Addr::from_str(text).is_ok(),
            Self::Ipv6 => Ipv6Addr::from_str(text).is_ok(),
            Self::Mac => notation::is_hardware_address(text),
            Self::Quantity => notation::is_quantity(text),
            Self::Uri => is_uri(text),
            Self::Uuid => notation::is_uuid(text),
        }
    }

    /// With its article, for a message.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Int32 => "a 32-bit integer",
            Self::Int64 => "a 64-bit integer",
            Self::Byte => "base64",
            Self::Cidr => "a CIDR such as `10.0.0.0/8`",
            Self::Date => "a date such as `2006-01-02`",
            Self::DateTime => "a time such as `2006-01-02T15:04:05Z`",
            Self::Duration => "a duration such as `1m30s`",
            Self::Email => "an e-mail address",
            Self::Hostname => "a host name",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Mac => "a MAC address",
            Self::Quantity => "a quantity such as `500m` or `1Gi`",
            Self::Uri => "a URI",
            Self::Uuid => "a UUID",
        }
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let longest = match IpAddr::from_str(address) {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    digits && length.parse::<u8>().is_ok_and(|length| length <= longest)
}

/// Absolute, or an absolute path, as Go's `url.ParseRequestURI` has it.
fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let has_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let visible = !text.contains(|each: char| each.is_control() || each == ' ');
    visible && (has_scheme || text.starts_with('/'))
}

//! Addresses and ranges as they stand in a stack.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An address range in CIDR notation, IPv4 or IPv6, without host bits:
/// `10.42.0.0/16` is one, `10.42.0.1/16` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(IpNet);

impl Cidr {
    /// The range of exactly one address.
    pub fn single(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }

    /// Whether two ranges have an address in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.contains(&other.0) || other.0.contains(&self.0)
    }

    /// Whether every address of `other` is in this range.
    pub fn contains(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the address is in this range.
    pub fn contains_address(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether it is a range of IPv4 addresses.
    pub fn is_ipv4(&self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }

    /// The range with its methods for addresses and prefix.
    pub fn net(&self) -> IpNet {
        self.0
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a text is not a [`Cidr`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CidrError {
    /// Not `ADDRESS/PREFIX` at all.
    Syntax(String),
    /// It has bits set behind its prefix.
    HostBits {
        /// What was written.
        written: IpNet,
    },
}

impl fmt::Display for CidrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(text) => {
                write!(f, "`{text}` is not an address range such as 10.42.0.0/16")
            }
            Self::HostBits { written } => {
                write!(
                    f,
                    "`{written}` has host bits set; the range is {}",
                    written.trunc()
                )
            }
        }
    }
}

impl std::error::Error for CidrError {}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let net: IpNet = text
            .parse()
            .map_err(|_| CidrError::Syntax(text.to_owned()))?;
        if net.trunc() == net {
            Ok(Self(net))
        } else {
            Err(CidrError::HostBits { written: net })
        }
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Cidr {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "ztgit-cidr",
            "description": "an address range, such as 10.42.0.0/16 or fd00:42::/56",
        })
    }
}

/// Whether two ranges that belong to different things meet, as pairs.
pub fn first_overlap<'a>(left: &'a [Cidr], right: &'a [Cidr]) -> Option<(&'a Cidr, &'a Cidr)> {
    left.iter()
        .find_map(|l| right.iter().find(|r| l.overlaps(r)).map(|r| (l, r)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_bits_are_refused_and_the_range_is_named() {
        let error = "10.42.0.1/16".parse::<Cidr>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`10.42.0.1/16` has host bits set; the range is 10.42.0.0/16"
        );
    }

    #[test]
    fn a_range_overlaps_what_it_contains_and_what_contains_it() {
        let wide: Cidr = "10.0.0.0/8".parse().unwrap();
        let narrow: Cidr = "10.100.0.0/24".parse().unwrap();
        let other: Cidr = "192.168.1.0/24".parse().unwrap();
        assert!(wide.overlaps(&narrow) && narrow.overlaps(&wide));
        assert!(!wide.overlaps(&other));
    }
}

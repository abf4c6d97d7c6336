//! Where an end of a tunnel is found from outside.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ztgit_plugin::{Diagnostic, host_name};

use crate::section::Section;

/// A DNS name or an address, without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A DNS name.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Why a text is not an [`Endpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointError {
    /// A name or an address with a port behind it.
    Port,
    /// Neither a name nor an address.
    Syntax,
}

impl Endpoint {
    /// Reads an endpoint.
    pub(crate) fn parse(text: &str) -> Result<Self, EndpointError> {
        if let Some(host) = bare(text) {
            return Ok(host);
        }
        match text.rsplit_once(':') {
            Some((host, port)) if bare(host).is_some() && port.parse::<u16>().is_ok() => {
                Err(EndpointError::Port)
            }
            _ => Err(EndpointError::Syntax),
        }
    }

    /// Reads an endpoint that stands at that place of the config.
    pub(crate) fn parse_at(
        text: &str,
        section: Section<'_>,
        place: &[&str],
    ) -> Result<Self, Diagnostic> {
        Self::parse(text).map_err(|error| {
            let text = text.escape_debug();
            let (message, hint) = match error {
                EndpointError::Port => (
                    format!("`{text}` has a port behind the host"),
                    "write the host alone; the port is `port`",
                ),
                EndpointError::Syntax => (
                    format!("`{text}` is neither a DNS name nor an address"),
                    "write a host such as vpn.example.net",
                ),
            };
            section.error(place, "endpoint", message).hint(hint)
        })
    }

    /// As a WireGuard file has it, with the port.
    pub(crate) fn with_port(&self, port: u16) -> String {
        match self {
            Self::Address(IpAddr::V6(address)) => format!("[{address}]:{port}"),
            host => format!("{host}:{port}"),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

fn bare(text: &str) -> Option<Endpoint> {
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    if let Some(address) = bracketed {
        return address
            .parse::<Ipv6Addr>()
            .ok()
            .map(|v6| Endpoint::Address(v6.into()));
    }
    if let Ok(address) = text.parse() {
        return Some(Endpoint::Address(address));
    }
    is_dns_name(text).then(|| Endpoint::Name(text.to_owned()))
}

/// Labels as RFC 1123 has them. An all-digit last label would be a misspelt
/// IPv4 address.
fn is_dns_name(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.split('.').all(host_name::is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        Endpoint::parse(text).unwrap().with_port(51820)
    }

    #[test]
    fn names_and_addresses_of_both_families_get_the_port() {
        assert_eq!(written("vpn.example.net"), "vpn.example.net:51820");
        assert_eq!(written("203.0.113.7"), "203.0.113.7:51820");
        assert_eq!(written("2001:db8::7"), "[2001:db8::7]:51820");
        assert_eq!(written("[2001:db8::7]"), "[2001:db8::7]:51820");
    }

    #[test]
    fn a_port_is_told_from_nonsense() {
        for text in [
            "vpn.example.net:51820",
            "203.0.113.7:1",
            "[2001:db8::7]:51820",
        ] {
            assert_eq!(Endpoint::parse(text), Err(EndpointError::Port), "{text}");
        }
        for text in [
            "",
            "vpn..net",
            "-a.net",
            "a b",
            "1.2.3.400",
            "https://a.net",
            "a\nb",
            "é",
        ] {
            assert_eq!(Endpoint::parse(text), Err(EndpointError::Syntax), "{text}");
        }
    }
}

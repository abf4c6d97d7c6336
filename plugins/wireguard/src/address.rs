//! Addresses of peers, read and checked against their range.

use std::fmt;
use std::net::IpAddr;

use ztgit_plugin::{Cidr, Diagnostic};

use crate::section::Section;
use crate::subnets::{Reserved, reserved};

/// Where an address stands in the config.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The interface.
    pub(crate) section: Section<'a>,
    /// The path there.
    pub(crate) at: &'a [&'a str],
}

impl Place<'_> {
    /// Reads an address that has to be of that range.
    pub(crate) fn parse(self, text: &str, range: Option<&Cidr>) -> Result<IpAddr, Diagnostic> {
        let address: IpAddr = text.parse().map_err(|_| {
            self.error(
                "peer-address",
                format!("`{}` is not an address", text.escape_debug()),
            )
            .hint("write one address without a prefix, such as 10.100.0.2")
        })?;
        let Some(range) = range else {
            return Err(self
                .error("peer-outside", format!("{address} has no range"))
                .hint("set `cidr6` beside `cidr`"));
        };
        if !range.contains_address(address) {
            return Err(self
                .error(
                    "peer-outside",
                    format!("{address} is outside the range {range}"),
                )
                .hint(format!("take an address from {range}, or change the range")));
        }
        match reserved(range, address) {
            Some(Reserved::Network) => {
                Err(self.reserved(&address, "the address of the network itself"))
            }
            Some(Reserved::Broadcast) => Err(self.reserved(&address, "the broadcast address")),
            None => Ok(address),
        }
    }

    /// An address that is somebody else's.
    pub(crate) fn reserved(self, address: &impl fmt::Display, owner: &str) -> Diagnostic {
        self.error("peer-reserved", format!("{address} is {owner}"))
            .hint("take another address of the range")
    }

    fn error(self, code: &str, message: String) -> Diagnostic {
        self.section.error(self.at, code, message)
    }
}

//! Names of network interfaces.

use std::fmt;

/// A name that Linux takes for an interface and nft for exactly that one: no
/// wildcard, no quote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interface(String);

impl Interface {
    /// Reads a name; `None` where it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        let fits = (1..=15).contains(&text.len()) && text.bytes().all(plain);
        (fits && text != "." && text != "..").then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_interfaces() {
        assert_eq!(
            Interface::parse("br-lan.7").unwrap().to_string(),
            "br-lan.7"
        );
        for name in [
            "",
            ".",
            "..",
            "wg*",
            "wg 0",
            "wg0\"",
            "wg\n0",
            "sixteen-letters-",
            "wö0",
        ] {
            assert_eq!(Interface::parse(name), None, "{name}");
        }
    }
}

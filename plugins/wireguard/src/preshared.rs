//! Preshared keys, which only files on hosts hold.

use std::fmt;

use ztgit_plugin::Diagnostic;

use crate::section::Section;

const DIRECTORY: &str = "/etc/wireguard/";
const SUFFIX: &str = ".psk";

/// The path of a file with a preshared key: in WireGuard's own directory, which
/// only root reads, and of a form that a shell and awk take as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PresharedKeyFile(String);

impl PresharedKeyFile {
    /// Reads a path that stands at that place of the config.
    pub(crate) fn parse(
        text: &str,
        section: Section<'_>,
        place: &[&str],
    ) -> Result<Self, Diagnostic> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let name = text
            .strip_prefix(DIRECTORY)
            .and_then(|name| name.strip_suffix(SUFFIX));
        match name {
            Some(name) if !name.is_empty() && name.bytes().all(plain) => Ok(Self(text.to_owned())),
            // The text is not repeated: it may be the key itself.
            _ => Err(section
                .error(
                    place,
                    "preshared-key-file",
                    "this is not the path of a file with a preshared key",
                )
                .hint("name a file on the host, such as /etc/wireguard/laptop.psk")
                .hint("if this is a key, make a new one: it is no secret any more")),
        }
    }
}

impl fmt::Display for PresharedKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

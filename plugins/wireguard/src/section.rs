//! Where an interface is configured.

use ztgit_plugin::Diagnostic;

/// The interface that the top level of the config describes.
const FIRST: &str = "wg0";

/// The part of the config that is about one interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section<'a> {
    /// The top level.
    TopLevel,
    /// An entry of `interfaces`.
    Interface(&'a str),
    /// An entry of `meshes`.
    Mesh(&'a str),
}

impl<'a> Section<'a> {
    /// The name of the interface.
    pub(crate) fn interface(self) -> &'a str {
        match self {
            Self::TopLevel => FIRST,
            Self::Interface(name) | Self::Mesh(name) => name,
        }
    }

    /// Whether it is the interface that a device's file need not name.
    pub(crate) fn is_first(self) -> bool {
        self.interface() == FIRST
    }

    /// An error at a place in this section.
    pub(crate) fn error(self, at: &[&str], code: &str, message: impl Into<String>) -> Diagnostic {
        self.place(Diagnostic::error(code, message), at)
    }

    /// A warning at a place in this section.
    pub(crate) fn warning(self, at: &[&str], code: &str, message: impl Into<String>) -> Diagnostic {
        self.place(Diagnostic::warning(code, message), at)
    }

    fn place(self, finding: Diagnostic, at: &[&str]) -> Diagnostic {
        let own = match self {
            Self::TopLevel => [None, None],
            Self::Interface(name) => [Some("interfaces"), Some(name)],
            Self::Mesh(name) => [Some("meshes"), Some(name)],
        };
        finding.at_config(own.into_iter().flatten().chain(at.iter().copied()))
    }

    /// The interface's name has to fit everywhere it goes: into units, paths,
    /// rules of a firewall.
    pub(crate) fn check_name(self) -> Option<Diagnostic> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let name = self.interface();
        let fits = (1..=15).contains(&name.len())
            && name.bytes().all(plain)
            && name.starts_with(|first: char| first.is_ascii_lowercase());
        let message = format!("`{}` cannot name an interface", name.escape_debug());
        (!fits).then(|| {
            self.error(&[], "interface-name", message)
                .hint("use at most 15 lower-case letters, digits and dashes, a letter first")
        })
    }
}

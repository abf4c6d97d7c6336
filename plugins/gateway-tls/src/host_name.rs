//! Names of hosts, single ones and wildcards.

use std::fmt;
use std::net::IpAddr;

use ztgit_plugin::host_name;

/// A DNS name in lower case with at least two labels that is no address, or `*.`
/// and such a name. Lower case because the Gateway API takes no other, and
/// because two spellings of a name are one host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostName(String);

/// Object names are made of a host name and a prefix, and objects that others
/// make of those carry prefixes of their own; Kubernetes stops at 253.
const MAX_LENGTH: usize = 200;

/// Why a text is not a [`HostName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostNameError {
    Address,
    NotAscii,
    SingleLabel,
    Syntax,
    TooLong,
}

impl HostName {
    pub(crate) fn parse(text: &str) -> Result<Self, HostNameError> {
        let name = text.to_ascii_lowercase();
        if !name.is_ascii() {
            return Err(HostNameError::NotAscii);
        }
        if name.parse::<IpAddr>().is_ok() {
            return Err(HostNameError::Address);
        }
        let base = host_name::base(&name);
        if !base.split('.').all(host_name::is_label) {
            return Err(HostNameError::Syntax);
        }
        if name.len() > MAX_LENGTH {
            return Err(HostNameError::TooLong);
        }
        if !base.contains('.') {
            return Err(HostNameError::SingleLabel);
        }
        Ok(Self(name))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for all names one label below another.
    pub(crate) fn is_wildcard(&self) -> bool {
        host_name::is_wildcard(&self.0)
    }

    /// The name without `*.`.
    pub(crate) fn base(&self) -> &str {
        host_name::base(&self.0)
    }

    /// A name for an object or a listener of this host. Those of a wildcard and
    /// of a host that is called so never meet: no kind begins with `wildcard`.
    pub(crate) fn object_name(&self, kind: &str) -> String {
        let base = self.base();
        if self.is_wildcard() {
            format!("wildcard-{kind}-{base}")
        } else {
            format!("{kind}-{base}")
        }
    }

    /// Whether it is that domain or below it.
    pub(crate) fn is_within(&self, domain: &str) -> bool {
        host_name::is_within(&self.0, domain)
    }

    /// Whether a name can be both: the TLS listener of the one could be that of
    /// the other.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        host_name::overlap(&self.0, &other.0)
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for HostNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("is an address, not a host name"),
            Self::NotAscii => f.write_str("has characters that no DNS name has"),
            Self::SingleLabel => f.write_str("is no public name: it has a single label"),
            Self::Syntax => f.write_str("is not a DNS name"),
            Self::TooLong => write!(f, "is longer than {MAX_LENGTH} characters"),
        }
    }
}

impl HostNameError {
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::Address => "give the name that resolves to it",
            Self::NotAscii => "write an internationalised name in its ASCII form (xn--...)",
            Self::SingleLabel => "write the name in full, such as app.your-domain.net",
            Self::Syntax => "write labels of letters, digits and hyphens, without a port or a path",
            Self::TooLong => "choose a shorter name",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> HostNameError {
        HostName::parse(text).unwrap_err()
    }

    #[test]
    fn a_name_is_taken_in_lower_case() {
        assert_eq!(
            HostName::parse("MyApp.Your-Domain.NET").unwrap().as_str(),
            "myapp.your-domain.net"
        );
    }

    #[test]
    fn what_no_certificate_can_name_is_refused_with_its_reason() {
        assert_eq!(refused("192.168.1.10"), HostNameError::Address);
        assert_eq!(refused("bücher.de"), HostNameError::NotAscii);
        assert_eq!(refused("router"), HostNameError::SingleLabel);
        assert_eq!(refused("app.your-domain.net:8443"), HostNameError::Syntax);
        assert_eq!(refused("app..net"), HostNameError::Syntax);
        assert_eq!(refused("-app.net"), HostNameError::Syntax);
        assert_eq!(refused("a.*.your-domain.net"), HostNameError::Syntax);
        assert_eq!(refused("*.net"), HostNameError::SingleLabel);
        assert_eq!(
            refused(&format!("{}net", "long-label.".repeat(20))),
            HostNameError::TooLong
        );
    }

    #[test]
    fn a_wildcard_and_a_host_called_so_have_names_of_their_own() {
        let name = |text| HostName::parse(text).unwrap().object_name("https");
        assert_eq!(name("app.your-domain.net"), "https-app.your-domain.net");
        assert_eq!(name("*.your-domain.net"), "wildcard-https-your-domain.net");
        assert_ne!(name("*.your-domain.net"), name("wildcard.your-domain.net"));
    }
}

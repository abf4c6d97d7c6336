//! The server that a URL names, as the network knows it.

use std::net::IpAddr;

/// A server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server<'u> {
    /// Who it is.
    pub host: Host<'u>,
    /// Its TCP port.
    pub port: u16,
}

/// Who a server is to the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host<'u> {
    /// A name outside the cluster, as it is written.
    External(&'u str),
    /// An address, which may be a node's.
    Address(IpAddr),
    /// A Service of this cluster: policies see the pods behind it.
    Service {
        /// Its namespace; none for that of whoever asks.
        namespace: Option<&'u str>,
    },
}

impl<'u> Server<'u> {
    /// The server of a URL, in a cluster of that DNS domain; nothing where the URL
    /// does not say.
    pub fn of(url: &'u str, cluster_domain: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let usual = match scheme {
            "https" | "oci" => 443,
            "http" => 80,
            "ssh" => 22,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority.rsplit('@').next()?;
        let (host, port) = split_port(authority)?;
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
            None => usual,
        };
        let host = Host::of(host, cluster_domain)?;
        Some(Self { host, port })
    }

    /// Its name, if it is outside the cluster and has one.
    pub fn external_name(&self) -> Option<&'u str> {
        match self.host {
            Host::External(name) => Some(name),
            Host::Address(_) | Host::Service { .. } => None,
        }
    }
}

impl<'u> Host<'u> {
    fn of(host: &'u str, cluster_domain: &str) -> Option<Self> {
        if host.is_empty() {
            return None;
        }
        if let Ok(address) = host.parse() {
            return Some(Self::Address(address));
        }
        let service = host
            .strip_suffix(cluster_domain)
            .and_then(|rest| rest.strip_suffix('.'))
            .unwrap_or(host)
            .strip_suffix(".svc");
        if let Some((_, namespace)) = service.and_then(|service| service.rsplit_once('.')) {
            let namespace = Some(namespace);
            return Some(Self::Service { namespace });
        }
        Some(if host.contains('.') {
            Self::External(host)
        } else {
            Self::Service { namespace: None }
        })
    }
}

/// Host and port of an authority; brackets around an IPv6 address go.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        return Some((host, rest.strip_prefix(':')));
    }
    Some(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Option<(Host<'_>, u16)> {
        let server = Server::of(url, "cluster.local")?;
        Some((server.host, server.port))
    }

    #[test]
    fn the_port_is_the_schemes_unless_the_url_has_one() {
        let git = Host::External("git.example.net");
        assert_eq!(
            server("https://git.example.net/fleet.git"),
            Some((git, 443))
        );
        assert_eq!(server("ssh://git@git.example.net/fleet"), Some((git, 22)));
        assert_eq!(server("http://git.example.net:3000/x"), Some((git, 3000)));
        let ghcr = Host::External("ghcr.io");
        assert_eq!(server("oci://ghcr.io/me/fleet"), Some((ghcr, 443)));
    }

    #[test]
    fn an_address_is_kept_as_one() {
        let address = |text: &str| Host::Address(text.parse().expect("an address"));
        assert_eq!(
            server("ssh://git@192.168.1.5:2222/x"),
            Some((address("192.168.1.5"), 2222))
        );
        assert_eq!(
            server("https://[2001:db8::1]/x"),
            Some((address("2001:db8::1"), 443))
        );
    }

    #[test]
    fn a_service_is_known_by_its_namespace() {
        for (url, namespace) in [
            ("http://gitea.git.svc.cluster.local/x", Some("git")),
            ("http://gitea.git.svc:3000/x", Some("git")),
            ("http://gitea:3000/x", None),
        ] {
            let host = Server::of(url, "cluster.local").map(|server| server.host);
            assert_eq!(host, Some(Host::Service { namespace }), "{url}");
        }
    }

    #[test]
    fn a_url_without_a_usable_host_names_no_server() {
        for url in [
            "fleet.git",
            "file:///srv/fleet.git",
            "https://",
            "https://git.example.net:0/x",
        ] {
            assert_eq!(server(url), None, "{url}");
        }
    }
}

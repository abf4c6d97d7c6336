//! The server that holds the fleet repository, from the source's URL.

use std::net::IpAddr;

use ztgit_plugin::cluster::Flux;

use crate::policy::dns::ExternalName;

/// A server that Flux fetches from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Who it is.
    pub(super) host: Host,
    /// Its TCP port.
    pub(super) port: u16,
}

/// Who a server is to the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// A name outside the cluster.
    External(ExternalName),
    /// An address.
    Address(IpAddr),
    /// A Service of this cluster.
    Service {
        /// Its namespace.
        namespace: String,
    },
}

impl Server {
    /// The server of Flux's source; nothing where the URL does not say.
    pub(super) fn of(flux: &Flux, cluster_domain: &str) -> Option<Self> {
        let (scheme, rest) = flux.source.url.split_once("://")?;
        let default = match scheme {
            "https" | "oci" => 443,
            "http" => 80,
            "ssh" => 22,
            _ => return None,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let (host, port) = split_port(authority)?;
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
            None => default,
        };
        Some(Self {
            host: host_of(host, &flux.namespace, cluster_domain)?,
            port,
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

fn host_of(host: &str, own_namespace: &str, cluster_domain: &str) -> Option<Host> {
    if let Ok(address) = host.parse() {
        return Some(Host::Address(address));
    }
    let service = host
        .strip_suffix(cluster_domain)
        .and_then(|rest| rest.strip_suffix('.'))
        .unwrap_or(host)
        .strip_suffix(".svc");
    if let Some((_, namespace)) = service.and_then(|service| service.rsplit_once('.')) {
        return Some(Host::Service {
            namespace: namespace.to_owned(),
        });
    }
    if !host.is_empty() && !host.contains('.') {
        return Some(Host::Service {
            namespace: own_namespace.to_owned(),
        });
    }
    ExternalName::parse(host, cluster_domain)
        .ok()
        .map(Host::External)
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::cluster::{FluxSource, SourceKind};

    use super::*;

    fn server(url: &str) -> Option<Server> {
        let source = FluxSource {
            kind: SourceKind::GitRepository,
            name: "flux-system".to_owned(),
            url: url.to_owned(),
        };
        Server::of(
            &Flux {
                namespace: "flux-system".to_owned(),
                source,
            },
            "cluster.local",
        )
    }

    fn assert_external(url: &str, name: &str, port: u16) {
        let name = ExternalName::parse(name, "cluster.local").unwrap();
        assert_eq!(
            server(url),
            Some(Server {
                host: Host::External(name),
                port
            })
        );
    }

    #[test]
    fn the_port_is_the_schemes_unless_the_url_has_one() {
        assert_external("https://git.example.net/fleet.git", "git.example.net", 443);
        assert_external("ssh://git@git.example.net/fleet", "git.example.net", 22);
        assert_external("http://git.example.net:3000/fleet", "git.example.net", 3000);
        assert_external("oci://ghcr.io/me/fleet", "ghcr.io", 443);
    }

    #[test]
    fn an_address_is_kept_as_one() {
        let address = |text: &str| Host::Address(text.parse().unwrap());
        assert_eq!(
            server("ssh://git@192.168.1.5:2222/x").unwrap().host,
            address("192.168.1.5")
        );
        assert_eq!(
            server("https://[2001:db8::1]:8443/x").unwrap().host,
            address("2001:db8::1")
        );
    }

    #[test]
    fn a_service_is_known_by_its_namespace() {
        let service = |namespace: &str| Host::Service {
            namespace: namespace.to_owned(),
        };
        assert_eq!(
            server("http://gitea.git.svc.cluster.local/x").unwrap().host,
            service("git")
        );
        assert_eq!(
            server("http://gitea.git.svc:3000/x").unwrap().host,
            service("git")
        );
        assert_eq!(
            server("http://gitea:3000/x").unwrap().host,
            service("flux-system")
        );
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

//! The server that holds the fleet repository, from the source's URL.

use std::net::IpAddr;

use ztgit_plugin::cluster::Flux;
use ztgit_plugin::server;

use crate::policy::dns::ExternalName;

/// A server that Flux fetches from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Who it is.
    pub(super) host: Host,
    /// Its TCP port.
    pub(super) port: u16,
}

/// Who a server is to policies.
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
        let server = server::Server::of(&flux.source.url, cluster_domain)?;
        let host = match server.host {
            server::Host::External(name) => {
                Host::External(ExternalName::parse(name, cluster_domain).ok()?)
            }
            server::Host::Address(address) => Host::Address(address),
            server::Host::Service { namespace } => Host::Service {
                namespace: namespace.unwrap_or(&flux.namespace).to_owned(),
            },
        };
        let port = server.port;
        Some(Self { host, port })
    }
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::cluster::{FluxSource, SourceKind};

    use super::*;

    fn host(url: &str) -> Option<Host> {
        let source = FluxSource {
            kind: SourceKind::GitRepository,
            name: "flux-system".to_owned(),
            url: url.to_owned(),
        };
        let namespace = "flux-system".to_owned();
        let server = Server::of(&Flux { namespace, source }, "cluster.local");
        server.map(|server| server.host)
    }

    #[test]
    fn a_service_without_a_namespace_is_in_fluxs_own() {
        let namespace = "flux-system".to_owned();
        assert_eq!(
            host("http://gitea:3000/x"),
            Some(Host::Service { namespace })
        );
    }

    #[test]
    fn a_host_that_no_policy_can_name_is_no_server() {
        assert_eq!(host("https://-git.example.net/x"), None);
        assert_eq!(host("https://cluster.local/x"), None);
    }
}

//! What a node listens on, as facts.

use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource};

use crate::subnets::Subnets;

/// SSH.
pub(crate) const SSH: u16 = 22;
/// DNS.
pub(crate) const DNS: u16 = 53;
/// The Kubernetes API.
pub(crate) const KUBERNETES_API: u16 = 6443;

/// WireGuard's own port.
pub(crate) fn listener(port: u16, from: HostPortSource) -> HostPort {
    HostPort {
        protocol: Protocol::Udp,
        port,
        end_port: None,
        from,
        purpose: "WireGuard".to_owned(),
    }
}

/// A port that only the peers of an interface reach, through it.
pub(crate) fn through_tunnel(
    interface: &str,
    subnets: &Subnets,
    (protocol, port): (Protocol, u16),
    purpose: &str,
) -> HostPort {
    HostPort {
        protocol,
        port,
        end_port: None,
        from: HostPortSource::Ranges {
            ranges: subnets.iter().copied().collect(),
            interface: Some(interface.to_owned()),
        },
        purpose: purpose.to_owned(),
    }
}

//! Ports and their protocols: of containers, of Services, of flows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A port of a Service. Policies see the target port alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// What clients connect to.
    pub port: u16,
    /// What the container listens on.
    pub target_port: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// A port that a container listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadPort {
    /// 1 to 65535.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// TCP
    #[default]
    Tcp,
    /// UDP
    Udp,
    /// SCTP
    Sctp,
}

impl Protocol {
    /// In upper case, as Kubernetes writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// A port or a range of ports.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowPort {
    /// The port, or the first of the range.
    pub port: u16,
    /// The last of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_port: Option<u16>,
    /// Its protocol.
    #[serde(default)]
    pub protocol: Protocol,
}

impl FlowPort {
    /// One TCP port.
    pub fn tcp(port: u16) -> Self {
        Self {
            port,
            end_port: None,
            protocol: Protocol::Tcp,
        }
    }

    /// One UDP port.
    pub fn udp(port: u16) -> Self {
        Self {
            port,
            end_port: None,
            protocol: Protocol::Udp,
        }
    }
}

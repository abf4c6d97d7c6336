//! The unit of intent: a flow, and what it lets through.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FlowPort, Labels, Peer};

/// The unit of intent: who may (or may not) reach whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flow {
    /// Who opens the connection.
    pub from: Peer,
    /// Who is reached.
    pub to: Peer,
    /// On which ports; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<FlowPort>,
    /// These ICMP messages, instead of ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icmp: Vec<Icmp>,
    /// Only these requests; empty for no look into the stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpMatch>,
    /// Only TLS connections for these names (SNI).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_names: Vec<String>,
    /// Whether the CNI has to authenticate both ends.
    #[serde(default, skip_serializing_if = "Authentication::is_none")]
    pub authentication: Authentication,
    /// Whether it is allowed or denied.
    #[serde(default, skip_serializing_if = "Action::is_allow")]
    pub action: Action,
}

impl Flow {
    /// A connection that works, on these ports; on all without.
    pub fn allow(from: Peer, to: Peer, ports: impl IntoIterator<Item = FlowPort>) -> Self {
        Self {
            from,
            to,
            ports: ports.into_iter().collect(),
            icmp: Vec::new(),
            http: Vec::new(),
            server_names: Vec::new(),
            authentication: Authentication::None,
            action: Action::Allow,
        }
    }
}

/// Whether a flow is allowed or denied.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It works.
    #[default]
    Allow,
    /// It is refused, whatever else allows it.
    Deny,
}

impl Action {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_allow(&self) -> bool {
        *self == Self::Allow
    }
}

/// Whether the CNI authenticates both ends of a connection.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Authentication {
    /// It does not.
    #[default]
    None,
    /// A connection without is refused.
    Required,
}

impl Authentication {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A kind of ICMP message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Icmp {
    /// ICMP or `ICMPv6`.
    #[serde(default)]
    pub family: IpFamily,
    /// The type's number: 8 is IPv4's echo request, 128 is IPv6's.
    #[serde(rename = "type")]
    pub message_type: u8,
}

/// A family of addresses.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum IpFamily {
    /// IPv4
    #[default]
    IPv4,
    /// IPv6
    IPv6,
}

/// A request that is allowed; what is absent is not looked at.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpMatch {
    /// A method, such as `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path: literal; a query string is always admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The path as a regular expression (RE2) over all of path and query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_regex: Option<String>,
    /// The `Host` header, literal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Headers with exactly these values.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub headers: Labels,
}

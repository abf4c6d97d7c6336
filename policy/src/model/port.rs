//! Ports, protocols and ICMP types.

use super::reading::{Field, Reader};
use super::{L7Rules, Pointer};

/// An item of `toPorts`, or all `ports` of a rule of a `NetworkPolicy`.
///
/// Without any port it allows nothing, whatever else it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortRule {
    /// Where it stands.
    pub pointer: Pointer,
    /// Any of these.
    pub ports: Vec<Port>,
    /// `rules`.
    pub l7: Option<L7Rules>,
    /// `serverNames`: TLS is demanded, with one of these names in the clear.
    pub server_names: Vec<(Pointer, String)>,
    /// Where `terminatingTLS` stands.
    pub terminating_tls: Option<Pointer>,
    /// Where `originatingTLS` stands.
    pub originating_tls: Option<Pointer>,
    /// Where `listener` stands: an Envoy listener of one's own judges.
    pub listener: Option<Pointer>,
}

/// One port, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Where it stands.
    pub pointer: Pointer,
    /// A number or a name; empty means all ports in a `NetworkPolicy` and is a
    /// violation elsewhere.
    pub port: String,
    /// The last port of a range.
    pub end_port: Option<i64>,
    /// The protocol; [`Port::protocol`] knows the default.
    pub protocol: Option<String>,
    /// What an absent protocol means: any for Cilium, TCP for Kubernetes.
    pub default_protocol: Protocol,
}

/// Which ports are meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortMatch {
    /// Every port.
    All,
    /// From the first to the last, both included.
    Range(u16, u16),
    /// The port that the endpoint at the destination gives this name, in lower case.
    Named(String),
}

/// What runs above IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "names of protocols")]
pub enum Protocol {
    /// TCP, UDP and SCTP.
    Any,
    Tcp,
    Udp,
    Sctp,
    Icmp,
    IcmpV6,
    Vrrp,
    Igmp,
    Gre,
    Ipip,
    Ipv6,
    Esp,
    Ah,
}

impl Protocol {
    /// Protocols that a port may name, those of tunnels last.
    pub const NAMES: [(&'static str, Self); 11] = [
        ("ANY", Self::Any),
        ("TCP", Self::Tcp),
        ("UDP", Self::Udp),
        ("SCTP", Self::Sctp),
        ("VRRP", Self::Vrrp),
        ("IGMP", Self::Igmp),
        ("GRE", Self::Gre),
        ("IPIP", Self::Ipip),
        ("IPV6", Self::Ipv6),
        ("ESP", Self::Esp),
        ("AH", Self::Ah),
    ];

    /// The protocol of a name, in whatever case.
    pub fn parse(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.into_iter();
        names.find_map(|(known, protocol)| known.eq_ignore_ascii_case(name).then_some(protocol))
    }

    /// Whether packets of this protocol have ports.
    pub fn has_ports(self) -> bool {
        matches!(self, Self::Any | Self::Tcp | Self::Udp | Self::Sctp)
    }

    /// Whether this protocol of a rule covers that of a packet.
    pub fn covers(self, packet: Self) -> bool {
        match self {
            Self::Any => matches!(packet, Self::Tcp | Self::Udp | Self::Sctp),
            _ => self == packet,
        }
    }
}

impl Port {
    /// Which ports are meant, unless the text is neither number nor name.
    pub fn matches(&self) -> Option<PortMatch> {
        if self.port.is_empty() {
            return Some(PortMatch::All);
        }
        if is_service_name(&self.port) {
            return Some(PortMatch::Named(self.port.to_ascii_lowercase()));
        }
        let first = parse_number(&self.port)?;
        if first == 0 {
            return Some(PortMatch::All);
        }
        let last = self.end_port.and_then(|last| u16::try_from(last).ok());
        Some(PortMatch::Range(first, last.unwrap_or(first).max(first)))
    }

    /// The protocol, unless it is unknown.
    pub fn protocol(&self) -> Option<Protocol> {
        match self.protocol.as_deref() {
            None | Some("") => Some(self.default_protocol),
            Some(name) => Protocol::parse(name),
        }
    }

    pub(super) fn read(reader: &mut Reader, field: &Field<'_>) -> Option<Self> {
        let object = reader.object(field, &["port", "endPort", "protocol"])?;
        Some(Self {
            port: reader.text(object.get("port")).unwrap_or_default(),
            end_port: reader.number(object.get("endPort")),
            protocol: reader.text(object.get("protocol")),
            default_protocol: Protocol::Any,
            pointer: object.pointer(),
        })
    }
}

/// A number as the agent reads it: a leading `0` means octal, and `0x1f` is a name
/// before it could be a number (`strconv.ParseUint` with base 0).
fn parse_number(text: &str) -> Option<u16> {
    match text.strip_prefix('0') {
        Some("") => Some(0),
        Some(octal) => u16::from_str_radix(octal.strip_prefix(['o', 'O']).unwrap_or(octal), 8).ok(),
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

/// A name of RFC 6335: up to 15 letters, digits and single dashes between them, at
/// least one letter.
pub(crate) fn is_service_name(text: &str) -> bool {
    let characters = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    characters
        && (1..=15).contains(&text.len())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// An item of `icmps[].fields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IcmpField {
    /// Where it stands.
    pub pointer: Pointer,
    /// `IPv4`, which is the default, or `IPv6`.
    pub family: Option<String>,
    /// A number or a name such as `EchoRequest`.
    pub kind: Option<String>,
}

impl IcmpField {
    /// The protocol of its family, unless that is unknown.
    pub fn protocol(&self) -> Option<Protocol> {
        match self.family.as_deref() {
            None | Some("" | "IPv4") => Some(Protocol::Icmp),
            Some("IPv6") => Some(Protocol::IcmpV6),
            Some(_) => None,
        }
    }

    /// The number of the type, unless it is unknown.
    pub fn number(&self) -> Option<u8> {
        let kind = self.kind.as_deref()?;
        kind.parse().ok().or_else(|| {
            let names = match self.protocol()? {
                Protocol::IcmpV6 => ICMP_V6,
                _ => ICMP_V4,
            };
            let mut names = names.iter();
            names.find_map(|(name, number)| (*name == kind).then_some(*number))
        })
    }

    pub(super) fn read(reader: &mut Reader, field: &Field<'_>) -> Option<Self> {
        let object = reader.object(field, &["family", "type"])?;
        Some(Self {
            family: reader.text(object.get("family")),
            kind: reader.text_or_number(object.get("type")),
            pointer: object.pointer(),
        })
    }
}

/// Names of ICMP types that Cilium knows (`pkg/policy/api/icmp.go`).
const ICMP_V4: &[(&str, u8)] = &[
    ("EchoReply", 0),
    ("DestinationUnreachable", 3),
    ("Redirect", 5),
    ("Echo", 8),
    ("EchoRequest", 8),
    ("RouterAdvertisement", 9),
    ("RouterSelection", 10),
    ("TimeExceeded", 11),
    ("ParameterProblem", 12),
    ("Timestamp", 13),
    ("TimestampReply", 14),
    ("Photuris", 40),
    ("ExtendedEchoRequest", 42),
    ("ExtendedEchoReply", 43),
];

/// The same for `ICMPv6`.
const ICMP_V6: &[(&str, u8)] = &[
    ("DestinationUnreachable", 1),
    ("PacketTooBig", 2),
    ("TimeExceeded", 3),
    ("ParameterProblem", 4),
    ("EchoRequest", 128),
    ("EchoReply", 129),
    ("MulticastListenerQuery", 130),
    ("MulticastListenerReport", 131),
    ("MulticastListenerDone", 132),
    ("RouterSolicitation", 133),
    ("RouterAdvertisement", 134),
    ("NeighborSolicitation", 135),
    ("NeighborAdvertisement", 136),
    ("RedirectMessage", 137),
    ("RouterRenumbering", 138),
    ("ICMPNodeInformationQuery", 139),
    ("ICMPNodeInformationResponse", 140),
    ("InverseNeighborDiscoverySolicitation", 141),
    ("InverseNeighborDiscoveryAdvertisement", 142),
    ("HomeAgentAddressDiscoveryRequest", 144),
    ("HomeAgentAddressDiscoveryReply", 145),
    ("MobilePrefixSolicitation", 146),
    ("MobilePrefixAdvertisement", 147),
    ("DuplicateAddressRequestCodeSuffix", 157),
    ("DuplicateAddressConfirmationCodeSuffix", 158),
    ("ExtendedEchoRequest", 160),
    ("ExtendedEchoReply", 161),
];

//! The agent that reads policies: its version and the options that matter to it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// A minor version of Cilium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CiliumVersion {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
}

impl CiliumVersion {
    /// The first without `fromRequires` and `toRequires`.
    pub const WITHOUT_REQUIRES: Self = Self::new(1, 19);
    /// The first without Kafka and parsers of one's own
    /// (<https://github.com/cilium/cilium/pull/43557>).
    pub const WITHOUT_KAFKA: Self = Self::new(1, 20);
    /// The first with the protocols of tunnels in ports.
    pub const WITH_TUNNELS: Self = Self::new(1, 20);
    /// The first without mutual authentication
    /// (<https://github.com/cilium/cilium/pull/48647>).
    pub const WITHOUT_AUTHENTICATION: Self = Self::new(1, 21);

    /// A version.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for CiliumVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAVersion;

impl fmt::Display for NotAVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a version such as 1.20.2")
    }
}

impl std::error::Error for NotAVersion {}

impl FromStr for CiliumVersion {
    type Err = NotAVersion;

    /// Reads `1.20`, `1.20.2` or `v1.20.2-rc.1`.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut numbers = text.splitn(3, '.');
        let mut number = || numbers.next()?.parse().ok();
        let version = number().and_then(|major| Some(Self::new(major, number()?)));
        version.ok_or(NotAVersion)
    }
}

/// Options that are off by default and without which the agent refuses some rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// `enable-node-selector-labels`: `fromNodes` and `toNodes`.
    NodeSelectorLabels,
    /// `enable-extended-ip-protocols`: ports without a port.
    ExtendedProtocols,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its version.
    pub version: CiliumVersion,
    /// What is switched on.
    pub features: BTreeSet<Feature>,
}

impl Agent {
    /// An agent with the defaults of its version.
    pub fn new(version: CiliumVersion) -> Self {
        Self {
            version,
            features: BTreeSet::new(),
        }
    }

    /// The same with something switched on.
    pub fn with(mut self, feature: Feature) -> Self {
        self.features.insert(feature);
        self
    }
}

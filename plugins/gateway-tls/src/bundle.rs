//! The Gateway API's own definitions, as upstream publishes them.
//!
//! Cilium's operator looks for them once, when it starts, and demands the
//! versions that it was built with; another bundle means no Gateway at all or
//! TLS handshakes that are reset. So the bundle follows from Cilium's version,
//! comes before Cilium and stays when it leaves the stack: to prune a
//! definition is to delete every object of its kind.

use ztgit_plugin::{Manifest, Phase, vendored};

use crate::version::minor;

/// A published bundle of the standard channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    V1_6_1,
}

/// What a version of Cilium works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    /// A bundle that is carried here.
    Carried(Bundle),
    /// Another one, by its version.
    Other(&'static str),
}

/// By minor version of Cilium, as its documentation has it under "Gateway API
/// Support". Up to 1.19 it needs definitions of the experimental channel too,
/// some of which later bundles no longer serve.
const NEEDED: [((u32, u32), Needed); 4] = [
    ((1, 17), Needed::Other("1.2.0")),
    ((1, 18), Needed::Other("1.3.0")),
    ((1, 19), Needed::Other("1.4.1")),
    ((1, 20), Needed::Carried(Bundle::V1_6_1)),
];

const V1_6_1: &[u8] = include_bytes!("../data/gateway-api.jsonl.zz");

impl Needed {
    /// What a version of Cilium works with, if that is known.
    pub(crate) fn by_cilium(version: &str) -> Option<Self> {
        let cilium = minor(version)?;
        let found = NEEDED.into_iter().find(|(minor, _)| *minor == cilium);
        found.map(|(_, needed)| needed)
    }
}

impl Bundle {
    /// Where no controller of a known version asks for another.
    pub(crate) const NEWEST: Self = Self::V1_6_1;

    /// Its version.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::V1_6_1 => "1.6.1",
        }
    }

    /// The `CustomResourceDefinitions`, and the policy that keeps an older or an
    /// experimental bundle from being put over them.
    pub(crate) fn manifests(self) -> impl Iterator<Item = Manifest> {
        let packed = match self {
            Self::V1_6_1 => V1_6_1,
        };
        vendored::objects(packed)
            .into_iter()
            .map(|object| Manifest::new(Phase::Crds, object).keep())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_minor_version_of_cilium_decides_on_the_bundle() {
        let carried = Some(Needed::Carried(Bundle::V1_6_1));
        assert_eq!(Needed::by_cilium("1.20.0"), carried);
        assert_eq!(Needed::by_cilium("v1.20.2"), carried);
        assert_eq!(Needed::by_cilium("1.19.6"), Some(Needed::Other("1.4.1")));
        assert_eq!(Needed::by_cilium("1.2.0"), None);
        assert_eq!(Needed::by_cilium("1.21.0"), None);
        assert_eq!(Needed::by_cilium("latest"), None);
    }
}

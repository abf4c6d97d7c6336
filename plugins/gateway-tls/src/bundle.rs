//! The Gateway API's own definitions, as upstream publishes them.
//!
//! Cilium's operator looks for them once, when it starts, and demands the
//! versions that it was built with; another bundle means no Gateway at all or
//! TLS handshakes that are reset. So the bundle follows from Cilium's version,
//! comes before Cilium and stays when it leaves the stack: to prune a
//! definition is to delete every object of its kind.

use serde_json::Value;
use ztgit_plugin::{Manifest, Object, Phase, vendored};

/// A published bundle of the standard channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    V1_6_1,
}

const V1_6_1: &[u8] = include_bytes!("../data/gateway-api.json.zz");

impl Bundle {
    /// Where no controller of a known version asks for another.
    pub(crate) const NEWEST: Self = Self::V1_6_1;

    /// The bundle that a version of Cilium works with, if it is carried.
    pub(crate) fn for_cilium(version: &str) -> Option<Self> {
        match minor(version)? {
            (1, 20) => Some(Self::V1_6_1),
            _ => None,
        }
    }

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
        let Value::Array(objects) = vendored::unpack(packed) else {
            panic!("the script packs a list of objects");
        };
        objects.into_iter().map(|object| {
            let Value::Object(object) = object else {
                panic!("the script packs Kubernetes objects");
            };
            Manifest::new(Phase::Crds, Object::from_map(object)).keep()
        })
    }
}

/// Major and minor version.
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).split('.');
    let mut number = || parts.next()?.parse().ok();
    Some((number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_minor_version_of_cilium_decides_on_the_bundle() {
        assert_eq!(Bundle::for_cilium("1.20.0"), Some(Bundle::V1_6_1));
        assert_eq!(Bundle::for_cilium("v1.20.2"), Some(Bundle::V1_6_1));
        assert_eq!(Bundle::for_cilium("1.2.0"), None);
        assert_eq!(Bundle::for_cilium("1.19.6"), None);
        assert_eq!(Bundle::for_cilium("latest"), None);
    }
}

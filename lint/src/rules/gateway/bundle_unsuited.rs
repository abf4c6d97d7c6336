//! The Gateway API's definitions are of another version than Cilium needs.

use std::collections::BTreeSet;

use ztgit_plugin::Severity;

use super::is_on;
use crate::finding::Found;
use crate::gateway::{GROUP, minor};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "gateway-bundle",
    severity: Severity::Error,
    text: include_str!("bundle_unsuited.md"),
    find,
};

/// Minor versions of Cilium, and the bundles that each is built and tested with.
const NEEDED: [((u32, u32), (u32, u32)); 4] = [
    ((1, 17), (1, 2)),
    ((1, 18), (1, 3)),
    ((1, 19), (1, 4)),
    ((1, 20), (1, 6)),
];

const VERSION: &str = "/metadata/annotations/gateway.networking.k8s.io~1bundle-version";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let on = subject.cilium_values();
    let on = on.is_some_and(|(_, values)| is_on(values, "/gatewayAPI/enabled"));
    let cilium = minor(&subject.cluster.cni.version).filter(|_| subject.cluster.has_cilium());
    let needed = NEEDED.iter().find(|(version, _)| Some(*version) == cilium);
    let Some((_, needed)) = needed.filter(|_| on) else {
        return Vec::new();
    };
    let definitions = subject.of_kind("apiextensions.k8s.io", "CustomResourceDefinition");
    let mut told = BTreeSet::new();
    definitions
        .filter(|definition| {
            definition.object.value.pointer("/spec/group") == Some(&GROUP.into())
        })
        .filter_map(|definition| {
            let bundle = definition.object.value.pointer(VERSION)?.as_str()?;
            let unsuited = minor(bundle) != Some(*needed);
            // One bundle is a dozen definitions.
            (unsuited && told.insert(bundle)).then(|| {
                let (major, minor) = needed;
                definition.finding(
                    VERSION,
                    format!(
                        "the Gateway API's definitions are of {bundle}, and Cilium {} needs {major}.{minor}",
                        subject.cluster.cni.version
                    ),
                    format!("take the bundle v{major}.{minor} of the standard channel"),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::release;
    use crate::testing::Lint;

    const DEFINITION: &str = "CustomResourceDefinition/gateways.gateway.networking.k8s.io";

    fn bundle(version: &str) -> Lint {
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": "gateways.gateway.networking.k8s.io",
                "annotations": {"gateway.networking.k8s.io/bundle-version": version}
            },
            "spec": {"group": "gateway.networking.k8s.io"}
        });
        let lint = Lint::homelab().object(release(&json!({"gatewayAPI": {"enabled": true}})));
        lint.object(definition)
    }

    #[test]
    fn an_older_bundle_is_found() {
        bundle("v1.2.0").finds(super::RULE, DEFINITION);
    }

    #[test]
    fn the_bundle_of_this_cilium_is_fine() {
        bundle("v1.6.1").passes(super::RULE);
    }

    #[test]
    fn another_cilium_has_another_bundle() {
        let older = json!({"cni": {"version": "1.17.4"}});
        bundle("v1.2.0").cluster(&older).passes(super::RULE);
    }
}

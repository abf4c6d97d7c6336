//! The Gateway API's definitions.

use serde_json::json;
use ztgit_plugin::{Manifest, Phase, Prune};

use crate::{harness, place, render};

fn is_definition(manifest: &Manifest) -> bool {
    manifest.object.kind() == "CustomResourceDefinition"
}

#[test]
fn every_version_that_cilium_demands_is_served() {
    let rendered = render(&json!({}));
    for plural in [
        "tlsroutes",
        "referencegrants",
        "backendtlspolicies",
        "gateways",
        "httproutes",
    ] {
        let name = format!("{plural}.gateway.networking.k8s.io");
        let definition = rendered.object("CustomResourceDefinition", &name);
        let versions = definition["spec"]["versions"].as_array().unwrap();
        assert!(
            versions
                .iter()
                .any(|v| v["name"] == "v1" && v["served"] == true),
            "{plural} has no v1"
        );
    }
}

#[test]
fn definitions_come_before_everything_and_are_never_pruned() {
    let rendered = render(&json!({}));
    assert_eq!(
        rendered.manifests().filter(|m| is_definition(m)).count(),
        10
    );
    for manifest in rendered.manifests().filter(|m| m.phase == Phase::Crds) {
        assert_eq!(manifest.prune, Prune::Keep, "{}", manifest.object.name());
    }
    assert!(
        rendered
            .manifests()
            .filter(|m| is_definition(m))
            .all(|m| m.phase == Phase::Crds)
    );
}

#[test]
fn the_policy_against_downgrades_comes_with_its_binding() {
    let rendered = render(&json!({}));
    let name = "safe-upgrades.gateway.networking.k8s.io";
    for kind in [
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ] {
        assert_eq!(rendered.phase(kind, name), Phase::Crds);
    }
}

#[test]
fn a_cilium_that_needs_another_bundle_is_refused() {
    for version in ["1.19.6", "1.21.0"] {
        let rendered = harness(&json!({}))
            .patch_cluster(&json!({"cni": {"version": version}}))
            .render();
        assert_eq!(rendered.errors(), ["gateway-bundle"], "{version}");
        assert_eq!(place(&rendered, "gateway-bundle"), "cluster:/cni/version");
        assert_eq!(rendered.manifests().filter(|m| is_definition(m)).count(), 0);
    }
}

#[test]
fn the_bundle_that_another_cilium_needs_is_named() {
    let rendered = harness(&json!({}))
        .patch_cluster(&json!({"cni": {"version": "1.19.6"}}))
        .render();
    let finding = &rendered.0.diagnostics[0];
    assert!(finding.message.contains("1.4.1"), "{}", finding.message);
    assert!(finding.message.contains("1.6.1"), "{}", finding.message);
}

#[test]
fn any_patch_release_of_the_right_cilium_is_taken() {
    let rendered = harness(&json!({}))
        .patch_cluster(&json!({"cni": {"version": "1.20.9"}}))
        .render();
    assert!(rendered.errors().is_empty());
}

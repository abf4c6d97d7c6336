//! Cilium's release.

use serde_json::json;
use ztgit_plugin::{Artifact, Awaited, Phase, Place, Prune};

use crate::stack::{finding, homelab};

#[test]
fn the_chart_is_pinned_to_the_clusters_version() {
    let rendered = homelab().render();
    let source = rendered.object("OCIRepository", "cilium");
    assert_eq!(
        source["spec"]["url"],
        json!("oci://quay.io/cilium/charts/cilium")
    );
    assert_eq!(source["spec"]["ref"], json!({"tag": "1.20.2"}));
}

#[test]
fn the_release_is_the_one_that_the_bootstrap_installed() {
    let spec = homelab().render().object("HelmRelease", "cilium")["spec"].clone();
    assert_eq!(spec["releaseName"], json!("cilium"));
    assert_eq!(spec["targetNamespace"], json!("kube-system"));
    assert_eq!(spec["storageNamespace"], json!("kube-system"));
}

#[test]
fn a_failed_upgrade_neither_uninstalls_nor_rolls_back_the_network() {
    let spec = homelab().render().object("HelmRelease", "cilium")["spec"].clone();
    for action in ["install", "upgrade"] {
        assert_eq!(
            spec[action]["strategy"],
            json!({"name": "RetryOnFailure"}),
            "{action}"
        );
        assert_eq!(spec[action]["crds"], json!("Skip"), "{action}");
    }
}

#[test]
fn source_and_release_live_with_flux_and_are_never_pruned() {
    let rendered = homelab()
        .patch_cluster(&json!({"flux": {"namespace": "gitops"}}))
        .render();
    for kind in ["OCIRepository", "HelmRelease"] {
        let manifest = rendered
            .manifests()
            .find(|m| m.object.kind() == kind)
            .expect("it is rendered");
        assert_eq!(manifest.phase, Phase::Network);
        assert_eq!(manifest.object.namespace(), Some("gitops"));
        assert_eq!(manifest.prune, Prune::Keep, "pruning it uninstalls the CNI");
    }
}

#[test]
fn policies_wait_for_the_crds_that_the_operator_registers() {
    let rendered = homelab().render();
    let awaited: Vec<&Awaited> = rendered
        .0
        .artifacts
        .iter()
        .filter_map(|artifact| match artifact {
            Artifact::Awaited(awaited) => Some(awaited),
            _ => None,
        })
        .collect();
    let names: Vec<&str> = awaited.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ciliumnetworkpolicies.cilium.io",
            "ciliumclusterwidenetworkpolicies.cilium.io"
        ]
    );
    assert!(awaited.iter().all(|a| a.phase == Phase::Network));
}

#[test]
fn another_network_plugin_is_an_error_and_nothing_is_rendered() {
    let rendered = homelab()
        .patch_cluster(&json!({"cni": {"name": "flannel"}}))
        .render();
    assert_eq!(finding(&rendered).code, "other-cni");
    assert_eq!(
        finding(&rendered).place,
        Place::Cluster("/cni/name".to_owned())
    );
    assert!(rendered.0.artifacts.is_empty());
}

#[test]
fn an_unsupported_version_is_refused_with_those_that_are() {
    for version in [
        "1.17.4",
        "1.21.0",
        "1.20",
        "v1.20.2",
        "1.20.2-rc.1",
        "latest",
        "",
    ] {
        let rendered = homelab()
            .patch_cluster(&json!({"cni": {"version": version}}))
            .render();
        assert_eq!(finding(&rendered).code, "unsupported-version", "{version}");
        assert!(finding(&rendered).hints[0].contains("1.20.x"), "{version}");
        assert!(rendered.0.artifacts.is_empty());
    }
}

#[test]
fn a_version_without_support_is_told_from_one_that_is_not_known_yet() {
    let said = |version: &str| {
        let rendered = homelab()
            .patch_cluster(&json!({"cni": {"version": version}}))
            .render();
        finding(&rendered).message.clone()
    };
    assert!(said("1.14.0").contains("out of support"));
    assert!(said("1.17.4").contains("out of support"));
    assert!(said("1.18.9").contains("not known here"));
    assert!(said("1.21.0").contains("newer than"));
    assert!(said("1.20").contains("does not pin"));
}

//! The host file that brings the network up before Flux.

use serde_json::{Value, json};
use ztgit_plugin::{FileTarget, Lifecycle, Phase, Prune};

use crate::stack::{chart_values, homelab, release_values, stating, two_nodes};

const PATH: &str = "/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml";

/// The values in the file.
fn values(text: &str) -> Value {
    let (_, json) = text.split_once("valuesContent: |-\n").expect("values");
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn servers_get_the_file_once_and_agents_do_not() {
    let rendered = two_nodes().render();
    let files: Vec<_> = rendered.files().collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].target, FileTarget::Node("pi-1".to_owned()));
    assert_eq!(files[0].path, PATH);
    assert_eq!(files[0].lifecycle, Lifecycle::WriteOnce);
}

#[test]
fn another_distribution_gets_no_file() {
    let rendered = homelab()
        .patch_cluster(&json!({"distribution": "kubernetes"}))
        .config(json!({"apiServer": {"host": "192.168.1.10", "port": 6443}}))
        .render();
    assert!(rendered.errors().is_empty());
    assert_eq!(rendered.files().count(), 0);
}

#[test]
fn it_installs_the_release_that_flux_adopts() {
    let rendered = homelab().render();
    let text = rendered.file("pi-1", PATH);
    for line in [
        "kind: HelmChart",
        "  name: cilium",
        "  namespace: kube-system",
        "  bootstrap: true",
        "  chart: oci://quay.io/cilium/charts/cilium",
        "  version: \"1.20.2\"",
        "  targetNamespace: kube-system",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}");
    }
    assert_eq!(values(text), release_values(&rendered));
}

#[test]
fn its_head_says_how_flux_takes_over_and_what_uninstalls_the_network() {
    let rendered = homelab().render();
    let text = rendered.file("pi-1", PATH);
    let head: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .collect();
    let head = head.join("\n");
    assert!(head.contains("helmcharts.helm.cattle.io/unmanaged"));
    assert!(head.contains("uninstall the network"));
}

#[test]
fn flux_takes_the_release_from_k3s_by_an_annotation_and_nothing_else() {
    let rendered = homelab().render();
    let chart = rendered.object("HelmChart", "cilium");
    assert_eq!(
        chart,
        json!({
            "apiVersion": "helm.cattle.io/v1",
            "kind": "HelmChart",
            "metadata": {
                "name": "cilium",
                "namespace": "kube-system",
                "annotations": {
                    "helmcharts.helm.cattle.io/unmanaged": "true",
                    "kustomize.toolkit.fluxcd.io/ssa": "Merge",
                },
            },
        })
    );
}

#[test]
fn the_hand_over_comes_with_the_release_and_is_never_pruned() {
    let rendered = homelab().render();
    let manifest = rendered
        .manifests()
        .find(|m| m.object.kind() == "HelmChart")
        .expect("the hand-over");
    assert_eq!(manifest.phase, rendered.phase("HelmRelease", "cilium"));
    assert_eq!(manifest.phase, Phase::Network);
    assert_eq!(manifest.prune, Prune::Keep);
}

#[test]
fn whoever_installs_the_first_network_by_hand_gets_neither_file_nor_hand_over() {
    let rendered = two_nodes().config(json!({"bootstrap": "manual"})).render();
    assert!(rendered.0.diagnostics.is_empty());
    assert_eq!(rendered.files().count(), 0);
    assert!(!rendered.names().contains(&"HelmChart cilium".to_owned()));
    assert!(rendered.names().contains(&"HelmRelease cilium".to_owned()));
}

#[test]
fn what_needs_kinds_that_flux_brings_is_left_to_flux() {
    let fact = chart_values(json!({
        "gatewayAPI": {"enabled": true, "gatewayClass": {"create": "true"}},
        "hubble": {"metrics": {"serviceMonitor": {"enabled": true}}},
        "envoy": {"enabled": true},
    }));
    let rendered = stating(homelab(), "gateway-tls", &fact).render();
    let first = values(rendered.file("pi-1", PATH));
    let later = release_values(&rendered);
    assert_eq!(later["gatewayAPI"]["enabled"], json!(true));
    assert_eq!(first.get("gatewayAPI"), None);
    assert_eq!(first["hubble"]["metrics"].get("serviceMonitor"), None);
    assert_eq!(first["envoy"], later["envoy"]);
}

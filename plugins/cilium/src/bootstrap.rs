//! The first CNI of a k3s cluster, and how Flux takes it over.
//!
//! Flux's pods cannot start before there is a network, so a host file has k3s's
//! Helm controller install the release. Invariant: release, namespace and chart
//! are those of the HelmRelease, so that Flux adopts what this file installed;
//! and from the first sync on the Helm controller leaves it alone.

use serde_json::{Map, Value};
use ztgit_plugin::cluster::{Distribution, NodeRole};
use ztgit_plugin::{Artifact, Cluster, File, Manifest, Object, Phase};

use crate::config::{Bootstrap, Config};
use crate::install::{CHART, RELEASE_NAME};
use crate::release::Release;
use crate::stance::SYSTEM_NAMESPACE;

/// Where k3s looks for manifests to apply.
pub(crate) const PATH: &str = "/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml";

const API_VERSION: &str = "helm.cattle.io/v1";

/// Tells k3s's Helm controller to do nothing with a `HelmChart`.
const UNMANAGED: &str = "helmcharts.helm.cattle.io/unmanaged";

const HEAD: &str = "\
# Brings up the cluster's network before Flux exists. ztgit wrote this file once
# and never looks at it again; from the first sync on, the HelmRelease `cilium`
# in the fleet repository is what counts.
#
# The hand-over is in the fleet repository too: Flux puts the annotation
# helmcharts.helm.cattle.io/unmanaged on the HelmChart below, and k3s's Helm
# controller then leaves the release alone. k3s applies this file again at every
# start, which changes the HelmChart but not the release.
#
# Do not take the HelmChart out of this file, and do not delete it from a
# cluster before it has the annotation: both uninstall the network. With the
# annotation it may go; it then waits for its finalizer
# `wrangler.cattle.io/on-helm-chart-remove` to be patched away.
#
# The values are those of the HelmRelease, less what needs kinds that are not
# installed yet (Gateway API, ServiceMonitors): Flux adds it after its CRDs.
";

/// The file on every server, and the object by which Flux takes over; nothing
/// where somebody else installs the first network.
pub(crate) fn artifacts(
    cluster: &Cluster,
    config: &Config,
    release: &Release,
    values: &Map<String, Value>,
) -> Vec<Artifact> {
    if cluster.distribution != Distribution::K3s || config.bootstrap == Bootstrap::Manual {
        return Vec::new();
    }
    let mut artifacts = files(cluster, release, values);
    artifacts.push(hand_over().into());
    artifacts
}

/// The annotation, merged into the `HelmChart` that k3s made. Where there is
/// none the object that comes to be names no chart, and the controller ignores
/// it. Applied together with the HelmRelease: as soon as Flux upgrades the release,
/// the controller would take it for changed and put the bootstrap's back.
fn hand_over() -> Manifest {
    let chart = Object::namespaced(API_VERSION, "HelmChart", SYSTEM_NAMESPACE, RELEASE_NAME)
        .annotation(UNMANAGED, "true")
        .annotation("kustomize.toolkit.fluxcd.io/ssa", "Merge");
    // Pruned, it would hang in its finalizer.
    Manifest::new(Phase::Network, chart).keep()
}

/// The values as JSON, which is YAML too.
fn files(cluster: &Cluster, release: &Release, values: &Map<String, Value>) -> Vec<Artifact> {
    let text = helm_chart(release, values);
    cluster
        .nodes_of(NodeRole::Server)
        .map(|(node, _)| {
            File::on_node(node, PATH, text.as_str())
                .mode(0o600)
                .write_once()
                .into()
        })
        .collect()
}

fn helm_chart(release: &Release, values: &Map<String, Value>) -> String {
    let values = serde_json::to_string_pretty(&without_later_kinds(values))
        .expect("JSON values have a text")
        .replace('\n', "\n    ");
    let version = &release.version;
    format!(
        "{HEAD}apiVersion: {API_VERSION}
kind: HelmChart
metadata:
  name: {RELEASE_NAME}
  namespace: {SYSTEM_NAMESPACE}
spec:
  bootstrap: true
  chart: {CHART}
  version: \"{version}\"
  targetNamespace: {SYSTEM_NAMESPACE}
  valuesContent: |-
    {values}
"
    )
}

/// Takes out what makes the chart render kinds that only Flux brings. With
/// them the first install fails and the cluster never gets a network; and
/// because the operator looks for the Gateway API once, at its start, Flux's
/// release has to differ from this one for it to be started again.
fn without_later_kinds(values: &Map<String, Value>) -> Map<String, Value> {
    values
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "gatewayAPI" | "serviceMonitor"))
        .map(|(key, value)| match value {
            Value::Object(inner) => (key.clone(), Value::Object(without_later_kinds(inner))),
            other => (key.clone(), other.clone()),
        })
        .collect()
}

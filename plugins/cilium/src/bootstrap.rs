//! The first CNI of a k3s cluster: a host file, because Flux's pods cannot
//! start before there is one.
//!
//! Invariant: release, namespace and chart are those of the HelmRelease, so
//! that Flux adopts what this file installed.

use serde_json::{Map, Value};
use ztgit_plugin::cluster::{Distribution, NodeRole};
use ztgit_plugin::{Artifact, Cluster, File};

use crate::install::{CHART, RELEASE_NAME};
use crate::release::Release;
use crate::stance::SYSTEM_NAMESPACE;

/// Where k3s looks for manifests to apply.
pub(crate) const PATH: &str = "/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml";

const HEAD: &str = "\
# Brings up the cluster's network before Flux exists. ztgit wrote this file once
# and never looks at it again; from the first sync on, the HelmRelease `cilium`
# in the fleet repository is what counts.
#
# Hand-over, once that HelmRelease is Ready:
#   kubectl -n kube-system annotate helmchart cilium helmcharts.helm.cattle.io/unmanaged=true
#   touch /var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml.skip
# The annotation makes k3s's Helm controller leave the release alone. Until
# then an upgrade of k3s or an edit of this file may run its Helm job again and
# put these values and this version back. The .skip file keeps k3s from
# applying the manifest again.
#
# Never delete the HelmChart object before it is annotated: that uninstalls the
# network. Afterwards it may go; it then waits for its finalizer
# `wrangler.cattle.io/on-helm-chart-remove` to be patched away. Removing this
# file removes nothing from the cluster.
#
# The values are those of the HelmRelease, less what needs kinds that are not
# installed yet (Gateway API, ServiceMonitors): Flux adds it after its CRDs.
";

/// The file on every server of a k3s cluster, the values as JSON, which is
/// YAML too.
pub(crate) fn files(
    cluster: &Cluster,
    release: &Release,
    values: &Map<String, Value>,
) -> Vec<Artifact> {
    if cluster.distribution != Distribution::K3s {
        return Vec::new();
    }
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
        "{HEAD}apiVersion: helm.cattle.io/v1
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

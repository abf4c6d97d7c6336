//! Cilium's release as Flux sees it.
//!
//! Both objects live in Flux's own namespace: a reference from release to
//! source never crosses namespaces (Flux may be told to refuse that), and the
//! controllers' own service account applies it. What the release installs
//! lives in kube-system, under the names that the bootstrap uses, so that Flux
//! adopts the running CNI instead of installing a second one.

use serde_json::{Map, Value, json};
use ztgit_plugin::{Artifact, Awaited, Cluster, Manifest, Object, Phase};

use crate::release::Release;
use crate::stance::SYSTEM_NAMESPACE;

/// The name of chart, release and objects.
pub(crate) const RELEASE_NAME: &str = "cilium";

/// Where the chart is.
pub(crate) const CHART: &str = "oci://quay.io/cilium/charts/cilium";

/// CRDs that the operator registers at run time, and that policies need.
const POLICY_CRDS: [&str; 2] = [
    "ciliumnetworkpolicies.cilium.io",
    "ciliumclusterwidenetworkpolicies.cilium.io",
];

/// Source, release, and what must be there before policies can be applied.
pub(crate) fn artifacts(
    cluster: &Cluster,
    release: &Release,
    values: &Map<String, Value>,
) -> Vec<Artifact> {
    let namespace = &cluster.flux.namespace;
    let mut artifacts: Vec<Artifact> = vec![
        Manifest::new(Phase::Network, source(namespace, release))
            .keep()
            .into(),
        // Pruning the release would uninstall the CNI.
        Manifest::new(Phase::Network, helm_release(namespace, values))
            .keep()
            .into(),
    ];
    artifacts.extend(POLICY_CRDS.map(|name| {
        Artifact::from(Awaited {
            phase: Phase::Network,
            api_version: "apiextensions.k8s.io/v1".to_owned(),
            kind: "CustomResourceDefinition".to_owned(),
            namespace: None,
            name: name.to_owned(),
        })
    }));
    artifacts
}

fn source(namespace: &str, release: &Release) -> Object {
    Object::namespaced(
        "source.toolkit.fluxcd.io/v1",
        "OCIRepository",
        namespace,
        RELEASE_NAME,
    )
    .spec(json!({
        "interval": "1h",
        "url": CHART,
        "ref": {"tag": release.version},
        "layerSelector": {
            "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "operation": "copy",
        },
    }))
}

fn helm_release(namespace: &str, values: &Map<String, Value>) -> Object {
    // The other strategy answers a failure by an uninstall or a rollback:
    // neither may happen to the network that Flux itself runs on.
    let retry = json!({"name": "RetryOnFailure"});
    // The chart has no CRDs; the operator owns them.
    let action = json!({"crds": "Skip", "strategy": retry});
    Object::namespaced(
        "helm.toolkit.fluxcd.io/v2",
        "HelmRelease",
        namespace,
        RELEASE_NAME,
    )
    .spec(json!({
        "interval": "1h",
        "timeout": "15m",
        "releaseName": RELEASE_NAME,
        "targetNamespace": SYSTEM_NAMESPACE,
        "storageNamespace": SYSTEM_NAMESPACE,
        "chartRef": {"kind": "OCIRepository", "name": RELEASE_NAME},
        "install": action,
        "upgrade": action,
        // Someone who edits the agents' settings in the cluster switches
        // enforcement off unseen; nothing in the chart changes by itself.
        "driftDetection": {"mode": "enabled"},
        "maxHistory": 5,
        "values": values,
    }))
}

//! cert-manager: its chart, and what its pods have to reach.

mod flows;
mod version;

use serde_json::{Value, json};
use ztgit_plugin::{Manifest, Object, Phase};

use crate::config::{Config, Installation};
use crate::plan::Plan;

pub(crate) use flows::flows;
pub(crate) use version::{Version, check};

const CHART: &str = "oci://quay.io/jetstack/charts/cert-manager";

/// Source and release of the chart, unless somebody else installs it.
pub(crate) fn manifests(plan: &Plan<'_>) -> Vec<Manifest> {
    match plan.config.cert_manager.installation {
        Installation::Existing => Vec::new(),
        Installation::Chart => vec![
            Manifest::new(Phase::Platform, source(plan.config)),
            Manifest::new(Phase::Platform, release(plan)),
        ],
    }
}

fn source(config: &Config) -> Object {
    let version = config.cert_manager.version.trim_start_matches('v');
    flux_object(config, "source.toolkit.fluxcd.io/v1", "OCIRepository").spec(json!({
        "interval": "1h",
        "url": CHART,
        "ref": {"tag": format!("v{version}")},
        "layerSelector": {
            "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "operation": "copy",
        },
    }))
}

fn release(plan: &Plan<'_>) -> Object {
    flux_object(plan.config, "helm.toolkit.fluxcd.io/v2", "HelmRelease").spec(json!({
        "interval": "1h",
        "timeout": "10m",
        "chartRef": {"kind": "OCIRepository", "name": "cert-manager"},
        "releaseName": "cert-manager",
        "install": {"remediation": {"retries": 3}},
        "upgrade": {"remediation": {"retries": 3}},
        "driftDetection": {"mode": "enabled"},
        "values": values(plan),
    }))
}

fn values(plan: &Plan<'_>) -> Value {
    let mut controller = json!({
        "apiVersion": "controller.config.cert-manager.io/v1alpha1",
        "kind": "ControllerConfiguration",
    });
    // Without this switch Gateways are ignored.
    let (name, switch) = Version::of(&plan.config.cert_manager)
        .unwrap_or(Version::NEWEST)
        .gateway_switch();
    controller[name] = switch;
    let mut values = json!({
        // Kept with the release gone: to delete them is to delete every
        // certificate.
        "crds": {"enabled": true, "keep": true},
        "config": controller,
    });
    if plan.uses_dns01() {
        // The servers of a zone cannot be named in a policy before they are
        // asked for; the cluster's DNS can be.
        values["dns01RecursiveNameserversOnly"] = true.into();
    }
    values
}

fn flux_object(config: &Config, api_version: &str, kind: &str) -> Object {
    Object::namespaced(
        api_version,
        kind,
        &config.cert_manager.namespace,
        "cert-manager",
    )
}

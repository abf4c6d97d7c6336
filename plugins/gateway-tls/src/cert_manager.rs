//! cert-manager: its chart, and what its pods have to reach.

use serde_json::json;
use ztgit_plugin::cluster::{Entity, Flow, FlowPort, Labels, Peer};
use ztgit_plugin::fact::FlowFact;
use ztgit_plugin::{Manifest, Object, Phase};

use crate::config::{Config, Exposure};
use crate::flow::{allow, named};
use crate::issuer::Issuer;
use crate::site::Site;

/// Where it runs.
pub(crate) const NAMESPACE: &str = "cert-manager";

const CHART: &str = "oci://quay.io/jetstack/charts/cert-manager";
const VERSION: &str = "v1.21.1";

/// Source and release of the chart.
pub(crate) fn manifests() -> [Manifest; 2] {
    [
        Manifest::new(Phase::Platform, source()),
        Manifest::new(Phase::Platform, release()),
    ]
}

fn source() -> Object {
    flux_object("source.toolkit.fluxcd.io/v1", "OCIRepository").spec(json!({
        "interval": "1h",
        "url": CHART,
        "ref": {"tag": VERSION},
        "layerSelector": {
            "mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
            "operation": "copy",
        },
    }))
}

fn release() -> Object {
    flux_object("helm.toolkit.fluxcd.io/v2", "HelmRelease").spec(json!({
        "interval": "1h",
        "timeout": "10m",
        "chartRef": {"kind": "OCIRepository", "name": "cert-manager"},
        "releaseName": "cert-manager",
        "install": {"remediation": {"retries": 3}},
        "upgrade": {"remediation": {"retries": 3}},
        "driftDetection": {"mode": "enabled"},
        "values": {
            // Kept with the release gone: to delete them is to delete every
            // certificate.
            "crds": {"enabled": true, "keep": true},
            // Without this switch Gateways are ignored. It is 1.21's; before,
            // it was `enableGatewayAPI`.
            "config": {
                "apiVersion": "controller.config.cert-manager.io/v1alpha1",
                "kind": "ControllerConfiguration",
                "gatewayAPI": {"enabled": true},
            },
        },
    }))
}

fn flux_object(api_version: &str, kind: &str) -> Object {
    Object::namespaced(api_version, kind, NAMESPACE, "cert-manager")
}

/// Everything that its pods reach or are reached by, except the solver's.
///
/// ACME servers and hosts are named one by one rather than as the world: that
/// is narrower, and the DNS policy learns the names that it has to answer.
pub(crate) fn flows(config: &Config, sites: &[Site<'_>]) -> Vec<FlowFact> {
    let mut flows = vec![
        // Its port differs among distributions, and the entity is narrow.
        named(
            "cert-manager-to-api-server",
            allow(pods(), Peer::Entity(Entity::KubeApiserver), []),
        ),
        webhook_from("api-server", Entity::KubeApiserver),
        // An API server on another node arrives, through a tunnel, from the
        // node's own address, which is not known as the API server's.
        webhook_from("other-nodes", Entity::RemoteNode),
    ];
    flows.extend(Issuer::ALL.into_iter().map(|issuer| {
        let server = Peer::Fqdn(issuer.acme_host().to_owned());
        controller_to(issuer.name(), server, 443)
    }));
    flows.extend(self_checks(config, sites));
    flows
}

/// Before it asks for validation, cert-manager fetches the challenge itself by
/// the host's public name, which may lead back to one of the nodes.
fn self_checks(config: &Config, sites: &[Site<'_>]) -> Vec<FlowFact> {
    let mut flows: Vec<_> = sites
        .iter()
        .map(|site| controller_to(site.host.as_str(), Peer::Fqdn(site.host.to_string()), 80))
        .collect();
    if config.exposure == Exposure::HostNetwork && !sites.is_empty() {
        flows.push(controller_to("own-node", Peer::Entity(Entity::Host), 80));
        flows.push(controller_to(
            "other-nodes",
            Peer::Entity(Entity::RemoteNode),
            80,
        ));
    }
    flows
}

fn controller_to(name: &str, to: Peer, port: u16) -> FlowFact {
    let flow = allow(component("controller"), to, [FlowPort::tcp(port)]);
    named(format!("cert-manager-to-{name}"), flow)
}

fn webhook_from(name: &str, from: Entity) -> FlowFact {
    let flow: Flow = allow(
        Peer::Entity(from),
        component("webhook"),
        [FlowPort::tcp(10250)],
    );
    named(format!("{name}-to-cert-manager-webhook"), flow)
}

/// All its pods: controller, webhook, CA injector and the check after install.
fn pods() -> Peer {
    Peer::Pods {
        namespace: NAMESPACE.to_owned(),
        labels: Labels::new(),
    }
}

fn component(name: &str) -> Peer {
    let labels = [
        (
            "app.kubernetes.io/instance".to_owned(),
            "cert-manager".to_owned(),
        ),
        ("app.kubernetes.io/component".to_owned(), name.to_owned()),
    ];
    Peer::Pods {
        namespace: NAMESPACE.to_owned(),
        labels: Labels::from(labels),
    }
}

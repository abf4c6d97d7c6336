//! Access logs of Cilium's Envoy.
//!
//! Cilium's chart has no value for them (`envoy.log.accessLogEnabled` is what
//! Hubble sees). Since 1.20 a `CiliumGatewayClassConfig` has, by which all
//! Gateways of a class log to Envoy's standard output. The chart's own class
//! refers to none, so there is one more class.

use serde_json::{Value, json};
use ztgit_plugin::fact::LogSource;
use ztgit_plugin::{Artifact, Health, Manifest, Object, Phase};

use crate::config::AccessLog;
use crate::exposure::declared;
use crate::gateway::API_VERSION;
use crate::plan::Plan;

/// The class of Gateways whose requests are logged.
pub(crate) const CLASS: &str = "cilium-access-log";

/// Where the kubelet links the log of Envoy's containers to.
pub(crate) const PATH: &str = "/var/log/containers/cilium-envoy-*_kube-system_cilium-envoy-*.log";

/// One line a request, as web servers write them.
///
/// Whoever sends a request writes part of its line, and Envoy does not escape
/// quotes. A reader takes the first place in the line that looks like an entry,
/// and that is the real one as long as nothing behind the address can make it
/// look like something else: so the referrer is left out, and what the client
/// calls itself comes last.
const COMBINED: &str = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% - - \
    [%START_TIME(%d/%b/%Y:%H:%M:%S %z)%] \
    \"%REQUEST_HEADER(:METHOD)% %REQUEST_HEADER(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" \
    %RESPONSE_CODE% %BYTES_SENT% \"-\" \"%REQUEST_HEADER(USER-AGENT)%\"";

const CLASS_TIMEOUT_SECONDS: u32 = 300;

/// The class and its settings, if requests are logged.
pub(crate) fn artifacts(plan: &Plan<'_>) -> Vec<Artifact> {
    let Some(log) = plan.config.access_log else {
        return Vec::new();
    };
    // The settings are namespaced, and a class is not.
    let namespace = plan.gateways[0].namespace();
    let settings = Object::namespaced(
        "cilium.io/v2alpha1",
        "CiliumGatewayClassConfig",
        namespace,
        CLASS,
    )
    .spec(json!({"telemetry": {"accessLogs": [settings(log)]}}));
    let class = Object::cluster_scoped(API_VERSION, "GatewayClass", CLASS).spec(json!({
        "controllerName": "io.cilium/gateway-controller",
        "description": "Cilium's Gateways, their requests logged",
        "parametersRef": {
            "group": "cilium.io",
            "kind": "CiliumGatewayClassConfig",
            "name": CLASS,
            "namespace": namespace,
        },
    }));
    let health = Health::condition("Accepted", CLASS_TIMEOUT_SECONDS);
    let class = Manifest::new(Phase::Config, class).health(health);
    let mut artifacts = Vec::from(declared("ciliumgatewayclassconfigs", settings));
    artifacts.push(class.into());
    artifacts
}

fn settings(log: AccessLog) -> Value {
    match log {
        AccessLog::Combined => json!({"format": "Text", "text": COMBINED, "targets": ["HTTP"]}),
        AccessLog::Json => json!({"format": "JSON", "targets": ["HTTP", "TCP"]}),
    }
}

/// The log as one worth watching. The container runtime puts a prefix in front
/// of each line, past which CrowdSec's parser for nginx looks.
pub(crate) fn source(log: AccessLog) -> Option<LogSource> {
    match log {
        AccessLog::Combined => Some(LogSource::File {
            path: PATH.to_owned(),
            format: "nginx".to_owned(),
        }),
        AccessLog::Json => None,
    }
}

//! What Prometheus scrapes, and the network for it.
//!
//! Every workload of the cluster with a port of a certain name gets a Service
//! and a `ServiceMonitor`. That Prometheus may reach the port is stated as a
//! fact: whichever plugin renders the network's policies makes policy of it,
//! and this one knows nothing of that plugin.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use ztgit_plugin::cluster::{Flow, FlowPort, Labels, Peer, Workload};
use ztgit_plugin::fact::FlowFact;
use ztgit_plugin::{
    Cluster, Description, Diagnostic, Facts, Manifest, Object, ObjectSchema, ObjectScope, Phase,
    Plugin, Rendering, Statement, export,
};

const GROUP: &str = "monitoring.coreos.com";
const MONITOR: &str = "ServiceMonitor";
const API_VERSION: &str = "monitoring.coreos.com/v1";

/// The plugin.
pub struct Monitoring;

/// What a stack says under `config.monitoring`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The pods that scrape.
    prometheus: Pods,
    /// What workloads call the port with their metrics.
    #[serde(default = "default_port")]
    port: String,
}

/// Pods by their labels.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pods {
    /// Their namespace.
    namespace: String,
    /// Their labels.
    labels: BTreeMap<String, String>,
}

fn default_port() -> String {
    "metrics".to_owned()
}

/// A workload with metrics.
struct Target<'a> {
    namespace: &'a str,
    name: &'a str,
    workload: &'a Workload,
    port: u16,
}

fn targets<'a>(cluster: &'a Cluster, config: &'a Config) -> impl Iterator<Item = Target<'a>> {
    cluster.namespaces.iter().flat_map(|(namespace, declared)| {
        declared.workloads.iter().filter_map(|(name, workload)| {
            let port = workload.ports.get(&config.port)?.port;
            Some(Target {
                namespace,
                name,
                workload,
                port,
            })
        })
    })
}

impl Plugin for Monitoring {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "monitoring",
            env!("CARGO_PKG_VERSION"),
            "what Prometheus scrapes",
        )
        .provides::<FlowFact>(&["*"])
        .in_namespaces(&["*"])
        // Only where nobody but this plugin says what a ServiceMonitor is.
        .cluster_kinds(&["ServiceMonitor.monitoring.coreos.com"])
        .schema(service_monitor())
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        let mut statement = Statement::default();
        for target in targets(cluster, config) {
            let prometheus = Peer::Pods {
                namespace: config.prometheus.namespace.clone(),
                labels: config.prometheus.labels.clone(),
            };
            let workload = Peer::Workload {
                namespace: target.namespace.to_owned(),
                name: target.name.to_owned(),
            };
            statement.cluster(&FlowFact {
                name: format!("scrape-{}-{}", target.namespace, target.name),
                flow: Flow::allow(prometheus, workload, [FlowPort::tcp(target.port)]),
            });
        }
        statement
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        if !cluster.apis.contains_key(GROUP) {
            rendering.report(
                Diagnostic::error("no-operator", "nothing on this cluster reads a ServiceMonitor")
                    .hint("install the Prometheus operator and add `monitoring.coreos.com: v1` to the cluster's `apis`"),
            );
            return rendering;
        }
        for target in targets(cluster, config) {
            rendering.push(Manifest::new(Phase::Apps, service(&target, &config.port)));
            rendering.push(Manifest::new(Phase::Apps, monitor(&target, &config.port)));
        }
        rendering
    }
}

fn labels(target: &Target<'_>) -> Labels {
    Labels::from([(
        "monitoring.example.com/target".to_owned(),
        target.name.to_owned(),
    )])
}

fn service(target: &Target<'_>, port: &str) -> Object {
    let name = format!("{}-metrics", target.name);
    Object::namespaced("v1", "Service", target.namespace, &name)
        .labels(&labels(target))
        .spec(json!({
            "clusterIP": "None",
            "selector": target.workload.labels,
            "ports": [{"name": port, "port": target.port}],
        }))
}

fn monitor(target: &Target<'_>, port: &str) -> Object {
    Object::namespaced(API_VERSION, MONITOR, target.namespace, target.name).spec(json!({
        "selector": {"matchLabels": labels(target)},
        "endpoints": [{"port": port}],
    }))
}

/// As much of the kind as this plugin writes: the host finds what is misspelt.
fn service_monitor() -> ObjectSchema {
    ObjectSchema {
        api_version: API_VERSION.to_owned(),
        kind: MONITOR.to_owned(),
        scope: ObjectScope::Namespaced,
        schema: json!({
            "type": "object",
            "required": ["spec"],
            "properties": {"spec": {
                "type": "object",
                "required": ["endpoints", "selector"],
                "properties": {
                    "selector": {
                        "type": "object",
                        "properties": {"matchLabels": {
                            "type": "object",
                            "additionalProperties": {"type": "string"},
                        }},
                    },
                    "endpoints": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"port": {"type": "string"}},
                        },
                    },
                },
            }},
        }),
    }
}

export!(Monitoring);

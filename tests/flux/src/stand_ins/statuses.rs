//! What the controllers that are not there report when all is well.

use serde_json::{Value, json};

use super::Duty;

const TIME: &str = "2026-01-01T00:00:00Z";
pub(super) const RELEASES: &str = "/apis/helm.toolkit.fluxcd.io/v2/helmreleases";

/// Kinds that a chart, or what it installs, defines.
pub(super) struct ChartKinds {
    pub(super) duty: Duty,
    /// The name of its HelmRelease.
    pub(super) release: &'static str,
    /// The project whose definitions these are.
    pub(super) project: &'static str,
}

impl ChartKinds {
    pub(super) const ALL: [Self; 2] = [
        Self {
            duty: Duty::CiliumOperator,
            release: "cilium",
            project: "cilium",
        },
        Self {
            duty: Duty::Releases,
            release: "cert-manager",
            project: "cert-manager",
        },
    ];
}

/// A kind whose status somebody else sets.
pub(super) struct Watched {
    pub(super) duty: Duty,
    pub(super) path: &'static str,
    pub(super) kind: &'static str,
    pub(super) status: fn(&Value) -> Value,
}

const fn watched(
    duty: Duty,
    path: &'static str,
    kind: &'static str,
    status: fn(&Value) -> Value,
) -> Watched {
    Watched {
        duty,
        path,
        kind,
        status,
    }
}

impl Watched {
    pub(super) const ALL: &[Self] = &[
        watched(
            Duty::Sources,
            "/apis/source.toolkit.fluxcd.io/v1/ocirepositories",
            "OCIRepository",
            ready,
        ),
        watched(
            Duty::Sources,
            "/apis/source.toolkit.fluxcd.io/v1/helmrepositories",
            "HelmRepository",
            ready,
        ),
        watched(Duty::Releases, RELEASES, "HelmRelease", ready),
        watched(
            Duty::Issuers,
            "/apis/cert-manager.io/v1/clusterissuers",
            "ClusterIssuer",
            issuing,
        ),
        watched(
            Duty::Issuers,
            "/apis/cert-manager.io/v1/issuers",
            "Issuer",
            issuing,
        ),
        watched(
            Duty::Gateways,
            "/apis/gateway.networking.k8s.io/v1/gateways",
            "Gateway",
            programmed,
        ),
        watched(
            Duty::Routes,
            "/apis/gateway.networking.k8s.io/v1/httproutes",
            "HTTPRoute",
            accepted,
        ),
        watched(
            Duty::Routes,
            "/apis/gateway.networking.k8s.io/v1/grpcroutes",
            "GRPCRoute",
            accepted,
        ),
        watched(
            Duty::Workloads,
            "/apis/apps/v1/deployments",
            "Deployment",
            available,
        ),
        watched(Duty::Workloads, "/apis/batch/v1/jobs", "Job", complete),
    ];

    /// `group/version`: what comes before the plural in the path.
    pub(super) fn api_version(&self) -> &'static str {
        self.path
            .strip_prefix("/apis/")
            .and_then(|path| path.rsplit_once('/'))
            .map_or("", |(version, _)| version)
    }
}

/// Whether a status already says all that another one does.
pub(super) fn is_set(status: &Value, wanted: &Value) -> bool {
    match (status, wanted) {
        (Value::Object(status), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, value)| status.get(key).is_some_and(|found| is_set(found, value))),
        (Value::Array(status), Value::Array(wanted)) => {
            status.len() == wanted.len() && status.iter().zip(wanted).all(|(a, b)| is_set(a, b))
        }
        _ => status == wanted,
    }
}

fn condition(object: &Value, kind: &str) -> Value {
    json!({
        "type": kind,
        "status": "True",
        "reason": "StandIn",
        "message": "a test stands in for the controller",
        "lastTransitionTime": TIME,
        "observedGeneration": object["metadata"]["generation"],
    })
}

fn ready(object: &Value) -> Value {
    json!({
        "observedGeneration": object["metadata"]["generation"],
        "conditions": [condition(object, "Ready")],
    })
}

/// cert-manager's status has no `observedGeneration` of its own.
fn issuing(object: &Value) -> Value {
    json!({"conditions": [condition(object, "Ready")]})
}

fn programmed(object: &Value) -> Value {
    json!({"conditions": [condition(object, "Accepted"), condition(object, "Programmed")]})
}

fn accepted(object: &Value) -> Value {
    let parents: Vec<Value> = object["spec"]["parentRefs"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parent| {
            json!({
                "parentRef": parent,
                "controllerName": "ztgit.test/stand-in",
                "conditions": [condition(object, "Accepted"), condition(object, "ResolvedRefs")],
            })
        })
        .collect();
    json!({ "parents": parents })
}

fn available(object: &Value) -> Value {
    let replicas = &object["spec"]["replicas"];
    let mut conditions = workload_conditions(object, ["Available", "Progressing"]);
    conditions[1]["reason"] = "NewReplicaSetAvailable".into();
    json!({
        "observedGeneration": object["metadata"]["generation"],
        "replicas": replicas,
        "updatedReplicas": replicas,
        "readyReplicas": replicas,
        "availableReplicas": replicas,
        "conditions": conditions,
    })
}

fn complete(object: &Value) -> Value {
    json!({
        "startTime": TIME,
        "completionTime": TIME,
        "succeeded": object["spec"]["completions"],
        "conditions": workload_conditions(object, ["SuccessCriteriaMet", "Complete"]),
    })
}

/// Conditions of workloads do not record a generation.
fn workload_conditions(object: &Value, kinds: [&str; 2]) -> [Value; 2] {
    kinds.map(|kind| {
        let mut condition = condition(object, kind);
        if let Some(fields) = condition.as_object_mut() {
            fields.remove("observedGeneration");
        }
        condition
    })
}

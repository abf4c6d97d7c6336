//! cert-manager is under a default deny that keeps it from its work.

use serde_json::Value;
use ztgit_plugin::Severity;

use super::{API_PORT, Need, refused};
use crate::finding::Found;
use crate::gateway::cert_manager::{Release, release};
use crate::neighbourhood::{
    API_SERVER, CONTROLLER, INJECTOR, WEBHOOK, acme_servers, cert_manager_pod,
};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "cert-manager-closed",
    severity: Severity::Error,
    text: include_str!("cert_manager_closed.md"),
    find,
};

/// Where the webhook listens unless the values say otherwise.
const WEBHOOK_PORT: u16 = 10_250;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some(release) = release(subject) else {
        return Vec::new();
    };
    let part = |name| cert_manager_pod(&release, name);
    let (controller, webhook, injector) = (part(CONTROLLER), part(WEBHOOK), part(INJECTOR));
    let watching = [&controller, &injector].map(|from| Need {
        from,
        to: API_SERVER,
        port: API_PORT,
        purpose: "sees no Certificate",
    });
    let judging = Need {
        from: API_SERVER,
        to: &webhook,
        port: webhook_port(&release),
        purpose: "takes no Issuer and no Certificate",
    };
    let ordering = acme_servers(subject).map(|(to, port)| Need {
        from: &controller,
        to,
        port,
        purpose: "gets no certificate",
    });
    let needs = watching.into_iter().chain([judging]).chain(ordering);
    refused(subject, needs)
        .map(
            |Need {
                 from,
                 to,
                 port,
                 purpose,
             }| {
                release.spot.finding(
                    "/metadata/name",
                    format!("policies keep {from} from port {port} of {to}, so it {purpose}"),
                    "leave cert-manager's namespace out of the default deny, or allow this in it",
                )
            },
        )
        .collect()
}

fn webhook_port(release: &Release<'_>) -> u16 {
    let values = release
        .spot
        .object
        .value
        .pointer("/spec/values/webhook/securePort");
    let port = values.and_then(Value::as_u64);
    port.and_then(|port| u16::try_from(port).ok())
        .unwrap_or(WEBHOOK_PORT)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, clusterwide, policy};

    const RELEASE: &str = "HelmRelease/cert-manager/cert-manager";

    fn release() -> Value {
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "cert-manager", "namespace": "cert-manager"},
            "spec": {}
        })
    }

    fn issuer() -> Value {
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "ClusterIssuer",
            "metadata": {"name": "ca"},
            "spec": {"acme": {"server": "https://acme.example.net/directory"}}
        })
    }

    fn denied(allows: &[Value]) -> Lint {
        denied_beside(release(), allows)
    }

    fn denied_beside(release: Value, allows: &[Value]) -> Lint {
        let deny = clusterwide(&json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}));
        let lint = Lint::homelab().object(release).object(issuer());
        allows.iter().fold(lint.object(deny), |lint, spec| {
            let mut object = policy(spec);
            object["metadata"]["namespace"] = "cert-manager".into();
            lint.object(object)
        })
    }

    fn api_server() -> Value {
        json!({"endpointSelector": {}, "egress": [{"toEntities": ["kube-apiserver"]}]})
    }

    fn webhook() -> Value {
        json!({
            "endpointSelector": {"matchLabels": {"app.kubernetes.io/component": "webhook"}},
            "ingress": [{"fromEntities": ["kube-apiserver"]}]
        })
    }

    fn authority() -> Value {
        json!({
            "endpointSelector": {"matchLabels": {"app.kubernetes.io/component": "controller"}},
            "egress": [{"toFQDNs": [{"matchName": "acme.example.net"}]}]
        })
    }

    #[test]
    fn each_of_its_needs_that_a_deny_refuses_is_found() {
        denied(&[webhook(), authority()]).finds(super::RULE, RELEASE);
        denied(&[api_server(), authority()]).finds(super::RULE, RELEASE);
        denied(&[api_server(), webhook()]).finds(super::RULE, RELEASE);
    }

    #[test]
    fn a_deny_with_what_it_needs_is_fine() {
        denied(&[api_server(), webhook(), authority()]).passes(super::RULE);
    }

    #[test]
    fn a_webhook_behind_another_port_is_asked_there() {
        let mut narrow = webhook();
        narrow["ingress"][0]["toPorts"] = json!([{"ports": [{"port": "10260"}]}]);
        let allows = [api_server(), narrow, authority()];
        denied(&allows).finds(super::RULE, RELEASE);
        let mut moved = release();
        moved["spec"]["values"]["webhook"]["securePort"] = 10260.into();
        denied_beside(moved, &allows).passes(super::RULE);
    }

    #[test]
    fn without_a_deny_there_is_nothing() {
        Lint::homelab().object(release()).passes(super::RULE);
    }
}

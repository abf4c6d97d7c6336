//! A Gateway with its routes and issuers, for tests.

use serde_json::{Value, json};

pub(super) const GATEWAY: &str = "Gateway/ingress/edge";
pub(super) const ROUTE: &str = "HTTPRoute/my-app/app";
pub(super) const ISSUER: &str = "ClusterIssuer/le";
pub(super) const RELEASE: &str = "HelmRelease/kube-system/cilium";
pub(super) const HOST: &str = "app.homelab-one.net";
pub(super) const PRODUCTION: &str = "https://acme-v02.api.letsencrypt.org/directory";
pub(super) const STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// A Gateway of Cilium's in the namespace `ingress`, whose certificates `le` signs.
pub(super) fn gateway(listeners: &[Value]) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {
            "name": "edge",
            "namespace": "ingress",
            "annotations": {"cert-manager.io/cluster-issuer": "le"}
        },
        "spec": {"gatewayClassName": "cilium", "listeners": listeners}
    })
}

/// The listener on port 80.
pub(super) fn http() -> Value {
    json!({
        "name": "http", "port": 80, "protocol": "HTTP",
        "allowedRoutes": {"namespaces": {"from": "All"}}
    })
}

/// A listener of a host.
pub(super) fn https(host: &str) -> Value {
    json!({
        "name": "https", "port": 443, "protocol": "HTTPS", "hostname": host,
        "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {
            "matchLabels": {"gateway-access": "true"}
        }}},
        "tls": {"mode": "Terminate", "certificateRefs": [{"name": "tls-app"}]}
    })
}

/// A route of the namespace `my-app` to a Service there, through one listener.
pub(super) fn route(section: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "app", "namespace": "my-app"},
        "spec": {
            "hostnames": [HOST],
            "parentRefs": [{"name": "edge", "namespace": "ingress", "sectionName": section}],
            "rules": [{"backendRefs": [{"name": "app-svc", "port": 80}]}]
        }
    })
}

/// A route that sends clients of port 80 to HTTPS.
pub(super) fn redirect() -> Value {
    let mut route = route("http");
    route["metadata"]["name"] = "redirect".into();
    route["spec"]["rules"] = json!([{"filters": [
        {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}
    ]}]);
    route
}

/// An issuer of Let's Encrypt's, by a challenge through the listener on port 80.
pub(super) fn issuer(server: &str) -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": "le"},
        "spec": {"acme": {
            "server": server,
            "email": "ops@homelab-one.net",
            "solvers": [{"http01": {"gatewayHTTPRoute": {"parentRefs": [
                {"name": "edge", "namespace": "ingress", "sectionName": "http"}
            ]}}}]
        }}
    })
}

/// Cilium's release.
pub(super) fn release(values: &Value) -> Value {
    json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "cilium", "namespace": "kube-system"},
        "spec": {"releaseName": "cilium", "values": values}
    })
}

/// Labels on the namespace of the routes.
pub(super) fn access() -> Value {
    json!({"namespaces": {"my-app": {"labels": {"gateway-access": "true"}}}})
}

//! The Gateway and the routes through it.

use serde_json::{Value, json};

use crate::render;

const HOST: &str = "myapp.homelab-one.net";

fn listeners(patch: &Value) -> Vec<Value> {
    let gateway = render(patch).object("Gateway", "homelab-gateway");
    gateway["spec"]["listeners"].as_array().unwrap().clone()
}

fn second_host() -> Value {
    json!({"hosts": {"www.homelab-one.net": {
        "service": "my-app/api-svc", "port": 80, "workload": "my-app/api",
    }}})
}

#[test]
fn the_gateway_is_ciliums_and_in_the_namespace_for_ingress() {
    let gateway = render(&json!({})).object("Gateway", "homelab-gateway");
    assert_eq!(gateway["metadata"]["namespace"], "ingress");
    assert_eq!(gateway["spec"]["gatewayClassName"], "cilium");
}

#[test]
fn certificates_are_from_staging_until_production_is_asked_for() {
    let issuer = |patch: &Value| {
        let gateway = render(patch).object("Gateway", "homelab-gateway");
        gateway["metadata"]["annotations"]["cert-manager.io/cluster-issuer"].clone()
    };
    assert_eq!(issuer(&json!({})), "letsencrypt-staging");
    assert_eq!(
        issuer(&json!({"issuer": "letsencrypt-prod"})),
        "letsencrypt-prod"
    );
}

#[test]
fn without_hosts_the_gateway_serves_http_alone() {
    let listeners = listeners(&json!({"hosts": null}));
    let protocols: Vec<_> = listeners.iter().map(|l| &l["protocol"]).collect();
    assert_eq!(protocols, ["HTTP"]);
    assert_eq!(listeners[0]["port"], 80);
}

#[test]
fn each_host_has_a_listener_that_cert_manager_makes_one_certificate_of() {
    let listeners = listeners(&second_host());
    let https: Vec<_> = listeners
        .iter()
        .filter(|l| l["protocol"] == "HTTPS")
        .collect();
    let hosts: Vec<_> = https.iter().map(|l| &l["hostname"]).collect();
    assert_eq!(hosts, [HOST, "www.homelab-one.net"]);
    let secrets: Vec<_> = https.iter().map(|l| &l["tls"]["certificateRefs"]).collect();
    assert_eq!(
        secrets[0],
        &json!([{"kind": "Secret", "name": format!("tls-{HOST}")}])
    );
    assert_ne!(secrets[0], secrets[1]);
    for listener in https {
        assert_eq!(listener["port"], 443);
        assert_eq!(listener["tls"]["mode"], "Terminate");
    }
}

#[test]
fn only_labelled_namespaces_attach_routes() {
    for listener in listeners(&json!({})) {
        assert_eq!(
            listener["allowedRoutes"],
            json!({"namespaces": {
                "from": "Selector",
                "selector": {"matchLabels": {"gateway-access": "true"}},
            }})
        );
    }
}

#[test]
fn a_host_is_routed_to_its_service_through_its_own_listener() {
    let rendered = render(&json!({}));
    let route = rendered.object("HTTPRoute", &format!("https-{HOST}"));
    assert_eq!(route["metadata"]["namespace"], "my-app");
    assert_eq!(route["spec"]["hostnames"], json!([HOST]));
    let parent = &route["spec"]["parentRefs"][0];
    let gateway = rendered.object("Gateway", "homelab-gateway");
    assert_eq!(parent["name"], gateway["metadata"]["name"]);
    assert_eq!(parent["namespace"], gateway["metadata"]["namespace"]);
    assert_eq!(
        parent["sectionName"],
        gateway["spec"]["listeners"][1]["name"]
    );
    assert_eq!(
        route["spec"]["rules"],
        json!([{"backendRefs": [{"name": "my-app-svc", "port": 80}]}])
    );
}

#[test]
fn plain_http_is_sent_to_https() {
    let redirect = render(&json!({})).object("HTTPRoute", &format!("redirect-{HOST}"));
    assert_eq!(redirect["metadata"]["namespace"], "ingress");
    assert_eq!(redirect["spec"]["parentRefs"][0]["sectionName"], "http");
    let filter = &redirect["spec"]["rules"][0]["filters"][0];
    assert_eq!(filter["type"], "RequestRedirect");
    assert_eq!(filter["requestRedirect"]["scheme"], "https");
}

/// A challenge's route has the host's name and an exact path. It wins against
/// a prefix, provided that both are routes of the same host.
#[test]
fn the_redirect_gives_way_to_acme_challenges() {
    let redirect = render(&json!({})).object("HTTPRoute", &format!("redirect-{HOST}"));
    assert_eq!(redirect["spec"]["hostnames"], json!([HOST]));
    assert_eq!(
        redirect["spec"]["rules"][0]["matches"],
        json!([{"path": {"type": "PathPrefix", "value": "/"}}])
    );
}

#[test]
fn a_host_in_capitals_is_rendered_in_lower_case() {
    let rendered = render(&json!({"hosts": {
        HOST: null,
        "MyApp.Homelab-One.net": {
            "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend",
        },
    }}));
    assert_eq!(rendered.errors(), [""; 0]);
    rendered.object("HTTPRoute", &format!("https-{HOST}"));
}

#[test]
fn routes_of_hosts_in_the_gateways_namespace_keep_apart_from_redirects() {
    let rendered = crate::harness(&json!({
        "gateway": {"namespace": "my-app"},
        "hosts": {"redirect-myapp.homelab-one.net": {
            "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend",
        }},
    }))
    .render();
    let mut names = rendered.names();
    names.sort();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
}

#[test]
fn addresses_to_announce_go_to_the_gateways_service_alone() {
    let rendered = render(&json!({"exposure": {"l2": {"addresses": ["192.168.1.240/28"]}}}));
    let pool = rendered.object("CiliumLoadBalancerIPPool", "ingress.homelab-gateway");
    assert_eq!(pool["apiVersion"], "cilium.io/v2");
    assert_eq!(
        pool["spec"]["blocks"],
        json!([{"cidr": "192.168.1.240/28"}])
    );
    let policy = rendered.object("CiliumL2AnnouncementPolicy", "ingress.homelab-gateway");
    assert_eq!(
        policy["spec"]["serviceSelector"],
        pool["spec"]["serviceSelector"]
    );
    assert_eq!(
        pool["spec"]["serviceSelector"]["matchLabels"]["gateway.networking.k8s.io/gateway-name"],
        "homelab-gateway"
    );
}

#[test]
fn an_exposure_on_the_nodes_needs_no_address_pool() {
    for exposure in [json!("hostNetwork"), json!("nodeIPAM")] {
        let names = render(&json!({"exposure": exposure})).names();
        assert!(
            !names
                .iter()
                .any(|name| name.starts_with("CiliumLoadBalancerIPPool"))
        );
    }
}

//! What is said to the author of the stack, and where.

use serde_json::{Map, Value, json};
use ztgit_plugin::Severity;

use crate::{harness, place, render};

const HOST: &str = "myapp.homelab-one.net";

/// The config with other fields of its host.
fn host(patch: &Value) -> Value {
    json!({"hosts": {HOST: patch}})
}

/// The config with a host of that name in addition.
fn named(name: &str) -> Value {
    let entry = json!({"service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend"});
    json!({"hosts": {name: entry}})
}

#[track_caller]
fn assert_error(patch: &Value, code: &str, at: &str) {
    let rendered = render(patch);
    assert_eq!(rendered.errors(), [code]);
    assert_eq!(place(&rendered, code), at);
    let diagnostic = rendered
        .0
        .diagnostics
        .iter()
        .find(|d| d.code == code)
        .unwrap();
    assert!(!diagnostic.hints.is_empty(), "{code} has no hint");
}

#[test]
fn a_valid_config_gives_neither_error_nor_warning() {
    let rendered = render(&json!({"issuer": "letsencrypt-prod"}));
    assert_eq!(rendered.errors(), [""; 0]);
    assert_eq!(rendered.warnings(), [""; 0]);
}

#[test]
fn what_is_no_address_is_refused() {
    for email in [
        "ops",
        "ops@",
        "@homelab-one.net",
        "mailto:ops@homelab-one.net",
        "a@b@homelab-one.net",
    ] {
        assert_error(&json!({"email": email}), "invalid-email", "config:/email");
    }
}

#[test]
fn a_wildcard_host_is_refused() {
    assert_error(
        &named("*.homelab-one.net"),
        "wildcard-host",
        "config:/hosts/*.homelab-one.net",
    );
}

#[test]
fn what_is_no_public_host_name_is_refused() {
    assert_error(
        &named("192.168.1.10"),
        "invalid-host",
        "config:/hosts/192.168.1.10",
    );
    assert_error(
        &named("app.net/path"),
        "invalid-host",
        "config:/hosts/app.net~1path",
    );
}

#[test]
fn two_spellings_of_one_host_are_refused() {
    assert_error(
        &named("MyApp.Homelab-One.net"),
        "duplicate-host",
        &format!("config:/hosts/{HOST}"),
    );
}

#[test]
fn a_service_in_an_undeclared_namespace_is_refused() {
    assert_error(
        &host(&json!({"service": "my-ap/my-app-svc"})),
        "unknown-namespace",
        &format!("config:/hosts/{HOST}/service"),
    );
}

#[test]
fn an_undeclared_workload_is_refused() {
    assert_error(
        &host(&json!({"workload": "my-app/fronted"})),
        "unknown-workload",
        &format!("config:/hosts/{HOST}/workload"),
    );
}

#[test]
fn a_workload_that_the_service_cannot_select_is_refused() {
    assert_error(
        &host(&json!({"workload": "other/frontend"})),
        "workload-elsewhere",
        &format!("config:/hosts/{HOST}/workload"),
    );
}

#[test]
fn a_target_port_that_the_workload_lacks_is_refused() {
    let at = format!("config:/hosts/{HOST}/targetPort");
    assert_error(
        &host(&json!({"targetPort": "metrics"})),
        "unknown-target-port",
        &at,
    );
    assert_error(
        &host(&json!({"targetPort": 9090})),
        "unknown-target-port",
        &at,
    );
}

#[test]
fn a_target_port_is_found_by_name_and_by_number() {
    for port in [json!("http"), json!(8080)] {
        assert!(
            render(&host(&json!({"targetPort": port})))
                .errors()
                .is_empty()
        );
    }
}

#[test]
fn a_workload_with_several_ports_needs_a_target_port() {
    let ports = json!({"namespaces": {"my-app": {"workloads": {"frontend": {"ports": {
        "metrics": {"port": 9090, "protocol": "TCP"},
    }}}}}});
    let on = |patch: &Value| harness(patch).patch_cluster(&ports).render();
    let unclear = on(&json!({}));
    assert_eq!(unclear.errors(), ["unknown-target-port"]);
    assert_eq!(
        place(&unclear, "unknown-target-port"),
        format!("config:/hosts/{HOST}/workload")
    );
    assert!(
        on(&host(&json!({"targetPort": "http"})))
            .errors()
            .is_empty()
    );
    assert!(
        on(&host(&json!({"port": 8080}))).errors().is_empty(),
        "the Service has the same port"
    );
}

#[test]
fn all_mistakes_are_reported_in_one_run() {
    let rendered = render(&json!({
        "email": "ops",
        "hosts": {
            "*.homelab-one.net": {"service": "my-app/a", "port": 80, "workload": "my-app/frontend"},
            "a.homelab-one.net": {"service": "nowhere/a", "port": 80, "workload": "nowhere/a"},
        },
    }));
    let mut errors = rendered.errors();
    errors.sort_unstable();
    assert_eq!(
        errors,
        ["invalid-email", "unknown-namespace", "wildcard-host"]
    );
}

#[test]
fn more_hosts_than_a_gateway_has_listeners_are_refused() {
    let entry = json!({"service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend"});
    let hosts = |count: usize| -> Value {
        let named = (1..count).map(|i| (format!("app-{i}.homelab-one.net"), entry.clone()));
        json!({"hosts": named.collect::<Map<_, _>>()})
    };
    assert!(render(&hosts(63)).errors().is_empty());
    assert_error(&hosts(64), "too-many-hosts", "config:/hosts");
}

#[test]
fn ciliums_class_under_another_cni_is_refused() {
    let cni = json!({"cni": {"name": "calico", "version": "3.30.0"}});
    let rendered = harness(&json!({})).patch_cluster(&cni).render();
    assert_eq!(rendered.errors(), ["no-gateway-controller"]);
    assert_eq!(
        place(&rendered, "no-gateway-controller"),
        "cluster:/cni/name"
    );
}

#[test]
fn another_class_is_taken_with_a_warning_of_what_cannot_be_promised() {
    let cni = json!({"cni": {"name": "calico", "version": "3.30.0"}});
    let patch = json!({"gateway": {"class": "envoy"}});
    let rendered = harness(&patch).patch_cluster(&cni).render();
    assert!(rendered.errors().is_empty());
    assert_eq!(rendered.warnings(), ["foreign-gateway-class"]);
    let gateway = rendered.object("Gateway", "homelab-gateway");
    assert_eq!(gateway["spec"]["gatewayClassName"], "envoy");
}

#[test]
fn an_exposure_that_the_host_firewall_does_not_see_is_a_warning() {
    for exposure in [
        json!("nodeIPAM"),
        json!({"l2": {"addresses": ["192.168.1.240/28"]}}),
    ] {
        let rendered = render(&json!({"exposure": exposure}));
        assert_eq!(rendered.warnings(), ["host-firewall-bypassed"]);
        assert!(rendered.errors().is_empty());
    }
}

#[test]
fn announced_addresses_that_are_in_use_are_refused() {
    for range in ["10.42.3.0/24", "10.43.0.0/28", "192.168.1.0/28"] {
        assert_error(
            &json!({"exposure": {"l2": {"addresses": ["192.168.1.240/28", range]}}}),
            "address-in-use",
            "config:/exposure/l2/addresses/1",
        );
    }
}

#[test]
fn untrusted_certificates_are_mentioned_as_long_as_staging_signs() {
    let mentioned = |patch: &Value| {
        render(patch)
            .0
            .diagnostics
            .iter()
            .any(|d| d.code == "staging-issuer" && d.severity == Severity::Info)
    };
    assert!(mentioned(&json!({})));
    assert!(!mentioned(&json!({"issuer": "letsencrypt-prod"})));
}

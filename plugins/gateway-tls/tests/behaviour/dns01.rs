//! Names that are shown by DNS: wildcards, and what HTTP does not reach.

use serde_json::{Value, json};
use ztgit_plugin::cluster::{FlowPort, Peer};
use ztgit_plugin::fact::{FlowFact, StandardFact};

use crate::{assert_only_error, harness, render};

const WILDCARD: &str = "*.homelab-one.net";
const HOST: &str = "myapp.homelab-one.net";

fn cloudflare() -> Value {
    json!({"homelab-one.net": {"cloudflare": {"apiToken": {"secret": "cloudflare", "key": "token"}}}})
}

/// A single host and a wildcard.
pub(crate) fn two_hosts() -> Value {
    json!({
        "dns01": cloudflare(),
        "hosts": {WILDCARD: {
            "service": "my-app/api-svc", "port": 80, "workload": "my-app/api",
        }},
    })
}

fn solvers(patch: &Value, issuer: &str) -> Vec<Value> {
    let issuer = render(patch).object("ClusterIssuer", issuer);
    issuer["spec"]["acme"]["solvers"]
        .as_array()
        .unwrap()
        .clone()
}

fn reached(patch: &Value) -> Vec<(Peer, Vec<FlowPort>)> {
    let facts = harness(patch).facts().facts.into_iter();
    let flows = facts.filter(|fact| fact.kind == FlowFact::KIND);
    let flows = flows.map(|fact| serde_json::from_value::<FlowFact>(fact.value).unwrap().flow);
    flows.map(|flow| (flow.to, flow.ports)).collect()
}

#[test]
fn a_wildcard_has_a_listener_and_a_certificate_beside_a_single_host() {
    let rendered = render(&two_hosts());
    assert_eq!(rendered.errors(), [""; 0]);
    let gateway = rendered.object("Gateway", "homelab-gateway");
    let listeners = gateway["spec"]["listeners"].as_array().unwrap();
    let hosts: Vec<_> = listeners.iter().map(|each| &each["hostname"]).collect();
    assert_eq!(hosts, [&Value::Null, &json!(WILDCARD), &json!(HOST)]);
    assert_ne!(
        listeners[1]["tls"]["certificateRefs"],
        listeners[2]["tls"]["certificateRefs"]
    );
}

/// A solver that names a host is taken before one that names none.
#[test]
fn both_issuers_show_a_single_host_by_http_and_a_wildcard_by_dns() {
    for issuer in ["letsencrypt-staging", "letsencrypt-prod"] {
        let solvers = solvers(&two_hosts(), issuer);
        assert_eq!(solvers.len(), 2);
        assert!(solvers[0].get("http01").is_some());
        assert_eq!(solvers[0].get("selector"), None);
        assert_eq!(solvers[1]["selector"], json!({"dnsNames": [WILDCARD]}));
        assert_eq!(
            solvers[1]["dns01"]["cloudflare"],
            json!({"apiTokenSecretRef": {"name": "cloudflare", "key": "token"}})
        );
    }
}

#[test]
fn a_wildcard_cannot_be_shown_by_http() {
    let patch = json!({"dns01": cloudflare(), "hosts": {WILDCARD: {
        "service": "my-app/api-svc", "port": 80, "workload": "my-app/api", "challenge": "http01",
    }}});
    let at = "config:/hosts/*.homelab-one.net/challenge";
    assert_only_error(&render(&patch), "wildcard-host", at);
}

#[test]
fn a_name_in_no_zone_cannot_be_shown_by_dns() {
    let patch = json!({"hosts": {HOST: {"challenge": "dns01"}}});
    let at = format!("config:/hosts/{HOST}/challenge");
    assert_only_error(&render(&patch), "dns01-zone", &at);
}

#[test]
fn a_wildcard_of_a_private_ca_needs_no_dns() {
    let patch = json!({
        "issuer": "lab",
        "issuers": {"lab": "selfSigned"},
        "hosts": {WILDCARD: {
            "service": "my-app/api-svc", "port": 80, "workload": "my-app/api",
        }},
    });
    assert_eq!(render(&patch).errors(), [""; 0]);
}

#[test]
fn the_longest_zone_that_contains_a_name_has_it() {
    let mut zones = cloudflare();
    zones["apps.homelab-one.net"] = json!({"rfc2136": {
        "nameserver": "192.0.2.53", "keyName": "acme.", "key": {"secret": "tsig", "key": "key"},
    }});
    let entry = json!({
        "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend", "challenge": "dns01",
    });
    let patch = json!({
        "dns01": zones,
        "hosts": {HOST: null, "a.apps.homelab-one.net": entry, "b.homelab-one.net": entry},
    });
    let solvers = solvers(&patch, "letsencrypt-prod");
    let of = |provider: &str| {
        let mut found = solvers
            .iter()
            .filter(|each| each["dns01"].get(provider).is_some());
        found.next().unwrap()["selector"]["dnsNames"].clone()
    };
    assert_eq!(of("rfc2136"), json!(["a.apps.homelab-one.net"]));
    assert_eq!(of("cloudflare"), json!(["b.homelab-one.net"]));
}

#[test]
fn secrets_of_dns_providers_are_named_and_never_given() {
    let patch = json!({
        "dns01": {"homelab-one.net": {"route53": {
            "region": "eu-central-1",
            "accessKey": {
                "id": {"secret": "aws", "key": "id"}, "secret": {"secret": "aws", "key": "secret"},
            },
        }}},
        "hosts": {HOST: {"challenge": "dns01"}},
    });
    assert_eq!(
        solvers(&patch, "letsencrypt-prod")[1]["dns01"]["route53"],
        json!({
            "region": "eu-central-1",
            "accessKeyIDSecretRef": {"name": "aws", "key": "id"},
            "secretAccessKeySecretRef": {"name": "aws", "key": "secret"},
        })
    );
}

#[test]
fn a_server_for_dynamic_updates_is_asked_at_its_port_with_a_signature() {
    let zone = |nameserver: &str| {
        json!({"homelab-one.net": {"rfc2136": {
            "nameserver": nameserver, "keyName": "acme.", "key": {"secret": "tsig", "key": "key"},
        }}})
    };
    let patch = json!({"dns01": zone("2001:db8::53"), "hosts": {HOST: {"challenge": "dns01"}}});
    let solver = &solvers(&patch, "letsencrypt-prod")[1]["dns01"]["rfc2136"];
    assert_eq!(solver["nameserver"], "[2001:db8::53]:53");
    assert_eq!(solver["tsigAlgorithm"], "HMACSHA256");
    let server = Peer::Cidr {
        range: "2001:db8::53/128".parse().unwrap(),
        except: Vec::new(),
    };
    let ports = vec![FlowPort::udp(53), FlowPort::tcp(53)];
    assert!(reached(&patch).contains(&(server, ports)));
}

#[test]
fn cert_manager_reaches_the_provider_and_looks_up_what_it_writes() {
    let reached = reached(&two_hosts());
    let fqdn = |name: &str, ports: &[FlowPort]| (Peer::Fqdn(name.to_owned()), ports.to_vec());
    let dns = [FlowPort::udp(53), FlowPort::tcp(53)];
    assert!(reached.contains(&fqdn("api.cloudflare.com", &[FlowPort::tcp(443)])));
    assert!(reached.contains(&fqdn("_acme-challenge.homelab-one.net", &dns)));
    assert!(reached.contains(&fqdn("homelab-one.net", &dns)));
    // Nobody asks for a challenge over HTTP there.
    assert!(!reached.contains(&fqdn(WILDCARD, &[FlowPort::tcp(80)])));
}

#[test]
fn cert_manager_checks_records_by_the_clusters_dns_alone() {
    let values = |patch: &Value| {
        let release = render(patch).object("HelmRelease", "cert-manager");
        release["spec"]["values"]["dns01RecursiveNameserversOnly"].clone()
    };
    assert_eq!(values(&two_hosts()), true);
    assert_eq!(values(&json!({})), Value::Null);
}

#[test]
fn what_is_no_zone_is_refused() {
    let patch =
        json!({"dns01": {"*.net": {"cloudflare": {"apiToken": {"secret": "a", "key": "b"}}}}});
    assert_only_error(&render(&patch), "invalid-zone", "config:/dns01/*.net");
}

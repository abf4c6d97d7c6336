//! What tutorials teach, entered by hand: each gets its findings, and no others.
//!
//! The fixtures keep the tutorials' policies and values in their own form; only
//! names are neutral.

#![allow(
    clippy::needless_pass_by_value,
    reason = "tests write their JSON on the spot"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use ztgit_lint::{HostFile, Object, Origin, Subject, lint};
use ztgit_plugin::testing::{homelab, merge_patch};
use ztgit_plugin::{Cluster, FileTarget, Phase};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    fs::read_to_string(path).expect("a fixture")
}

fn documents(name: &str) -> Vec<Value> {
    let text = fixture(name);
    let documents = text.split("\n---\n");
    documents
        .map(|document| serde_saphyr::from_str(document).expect("a document"))
        .collect()
}

fn cluster(patch: Value) -> Cluster {
    let mut cluster = homelab();
    merge_patch(&mut cluster, &patch);
    serde_json::from_value(cluster).expect("a cluster")
}

/// A namespace of workloads whose label `app` is their name.
fn namespace(workloads: &[&str]) -> Value {
    let workloads = workloads
        .iter()
        .map(|name| ((*name).to_owned(), json!({"labels": {"app": name}})));
    json!({
        "mode": "enforce",
        "create": true,
        "workloads": Value::Object(workloads.collect())
    })
}

/// The codes of everything that is found in some fixtures.
fn codes(cluster: &Cluster, fixtures: &[&str]) -> BTreeSet<&'static str> {
    let objects: Vec<Value> = fixtures.iter().flat_map(|name| documents(name)).collect();
    let mut subject = Subject::new(cluster, &[]);
    for value in &objects {
        subject.add_object(Object {
            value,
            phase: if value["kind"] == "HelmRelease" {
                Phase::Network
            } else {
                Phase::Enforce
            },
            origin: Origin::HandWritten,
        });
    }
    lint(&subject).iter().map(|finding| finding.code).collect()
}

/// Policies, on a cluster that has nothing wrong with it besides.
#[track_caller]
fn gets(patch: Value, fixtures: &[&str], expected: &[&'static str]) {
    let base = ["base-release.yaml", "base-guardrail.yaml"];
    let fixtures = [&base[..], fixtures].concat();
    let found = codes(&cluster(patch), &fixtures);
    assert_eq!(found, expected.iter().copied().collect());
}

/// An installation of Cilium.
#[track_caller]
fn installs(patch: Value, fixture: &str, expected: &[&'static str]) {
    let found = codes(&cluster(patch), &["base-guardrail.yaml", fixture]);
    assert_eq!(found, expected.iter().copied().collect());
}

#[test]
fn one_half_of_a_flow_is_right_as_far_as_it_goes() {
    gets(json!({}), &["frontend-to-api.yaml"], &[]);
}

#[test]
fn an_egress_rule_takes_dns_away() {
    gets(
        json!({}),
        &["monitoring-server.yaml"],
        &["deny-without-dns"],
    );
}

#[test]
fn the_address_of_a_node_is_never_matched() {
    let node = json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.50"]}}});
    gets(
        node,
        &["monitoring-server.yaml"],
        &["dead-range", "deny-without-dns"],
    );
}

#[test]
fn looking_up_over_udp_alone_fails_at_times() {
    gets(
        json!({}),
        &["name-in-two-rules.yaml"],
        &["dns-one-transport"],
    );
}

#[test]
fn a_deny_for_the_whole_cluster_silences_its_dns() {
    gets(
        json!({}),
        &["cluster-default-deny.yaml"],
        &[
            "deny-without-dns-server",
            "dns-one-transport",
            "flux-closed",
        ],
    );
}

#[test]
fn dns_for_everybody_without_names_voids_the_names_of_one() {
    gets(
        json!({}),
        &["cluster-default-deny.yaml", "name-in-two-rules.yaml"],
        &[
            "deny-without-dns-server",
            "dns-one-transport",
            "dns-shadowed",
            "flux-closed",
        ],
    );
}

#[test]
fn empty_lists_deny_nothing() {
    gets(json!({}), &["empty-lists.yaml"], &["no-section"]);
}

#[test]
fn a_list_of_requests_beside_a_whole_allow_does_nothing() {
    let demo = json!({"namespaces": {"demo": namespace(&["frontend", "api", "db"])}});
    gets(
        demo,
        &["three-tiers.yaml"],
        &["dns-wide-lookup", "half-flow", "l7-shadowed"],
    );
}

#[test]
fn keys_that_do_not_exist_open_everything_and_names_without_dns_nothing() {
    let production =
        json!({"namespaces": {"production": namespace(&["frontend", "database-api"])}});
    gets(
        production,
        &["nobody-listed.yaml"],
        &[
            "deny-without-dns",
            "fqdn-without-lookup",
            "half-flow",
            "http-unknown-key",
        ],
    );
}

#[test]
fn three_policies_for_one_port_void_each_other() {
    let end =
        |namespace: &str, name: &str| json!({"workload": {"namespace": namespace, "name": name}});
    let both = json!({
        "namespaces": {
            "payments": namespace(&["payments-api", "postgres"]),
            "frontend": namespace(&["web-gateway"])
        },
        "flows": {"api-to-postgres": {
            "from": end("payments", "payments-api"),
            "to": end("payments", "postgres"),
            "ports": [{"port": 5432, "protocol": "TCP"}]
        }}
    });
    gets(
        both,
        &["gateway-to-payments.yaml"],
        &[
            "authentication-off",
            "half-flow",
            "http-path",
            "l7-shadowed",
            "peer-elsewhere",
        ],
    );
}

#[test]
fn a_guardrail_cuts_the_whole_cluster_off() {
    gets(
        json!({}),
        &["guardrail.yaml"],
        &[
            "deny-isolates",
            "deny-without-dns",
            "deny-without-dns-server",
            "flux-closed",
            "half-flow",
        ],
    );
}

#[test]
fn an_old_version_with_half_the_values_encrypts_nothing() {
    installs(
        json!({"cni": {"version": "1.17.4"}}),
        "install-on-one-node.yaml",
        &[
            "cilium-unsupported",
            "encryption-not-enabled",
            "no-drop-metric",
            "node-encryption-idle",
            "range-overlap",
        ],
    );
}

#[test]
fn pods_get_addresses_of_services_unless_the_pool_is_set() {
    installs(
        json!({"cni": {"version": "1.16.0"}}),
        "install-to-observe.yaml",
        &["cilium-unsupported", "range-overlap"],
    );
}

#[test]
fn visibility_by_annotation_is_gone() {
    gets(json!({}), &["visibility.yaml"], &["visibility-annotation"]);
}

#[test]
fn a_client_that_sends_everything_inside_loses_names_and_reaches_no_service() {
    let cluster = cluster(json!({}));
    let (node, client) = (
        FileTarget::Node("pi-1".to_owned()),
        FileTarget::Client("laptop".to_owned()),
    );
    let text = fixture("vpn-client.conf");
    let file = |target, path, content| HostFile {
        target,
        path,
        content,
        activation: &[],
        plugin: "wireguard",
    };
    let mut subject = Subject::new(&cluster, &[]);
    let server = b"[Interface]\nAddress = 10.100.0.1/24\n";
    subject
        .files
        .push(file(&node, "/etc/wireguard/wg0.conf", server));
    subject
        .files
        .push(file(&client, "wg0.conf", text.as_bytes()));
    let findings = lint(&subject).into_iter();
    let of_client: Vec<_> = findings
        .filter(|finding| finding.subject == "laptop:wg0.conf")
        .map(|finding| finding.code)
        .collect();
    assert_eq!(of_client, ["vpn-client-route", "vpn-client-route"]);
}

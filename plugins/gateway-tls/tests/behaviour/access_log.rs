//! Logs of requests.

use serde_json::json;
use ztgit_plugin::fact::{Fact, LogSource, StandardFact};
use ztgit_plugin::{Artifact, Phase};

use crate::{harness, names_of, place, render};

fn sources(patch: &serde_json::Value) -> Vec<Fact> {
    let facts = harness(patch).facts().facts.into_iter();
    facts.filter(|fact| fact.kind == LogSource::KIND).collect()
}

#[test]
fn without_a_wish_nothing_is_logged_and_the_class_is_ciliums_own() {
    let rendered = render(&json!({}));
    assert_eq!(names_of(&rendered, "GatewayClass"), [""; 0]);
    assert_eq!(sources(&json!({})), []);
}

#[test]
fn requests_are_logged_by_a_class_that_refers_to_its_settings() {
    let rendered = render(&json!({"accessLog": "combined"}));
    let class = rendered.object("GatewayClass", "cilium-access-log");
    assert_eq!(
        class["spec"]["controllerName"],
        "io.cilium/gateway-controller"
    );
    let reference = &class["spec"]["parametersRef"];
    let settings = rendered.object("CiliumGatewayClassConfig", "cilium-access-log");
    assert_eq!(reference["kind"], settings["kind"]);
    assert_eq!(reference["name"], settings["metadata"]["name"]);
    assert_eq!(reference["namespace"], settings["metadata"]["namespace"]);
    let gateway = rendered.object("Gateway", "homelab-gateway");
    assert_eq!(gateway["spec"]["gatewayClassName"], "cilium-access-log");
}

#[test]
fn the_class_comes_before_the_gateways_and_after_ciliums_own_definition() {
    let rendered = render(&json!({"accessLog": "json"}));
    assert_eq!(
        rendered.phase("GatewayClass", "cilium-access-log"),
        Phase::Config
    );
    let awaited = rendered.0.artifacts.iter().any(|artifact| {
        matches!(artifact, Artifact::Awaited(awaited)
            if awaited.name == "ciliumgatewayclassconfigs.cilium.io"
                && awaited.phase == Phase::Platform)
    });
    assert!(awaited);
}

/// Envoy escapes no quotes: only what the client writes last can be taken for
/// the end of an entry, and only what it writes before can hide one.
#[test]
fn nothing_that_a_client_writes_stands_where_it_could_forge_an_entry() {
    let rendered = render(&json!({"accessLog": "combined"}));
    let settings = rendered.object("CiliumGatewayClassConfig", "cilium-access-log");
    let text = settings["spec"]["telemetry"]["accessLogs"][0]["text"]
        .as_str()
        .unwrap();
    assert!(text.starts_with("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% - - ["));
    assert!(text.ends_with("\"-\" \"%REQUEST_HEADER(USER-AGENT)%\""));
    assert!(!text.contains("REFERER"));
}

#[test]
fn the_log_in_the_format_of_web_servers_is_worth_watching_on_every_node() {
    let sources = sources(&json!({"accessLog": "combined"}));
    let [source] = &sources[..] else {
        panic!("{sources:?}")
    };
    let source: LogSource = serde_json::from_value(source.value.clone()).unwrap();
    let LogSource::File { path, format } = source else {
        panic!("{source:?}")
    };
    assert!(path.contains("cilium-envoy"));
    assert_eq!(format, "nginx");
}

#[test]
fn a_log_as_json_is_read_by_nobody_which_is_mentioned() {
    let patch = json!({"accessLog": "json"});
    assert_eq!(sources(&patch), []);
    assert_eq!(
        place(&render(&patch), "access-log-unread"),
        "config:/accessLog"
    );
}

#[test]
fn a_log_of_another_class_is_not_promised() {
    let patch = json!({"accessLog": "combined", "gateway": {"class": "eg"}});
    let rendered = render(&patch);
    assert!(rendered.warnings().contains(&"access-log-elsewhere"));
    assert_eq!(names_of(&rendered, "GatewayClass"), [""; 0]);
    assert_eq!(sources(&patch), []);
}

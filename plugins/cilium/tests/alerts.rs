//! The alerts, judged by Prometheus' own tool.

use serde_json::{Value, json};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_cilium::Cilium;
use ztgit_test_support::alerts::{check_rules, is_raised};
use ztgit_test_support::said;

const SERIES: &str = "hubble_drop_total{reason=\"POLICY_DENIED\",protocol=\"TCP\",\
                      source_namespace=\"a\",destination_namespace=\"b\"}";

/// The rules as Prometheus reads them.
fn rules() -> Value {
    let rendered = Harness::<Cilium>::homelab()
        .patch_cluster(&json!({"apis": {"monitoring.coreos.com": "v1"}}))
        .render();
    rendered.object("PrometheusRule", "ztgit-cilium")["spec"].clone()
}

/// Whether an alert is raised at a minute, given the values of [`SERIES`].
fn raised(alert: &str, values: &str, minute: u32) -> Option<bool> {
    is_raised(&rules(), alert, SERIES, values, minute)
}

#[test]
fn prometheus_reads_the_rules() {
    if let Some(output) = check_rules(&rules()) {
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("2 rules found"), "{}", said(&output));
    }
}

#[test]
fn the_first_refusal_between_two_namespaces_raises_the_alert_at_once() {
    let expected = |minute, expected| {
        let values = "_x59 1x2000";
        if let Some(raised) = raised("CiliumNewlyRefused", values, minute) {
            assert_eq!(raised, expected, "minute {minute}");
        }
    };
    expected(50, false);
    expected(61, true);
    expected(90, false);
}

#[test]
fn what_was_refused_the_day_before_is_not_new() {
    let values = "1+1x30 _x600 40x30";
    if let Some(raised) = raised("CiliumNewlyRefused", values, 640) {
        assert!(!raised);
    }
}

#[test]
fn what_is_refused_again_and_again_raises_the_other_alert_after_an_hour() {
    let expected = |minute, expected| {
        if let Some(raised) = raised("CiliumStillRefused", "1+1x300", minute) {
            assert_eq!(raised, expected, "minute {minute}");
        }
    };
    expected(30, false);
    expected(120, true);
    if let Some(raised) = raised("CiliumStillRefused", "1x300", 120) {
        assert!(!raised, "one refusal is not many");
    }
}

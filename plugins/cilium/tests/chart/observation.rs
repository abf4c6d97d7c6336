//! Hubble.

use serde_json::json;

use crate::helm::charts;
use crate::{homelab, values};

#[test]
#[ignore = "fetches the chart's module"]
fn flows_are_collected_and_counted_with_their_namespaces() {
    for chart in charts() {
        let objects = chart.rendered(&values(&homelab(&chart.version).render()));
        objects.assert_settings(&[
            ("enable-hubble", Some("true")),
            ("hubble-metrics-server", Some(":9965")),
        ]);
        let metrics = objects.setting("hubble-metrics").unwrap();
        let metrics: Vec<&str> = metrics.split_whitespace().collect();
        assert!(metrics.contains(&"drop:labelsContext=source_namespace,destination_namespace"));
        assert!(metrics.contains(&"port-distribution"));
        assert!(objects.get("Deployment", "hubble-relay").is_some());
        assert!(objects.get("Deployment", "hubble-ui").is_none());
        assert!(!objects.has_kind("ServiceMonitor"));
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn the_monitor_finds_the_service_that_the_chart_makes() {
    for chart in charts() {
        let monitored = homelab(&chart.version)
            .patch_cluster(&json!({"apis": {"monitoring.coreos.com": "v1"}}))
            .render();
        let monitor = monitored.object("ServiceMonitor", "ztgit-cilium");
        let objects = chart.rendered(&values(&monitored));
        let service = objects.get("Service", "hubble-metrics").unwrap();
        for (key, value) in monitor["spec"]["selector"]["matchLabels"]
            .as_object()
            .unwrap()
        {
            assert_eq!(&service["metadata"]["labels"][key], value);
        }
        assert_eq!(
            monitor["spec"]["endpoints"][0]["port"],
            service["spec"]["ports"][0]["name"]
        );
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn keys_are_made_in_the_cluster_and_none_is_in_the_chart() {
    for chart in charts() {
        let objects = chart.rendered(&values(&homelab(&chart.version).render()));
        assert!(objects.get("CronJob", "hubble-generate-certs").is_some());
        assert!(objects.get("Secret", "hubble-server-certs").is_none());
        assert!(objects.get("Secret", "cilium-ca").is_none());
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn flows_are_written_to_a_file_and_shown_where_the_config_asks_for_it() {
    for chart in charts() {
        let more = homelab(&chart.version).config(json!({"hubble": {"export": true, "ui": true}}));
        let objects = chart.rendered(&values(&more.render()));
        objects.assert_settings(&[(
            "hubble-export-file-path",
            Some("/var/run/cilium/hubble/events.log"),
        )]);
        assert!(objects.get("Deployment", "hubble-ui").is_some());
    }
}

//! Which logs are read, and what it takes to understand them.

use serde_json::{Value, json};
use ztgit_plugin::fact::LogSource;
use ztgit_plugin::testing::Rendered;
use ztgit_plugin::{FactScope, Place};

use crate::render::{homelab, two_nodes};

fn journal(unit: &str, format: &str) -> LogSource {
    LogSource::Journal {
        unit: unit.to_owned(),
        format: format.to_owned(),
    }
}

fn file(path: &str, format: &str) -> LogSource {
    LogSource::File {
        path: path.to_owned(),
        format: format.to_owned(),
    }
}

#[test]
fn logins_are_read_from_the_journal() {
    assert_eq!(
        homelab()
            .render()
            .file("pi-1", "/etc/crowdsec/acquis.d/ztgit-ssh.yaml"),
        r#"# Rendered by ztgit.
# Asked for by this plugin, for logins.
source: journalctl
journalctl_filter:
  - "_SYSTEMD_UNIT=ssh.service"
labels:
  type: "syslog"
"#
    );
}

#[test]
fn the_packaged_list_of_logs_is_emptied() {
    let rendered = homelab().render();
    let list = rendered.file("pi-1", "/etc/crowdsec/acquis.yaml");
    assert!(list.lines().all(|line| line.starts_with('#')));
}

#[test]
fn every_provider_of_log_sources_has_a_file() {
    let rendered = homelab()
        .fact(
            "gateway-tls",
            FactScope::Cluster,
            &file("/var/log/envoy/access.log", "envoy"),
        )
        .fact(
            "gateway-tls",
            FactScope::Cluster,
            &journal("k3s.service", "syslog"),
        )
        .render();
    assert_eq!(
        rendered.file("pi-1", "/etc/crowdsec/acquis.d/ztgit-from-gateway-tls.yaml"),
        r#"# Rendered by ztgit.
# Asked for by gateway-tls.
source: journalctl
journalctl_filter:
  - "_SYSTEMD_UNIT=k3s.service"
labels:
  type: "syslog"
---
# Asked for by gateway-tls.
source: file
filenames:
  - "/var/log/envoy/access.log"
force_inotify: true
labels:
  type: "envoy"
"#
    );
}

#[test]
fn a_log_that_two_ask_for_is_read_once() {
    let rendered = homelab()
        .fact("a", FactScope::Cluster, &journal("ssh.service", "syslog"))
        .fact("a", FactScope::Cluster, &journal("k3s.service", "syslog"))
        .fact("b", FactScope::Cluster, &journal("k3s.service", "syslog"))
        .render();
    let lists: Vec<&str> = rendered
        .files()
        .filter(|file| file.path.contains("acquis.d"))
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(
        lists,
        [
            "/etc/crowdsec/acquis.d/ztgit-from-a.yaml",
            "/etc/crowdsec/acquis.d/ztgit-ssh.yaml"
        ]
    );
    let list = rendered.file("pi-1", lists[0]);
    assert_eq!(list.matches("source:").count(), 1);
    assert!(list.contains("# Asked for by a and b.\n"));
}

#[test]
fn a_log_source_of_one_node_stays_there() {
    let there = FactScope::Nodes(vec!["pi-2".to_owned()]);
    let rendered = homelab()
        .patch_cluster(&two_nodes())
        .fact("a", there, &journal("k3s-agent.service", "syslog"))
        .render();
    let nodes: Vec<_> = rendered
        .files()
        .filter(|file| file.path.ends_with("ztgit-from-a.yaml"))
        .map(|file| file.target.clone())
        .collect();
    assert_eq!(nodes, [ztgit_plugin::FileTarget::Node("pi-2".to_owned())]);
}

#[test]
fn log_sources_that_read_nothing_are_errors_at_their_fact() {
    for (source, code) in [
        (journal("sshd", "syslog"), "invalid-unit"),
        (journal("ssh.service", "sys log"), "invalid-format"),
        (file("var/log/x", "envoy"), "invalid-path"),
        (file("/var/log/../x", "envoy"), "invalid-path"),
        (file("/var/log/x\ny", "envoy"), "invalid-path"),
    ] {
        let rendered = homelab().fact("a", FactScope::Cluster, &source).render();
        assert_eq!(rendered.errors(), [code], "{source:?}");
        assert_eq!(rendered.0.diagnostics[0].place, Place::Fact(0));
        assert_eq!(rendered.0.artifacts, []);
    }
}

#[test]
fn one_log_with_two_formats_is_an_error_where_both_are_read() {
    let on = |node: &str| FactScope::Nodes(vec![node.to_owned()]);
    let apart = homelab()
        .fact("a", on("pi-1"), &file("/var/log/x", "envoy"))
        .fact("b", on("pi-2"), &file("/var/log/x", "nginx"))
        .render();
    assert_eq!(apart.errors(), [""; 0]);
    let together = homelab()
        .fact("a", on("pi-1"), &file("/var/log/x", "envoy"))
        .fact("b", FactScope::Cluster, &file("/var/log/x", "nginx"))
        .render();
    assert_eq!(together.errors(), ["two-formats"]);
}

/// The constants on top of the step of a node with this log.
fn installed(config: &Value, log: &LogSource) -> (Rendered, String) {
    let rendered = homelab()
        .config(config.clone())
        .fact("gateway", FactScope::Cluster, log)
        .render();
    let step = rendered.file("pi-1", "/usr/local/lib/ztgit/install.d/40-crowdsec.sh");
    let constants = step.split("\n\n").nth(1).expect("constants").to_owned();
    (rendered, constants)
}

#[test]
fn a_log_of_the_stack_has_a_file_of_its_own() {
    let log = json!({"file": {"path": "/var/log/proxy/*.log", "format": "nginx"}});
    let rendered = homelab().config(json!({"logs": {"proxy": log}})).render();
    assert_eq!(
        rendered.file("pi-1", "/etc/crowdsec/acquis.d/ztgit-from-stack.yaml"),
        r#"# Rendered by ztgit.
# Asked for by the stack, as proxy.
source: file
filenames:
  - "/var/log/proxy/*.log"
force_inotify: true
labels:
  type: "nginx"
"#
    );
}

#[test]
fn a_log_of_the_stack_that_reads_nothing_is_an_error_where_it_stands() {
    let log = json!({"journal": {"unit": "proxy", "format": "nginx"}});
    let rendered = homelab().config(json!({"logs": {"proxy": log}})).render();
    assert_eq!(rendered.errors(), ["invalid-unit"]);
    assert_eq!(
        rendered.0.diagnostics[0].place,
        Place::Config("/logs/proxy".to_owned())
    );
}

#[test]
fn the_output_of_containers_is_read_in_the_format_of_their_runtime() {
    let log = file("/var/log/pods/envoy-gateway-system_*/envoy/*.log", "envoy");
    let (rendered, constants) = installed(&json!({"bouncer": "current"}), &log);
    let list = rendered.file("pi-1", "/etc/crowdsec/acquis.d/ztgit-from-gateway.yaml");
    assert!(list.ends_with("labels:\n  type: \"containerd\"\n  program: \"envoy\"\n"));
    assert!(constants.ends_with("readonly parsers=(\n    crowdsecurity/cri-logs\n)"));
}

#[test]
fn the_log_of_envoy_brings_its_collection() {
    let log = file("/var/log/envoy.log", "envoy");
    let (rendered, constants) = installed(&json!({"bouncer": "current"}), &log);
    assert_eq!(rendered.warnings(), [""; 0]);
    assert!(constants.contains("    yanis-kouidri/envoy\n"));
    let (_, constants) = installed(
        &json!({"bouncer": "current", "collections": {"yanis-kouidri/envoy": false}}),
        &log,
    );
    assert!(!constants.contains("yanis-kouidri/envoy"));
}

#[test]
fn a_log_as_web_servers_write_it_brings_its_collection_to_both_engines() {
    let path = "/var/log/containers/cilium-envoy-*_kube-system_cilium-envoy-*.log";
    let log = file(path, "nginx");
    for config in [json!({}), json!({"bouncer": "current"})] {
        let (rendered, constants) = installed(&config, &log);
        assert_eq!(rendered.warnings(), [""; 0]);
        assert!(constants.contains("    crowdsecurity/nginx\n"));
        assert!(constants.contains("    crowdsecurity/cri-logs\n"));
    }
}

#[test]
fn the_log_of_envoy_is_nothing_to_the_engine_of_debian() {
    // Its parser is newer: the engine ends at its first line.
    let (rendered, constants) = installed(&json!({}), &file("/var/log/envoy.log", "envoy"));
    assert_eq!(rendered.warnings(), ["no-parser"]);
    assert_eq!(rendered.0.diagnostics[0].place, Place::Fact(0));
    assert!(!constants.contains("envoy\n"));
}

//! What the plugin renders for a cluster, and what it refuses.

use serde_json::json;
use ztgit_plugin::{Activation, FactScope, Severity};

use crate::support::{ADMISSION, AUDIT_POLICY, FRAGMENT, homelab, nodes, san};

#[test]
fn the_homelab_server_leaves_the_network_to_cilium() {
    let rendered = homelab()
        .fact("wireguard", FactScope::Cluster, &san("10.100.0.1"))
        .render();
    assert_eq!(
        rendered.file("pi-1", FRAGMENT),
        r#"# Rendered by ztgit for pi-1. k3s merges it into config.yaml;
# a key with `+` adds to the list there, any other replaces it.

node-name: "pi-1"
node-ip: "192.168.1.10"

cluster-cidr: "10.42.0.0/16"
service-cidr: "10.43.0.0/16"

# The network is cilium's.
flannel-backend: "none"
disable-network-policy: true
disable-kube-proxy: true

disable+:
  - "servicelb"
  - "traefik"
tls-san+:
  - "10.100.0.1" # wireguard

write-kubeconfig-mode: "0600"
"#
    );
    assert_eq!(rendered.0.diagnostics, []);
}

#[test]
fn an_agent_gets_only_what_agents_understand() {
    let rendered = homelab()
        .patch_cluster(&nodes(&[("pi-1", "server"), ("pi-2", "agent")]))
        .config(json!({"audit": {}, "podSecurity": {}, "secretsEncryption": true}))
        .fact("wireguard", FactScope::Cluster, &san("10.100.0.1"))
        .render();
    let keys: Vec<&str> = rendered
        .file("pi-2", FRAGMENT)
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    assert_eq!(
        keys,
        [
            r#"node-name: "pi-2""#,
            r#"node-ip: "192.168.1.11""#,
            r#"server: "https://192.168.1.10:6443""#
        ]
    );
    assert_eq!(
        rendered
            .files()
            .filter(|file| file.path != FRAGMENT)
            .count(),
        2,
        "on the server"
    );
}

#[test]
fn no_server_listens_on_one_address_alone() {
    // Pods and other nodes reach the API server too: the firewall decides.
    let rendered = homelab()
        .config(json!({"audit": {}, "podSecurity": {}, "secretsEncryption": true}))
        .render();
    assert!(!rendered.file("pi-1", FRAGMENT).contains("bind-address"));
}

#[test]
fn a_changed_file_restarts_the_unit_of_its_role() {
    let rendered = homelab()
        .patch_cluster(&nodes(&[("pi-1", "server"), ("pi-2", "agent")]))
        .render();
    let restarts: Vec<_> = rendered
        .files()
        .flat_map(|file| file.activation.clone())
        .collect();
    let restart = |unit: &str| Activation::Restart(unit.to_owned());
    assert_eq!(
        restarts,
        [restart("k3s.service"), restart("k3s-agent.service")]
    );
}

#[test]
fn no_file_is_readable_by_others() {
    let rendered = homelab()
        .config(json!({"audit": {}, "podSecurity": {}}))
        .render();
    assert_eq!(
        rendered.files().map(|file| file.mode).collect::<Vec<_>>(),
        [0o600; 3]
    );
}

#[test]
fn another_distribution_gets_nothing_and_is_told_so() {
    let harness = homelab().patch_cluster(&json!({"distribution": "kubernetes"}));
    assert_eq!(harness.facts().facts, []);
    let rendered = harness.render();
    assert_eq!(rendered.0.artifacts, []);
    let [diagnostic] = rendered.0.diagnostics.as_slice() else {
        panic!("one diagnostic")
    };
    assert_eq!(
        (diagnostic.code.as_str(), diagnostic.severity),
        ("not-k3s", Severity::Info)
    );
}

#[test]
fn another_cni_keeps_kube_proxy() {
    let rendered = homelab()
        .patch_cluster(&json!({"cni": {"name": "calico"}}))
        .render();
    let fragment = rendered.file("pi-1", FRAGMENT);
    assert!(fragment.contains("flannel-backend: \"none\"\ndisable-network-policy: true\n"));
    assert!(!fragment.contains("disable-kube-proxy"));
}

#[test]
fn flannel_stays_with_k3s() {
    let rendered = homelab()
        .patch_cluster(&json!({"cni": {"name": "flannel"}}))
        .render();
    let fragment = rendered.file("pi-1", FRAGMENT);
    assert!(!fragment.contains("flannel-backend") && !fragment.contains("disable-network-policy"));
}

#[test]
fn components_can_be_switched_by_name() {
    let config = json!({"components": {"metrics-server": "disabled", "traefik": "enabled"}});
    let rendered = homelab().config(config).render();
    assert!(
        rendered
            .file("pi-1", FRAGMENT)
            .contains("disable+:\n  - \"metrics-server\"\n  - \"servicelb\"\n\n")
    );
    assert_eq!(rendered.warnings(), ["open-component"]);
}

#[test]
fn names_of_facts_and_config_meet_on_the_certificate() {
    let rendered = homelab()
        .config(json!({"tlsSans": {"public": "api.example.net", "vpn": "10.100.0.1"}}))
        .fact("wireguard", FactScope::Cluster, &san("10.100.0.1"))
        .render();
    assert!(rendered.file("pi-1", FRAGMENT).contains(
        "tls-san+:\n  - \"10.100.0.1\" # vpn, wireguard\n  - \"api.example.net\" # public\n"
    ));
}

#[test]
fn a_name_of_another_node_stays_away() {
    let elsewhere = FactScope::Nodes(vec!["pi-2".to_owned()]);
    let rendered = homelab()
        .fact("wireguard", elsewhere, &san("10.100.0.2"))
        .render();
    assert!(!rendered.file("pi-1", FRAGMENT).contains("tls-san"));
}

#[test]
fn names_that_are_none_are_errors_where_they_stand() {
    let rendered = homelab()
        .config(json!({"tlsSans": {"public": "https://api.example.net"}}))
        .fact("wireguard", FactScope::Cluster, &san("10.100.0.1/24"))
        .render();
    assert_eq!(rendered.errors(), ["invalid-name", "invalid-name"]);
    let places: Vec<_> = rendered
        .0
        .diagnostics
        .iter()
        .map(|d| d.place.clone())
        .collect();
    assert_eq!(
        places,
        [
            ztgit_plugin::Place::Config("/tlsSans/public".to_owned()),
            ztgit_plugin::Place::Fact(0)
        ]
    );
    assert_eq!(rendered.0.artifacts, []);
}

#[test]
fn dual_stack_has_one_range_and_one_address_of_each_family() {
    let rendered = homelab()
        .patch_cluster(&json!({
            "network": {
                "podCIDRs": ["10.42.0.0/16", "fd00:42::/56"],
                "serviceCIDRs": ["10.43.0.0/16", "fd00:43::/112"]
            },
            "nodes": {"pi-1": {"addresses": ["fd00::10", "192.168.1.10", "192.168.1.11"]}}
        }))
        .render();
    let fragment = rendered.file("pi-1", FRAGMENT);
    assert!(fragment.contains("node-ip: \"192.168.1.10,fd00::10\"\n"));
    assert!(fragment.contains("cluster-cidr: \"10.42.0.0/16,fd00:42::/56\"\n"));
    assert!(fragment.contains("service-cidr: \"10.43.0.0/16,fd00:43::/112\"\n"));
}

#[test]
fn ranges_that_k3s_would_not_start_with_are_errors() {
    let second = json!({"network": {"podCIDRs": ["10.42.0.0/16", "10.44.0.0/16"]}});
    assert_eq!(
        homelab().patch_cluster(&second).render().errors(),
        ["second-range"]
    );
    let differing = json!({"network": {"serviceCIDRs": ["fd00:43::/112"]}});
    assert_eq!(
        homelab().patch_cluster(&differing).render().errors(),
        ["families-differ"]
    );
    let none = json!({"network": {"podCIDRs": [], "serviceCIDRs": []}});
    assert_eq!(
        homelab().patch_cluster(&none).render().errors(),
        ["no-range", "no-range"]
    );
}

#[test]
fn a_node_without_an_address_of_a_family_is_an_error() {
    let patch = json!({"nodes": {"pi-1": {"addresses": ["fd00::10"]}}});
    assert_eq!(
        homelab().patch_cluster(&patch).render().errors(),
        ["no-address"]
    );
}

#[test]
fn the_audit_log_keeps_bodies_of_secrets_out() {
    let config = json!({"audit": {"level": "request", "maxAgeDays": 7}});
    let rendered = homelab().config(config).render();
    let fragment = rendered.file("pi-1", FRAGMENT);
    assert!(
        fragment.contains("  - \"audit-policy-file=/etc/rancher/k3s/ztgit-audit-policy.yaml\"\n")
    );
    assert!(fragment.contains("  - \"audit-log-maxage=7\"\n"));
    let policy = rendered.file("pi-1", AUDIT_POLICY);
    let secrets = policy.find("- secrets").expect("secrets are named");
    let rest = policy
        .find("- level: Request")
        .expect("the rest is logged with bodies");
    assert!(policy[..secrets].trim_end().contains("- level: Metadata") && secrets < rest);
}

#[test]
fn pod_security_spares_kube_system_and_what_the_stack_names() {
    let config = json!({"podSecurity": {
        "enforce": "restricted",
        "exempt": {"longhorn-system": "mounts the host's disks"}
    }});
    let rendered = homelab().config(config).render();
    assert!(rendered.file("pi-1", FRAGMENT).contains(
        "kube-apiserver-arg+:\n  - \"admission-control-config-file=/etc/rancher/k3s/ztgit-admission.yaml\"\n"
    ));
    let admission = rendered.file("pi-1", ADMISSION);
    assert!(admission.contains("        enforce: restricted\n"));
    assert!(admission.ends_with(
        "        namespaces:\n          - \"kube-system\" # the CNI needs the node's network\n          - \"longhorn-system\" # mounts the host's disks\n"
    ));
}

#[test]
fn secrets_are_encrypted_on_request() {
    let rendered = homelab()
        .config(json!({"secretsEncryption": true}))
        .render();
    assert!(
        rendered
            .file("pi-1", FRAGMENT)
            .contains("secrets-encryption: true\n")
    );
}

#[test]
fn unknown_settings_are_refused() {
    let config = json!({"components": {"traefic": "enabled"}});
    assert!(serde_json::from_value::<ztgit_plugin_k3s::Config>(config).is_err());
}

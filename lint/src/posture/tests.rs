//! Each line in each of its states.

use serde_json::{Value, json};
use ztgit_plugin::FileTarget;

use super::{Group, State};
use crate::testing::{Lint, clusterwide, policy};

const K3S: &str = "/etc/rancher/k3s/config.yaml";
const CONF: &str = "/etc/wireguard/wg0.conf";
const RULESET: &str = "/etc/ztgit/nftables.nft";
const BOUNCER: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";

#[track_caller]
fn is(lint: &Lint, name: &str, state: State) {
    let items = lint.posture();
    let of_name: Vec<_> = items.iter().filter(|item| item.name == name).collect();
    assert!(!of_name.is_empty(), "no line `{name}`");
    for item in of_name {
        assert_eq!(item.state, state, "{name}: {}", item.why);
    }
}

fn nothing() -> Lint {
    Lint::homelab()
}

fn release(values: &Value) -> Value {
    json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "cilium", "namespace": "kube-system"},
        "spec": {"values": values}
    })
}

fn cilium(values: &Value) -> Lint {
    nothing().object(release(values))
}

fn other_network() -> Lint {
    nothing().cluster(&json!({"cni": {"name": "flannel"}}))
}

#[test]
fn there_are_twelve_lines_to_check_and_eight_layers() {
    let items = nothing().posture();
    let count = |group| items.iter().filter(|item| item.group == group).count();
    assert_eq!(count(Group::Checklist), 12);
    assert_eq!(count(Group::Layers), 8);
    assert!(items.iter().all(|item| !item.why.contains('\n')));
}

#[test]
fn k3s_has_to_leave_the_network_to_cilium() {
    let name = "k3s without a network of its own";
    let with = |text: &str| nothing().file("pi-1", K3S, text);
    let all = "flannel-backend: none\ndisable-network-policy: true\ndisable-kube-proxy: true\n";
    is(&with(all), name, State::Pass);
    is(&with("flannel-backend: none\n"), name, State::Fail);
    is(&nothing(), name, State::CannotTell);
}

#[test]
fn what_cilium_does_is_in_its_release() {
    let on = cilium(&json!({
        "kubeProxyReplacement": true,
        "encryption": {"enabled": true, "type": "wireguard"},
        "hubble": {"relay": {"enabled": true}}
    }));
    let off = cilium(&json!({"encryption": {"type": "wireguard"}}));
    for name in [
        "Cilium in place of kube-proxy",
        "encryption between nodes",
        "Hubble with its relay",
    ] {
        is(&on, name, State::Pass);
        is(&off, name, State::Fail);
        is(&nothing(), name, State::CannotTell);
        is(&other_network(), name, State::Fail);
    }
}

#[test]
fn a_default_deny_has_to_be_everywhere() {
    let name = "default deny in the whole cluster";
    let deny = json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]});
    is(&nothing().object(clusterwide(&deny)), name, State::Pass);
    is(&nothing().object(policy(&deny)), name, State::Fail);
    let half = json!({"endpointSelector": {}, "ingress": [{}]});
    is(&nothing().object(clusterwide(&half)), name, State::Fail);
}

#[test]
fn a_default_deny_needs_dns_beside_it() {
    let name = "DNS for every pod";
    is(&nothing(), name, State::Pass);
    let deny = json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]});
    is(&nothing().object(clusterwide(&deny)), name, State::Fail);
}

fn look_up(pattern: &str) -> Lint {
    let ports = json!([{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}]);
    let dns = json!({"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s-app": "kube-dns"});
    nothing().object(policy(&json!({
        "endpointSelector": {},
        "egress": [{
            "toEndpoints": [{"matchLabels": dns}],
            "toPorts": [{"ports": ports, "rules": {"dns": [{"matchPattern": pattern}]}}]
        }],
        "enableDefaultDeny": {"egress": false}
    })))
}

#[test]
fn pods_should_ask_for_some_names_only() {
    let name = "DNS by name";
    is(&look_up("*.*.svc.cluster.local"), name, State::Pass);
    is(&look_up("*"), name, State::Fail);
    is(&nothing(), name, State::Fail);
}

/// A hub with a laptop.
fn vpn() -> Lint {
    let key = "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=";
    let hub = format!(
        "[Interface]\nAddress = 10.100.0.1/24\nListenPort = 51820\n\
         [Peer]\nPublicKey = {key}\nAllowedIPs = 10.100.0.2/32\n"
    );
    let laptop = format!(
        "[Interface]\nAddress = 10.100.0.2/32\n\
         [Peer]\nPublicKey = {key}\nAllowedIPs = 10.100.0.1/32\n"
    );
    let client = FileTarget::Client("laptop".to_owned());
    nothing()
        .file("pi-1", CONF, &hub)
        .file_of(client, "home.conf", &laptop)
}

const BASE: &str = "iifname \"lo\" accept\nct state established,related accept\n\
    meta mark & 0xf00 == 0x200 accept\nudp dport 51820 accept\n\
    iifname { \"lxc*\", \"cilium_*\" } ip saddr 10.42.0.0/16 tcp dport 6443 accept\n\
    iifname \"wg0\" tcp dport { 22, 6443 } accept\n";

fn firewall(lint: Lint, more: &str) -> Lint {
    let text = format!(
        "table inet f {{\nchain input {{\ntype filter hook input priority 10; policy drop;\n{BASE}{more}\n}}\n}}\n"
    );
    lint.file("pi-1", RULESET, &text)
}

#[test]
fn a_vpn_needs_a_device() {
    let name = "a VPN with a device";
    is(&vpn(), name, State::Pass);
    is(&nothing(), name, State::Fail);
}

#[test]
fn whether_kubectl_uses_the_vpn_is_told_where_it_runs() {
    let name = "kubectl over the VPN";
    is(&vpn(), name, State::CannotTell);
    is(&nothing(), name, State::Fail);
}

#[test]
fn the_api_server_is_for_the_vpn_nodes_and_pods() {
    let name = "the API server for VPN, nodes and pods alone";
    is(&firewall(vpn(), ""), name, State::Pass);
    let lan = "ip saddr 192.168.1.0/24 tcp dport 6443 accept";
    is(&firewall(vpn(), lan), name, State::Fail);
    is(&vpn(), name, State::CannotTell);
}

#[test]
fn administration_goes_over_the_vpn() {
    let name = "administration over the VPN";
    is(&firewall(vpn(), ""), name, State::Pass);
    is(&firewall(vpn(), "tcp dport 22 accept"), name, State::Fail);
    is(&vpn(), name, State::CannotTell);
}

#[test]
fn every_node_has_a_firewall() {
    let name = "host firewall";
    is(&firewall(nothing(), ""), name, State::Pass);
    is(
        &firewall(nothing(), "tcp dport 22 accept"),
        name,
        State::Fail,
    );
    is(&nothing(), name, State::Fail);
    let iptables = nothing().file("pi-1", "/etc/ztgit/rules.v4", "*filter\nCOMMIT\n");
    is(&iptables, name, State::CannotTell);
}

fn gateway(listeners: &Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {
            "name": "edge", "namespace": "ingress",
            "annotations": {"cert-manager.io/cluster-issuer": "own"}
        },
        "spec": {"gatewayClassName": "cilium", "listeners": listeners}
    })
}

fn https(host: Option<&str>) -> Value {
    json!([{
        "name": "https", "port": 443, "protocol": "HTTPS", "hostname": host,
        "tls": {"certificateRefs": [{"name": "tls"}]}
    }])
}

#[test]
fn whether_certificates_are_issued_is_told_where_it_runs() {
    let name = "a certificate for every host";
    let host = Some("wiki.homelab-one.net");
    is(
        &nothing().object(gateway(&https(host))),
        name,
        State::CannotTell,
    );
    is(&nothing().object(gateway(&https(None))), name, State::Fail);
    is(&nothing(), name, State::Fail);
}

#[test]
fn a_gateway_has_tls_and_redirects() {
    let name = "TLS at the Gateway";
    let host = Some("wiki.homelab-one.net");
    is(&nothing().object(gateway(&https(host))), name, State::Pass);
    let plain = json!([{"name": "http", "port": 80, "protocol": "HTTP"}]);
    is(&nothing().object(gateway(&plain)), name, State::Fail);
    let mut both = https(host);
    let listeners = both.as_array_mut().expect("a list");
    listeners.push(plain[0].clone());
    is(&nothing().object(gateway(&both)), name, State::Fail);
    is(&nothing(), name, State::Fail);
}

#[test]
fn definitions_and_cert_manager_come_from_somewhere() {
    let name = "Gateway API and cert-manager";
    let elsewhere = |apis: Value| nothing().cluster(&json!({"apis": apis}));
    let both = json!({"gateway.networking.k8s.io": "v1", "cert-manager.io": "v1"});
    is(&elsewhere(both), name, State::Pass);
    let one = json!({"gateway.networking.k8s.io": "v1"});
    is(&elsewhere(one), name, State::Fail);
    is(&nothing(), name, State::Fail);
}

#[test]
fn crowdsec_is_on_every_node_with_its_bouncer() {
    let acquisition = "/etc/crowdsec/acquis.d/ssh.yaml";
    let engine = |source: &str| nothing().file("pi-1", acquisition, &format!("source: {source}\n"));
    let bouncer = |lint: Lint| lint.file("pi-1", BOUNCER, "mode: nftables\n");
    for name in [
        "CrowdSec with a bouncer on every node",
        "intrusion detection",
    ] {
        is(&bouncer(engine("journalctl")), name, State::Pass);
        is(&engine("journalctl"), name, State::Fail);
        is(&bouncer(engine("journald")), name, State::Fail);
        let nowhere = nothing().cluster(&json!({"nodes": {"pi-1": null}}));
        is(&nowhere, name, State::CannotTell);
    }
}

#[test]
fn an_admission_policy_guards_what_the_network_policy_rests_on() {
    let name = "admission";
    let guard = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "mode"},
        "spec": {"matchConstraints": {"resourceRules": [
            {"apiGroups": [""], "resources": ["namespaces"]}
        ]}}
    });
    let binding = |action: &str| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "mode"},
            "spec": {"policyName": "mode", "validationActions": [action]}
        })
    };
    let with = |action| nothing().object(guard.clone()).object(binding(action));
    is(&with("Deny"), name, State::Pass);
    is(&with("Audit"), name, State::Fail);
    is(&nothing(), name, State::Fail);
}

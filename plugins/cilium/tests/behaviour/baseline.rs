//! What works whatever is declared.

use serde_json::{Value, json};
use ztgit_plugin::Phase;
use ztgit_plugin::testing::Rendered;

use crate::stack::{chart_values, finding, flow_fact, homelab, policy, stating, workload};

fn dns_rules(policy: &Value) -> Vec<Value> {
    let egress = policy["spec"]["egress"].as_array().expect("egress");
    egress
        .iter()
        .flat_map(|rule| rule["toPorts"].as_array().into_iter().flatten())
        .filter(|ports| ports["rules"]["dns"].is_array())
        .cloned()
        .collect()
}

fn has(rendered: &Rendered, name: &str) -> bool {
    rendered
        .manifests()
        .any(|manifest| manifest.object.name() == name)
}

#[test]
fn no_policy_that_allows_denies_anything_by_default() {
    let harness = homelab().config(json!({"hubble": {"ui": true}}));
    let rendered = stating(
        harness,
        "gateway-tls",
        &chart_values(json!({"gatewayAPI": {"enabled": true}})),
    )
    .render();
    let allowing: Vec<_> = rendered
        .manifests()
        .filter(|m| m.phase == Phase::Allow)
        .collect();
    assert!(allowing.len() > 8);
    for manifest in allowing {
        let object = &manifest.object;
        assert_eq!(
            object.at("/spec/enableDefaultDeny"),
            Some(&json!({"ingress": false, "egress": false})),
            "{}",
            object.name()
        );
        assert_eq!(object.at("/spec/ingressDeny"), None, "{}", object.name());
        assert_eq!(object.at("/spec/egressDeny"), None, "{}", object.name());
    }
}

#[test]
fn pods_may_look_up_the_clusters_names_and_no_others() {
    let allow = policy(&homelab().render(), "zt-allow-dns");
    assert_eq!(
        dns_rules(&allow),
        [json!({
            "ports": [{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}],
            "rules": {"dns": [{"matchPattern": "**.cluster.local"}]},
        })]
    );
}

#[test]
fn names_that_the_stack_gives_to_all_are_added() {
    let rendered = homelab()
        .config(json!({"dnsNames": ["registry.example.com", "*.example.org"]}))
        .render();
    let rules = dns_rules(&policy(&rendered, "zt-allow-dns"));
    assert_eq!(
        rules[0]["rules"]["dns"],
        json!([
            {"matchPattern": "**.cluster.local"},
            {"matchName": "registry.example.com"},
            {"matchPattern": "*.example.org"},
        ])
    );
}

#[test]
fn a_name_that_stands_for_everything_is_refused() {
    let rendered = homelab().config(json!({"dnsNames": ["*"]})).render();
    assert_eq!(finding(&rendered).code, "dns-name");
}

#[test]
fn exempt_namespaces_and_endpoints_that_are_no_pods_are_left_alone() {
    let allow = policy(&homelab().render(), "zt-allow-dns");
    assert_eq!(
        allow["spec"]["endpointSelector"],
        json!({"matchExpressions": [
            {"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"},
            {
                "key": "k8s:io.kubernetes.pod.namespace",
                "operator": "NotIn",
                "values": ["flux-system", "kube-system"],
            },
        ]})
    );
}

#[test]
fn the_dns_server_is_reached_and_reaches_its_upstream() {
    let server = policy(&homelab().render(), "zt-allow-dns-server");
    assert_eq!(server["metadata"]["namespace"], json!("kube-system"));
    assert_eq!(
        server["spec"]["endpointSelector"],
        json!({"matchLabels": {"k8s:k8s-app": "kube-dns"}})
    );
    assert_eq!(
        server["spec"]["ingress"][0]["fromEntities"],
        json!(["cluster"])
    );
    assert_eq!(
        server["spec"]["egress"][0]["toEntities"],
        json!(["kube-apiserver"])
    );
    assert_eq!(
        server["spec"]["egress"][1]["toEntities"],
        json!(["world", "host", "remote-node"])
    );
}

#[test]
fn a_gateway_in_the_values_gets_its_policy() {
    assert!(!has(&homelab().render(), "zt-allow-gateway"));
    let fact = chart_values(json!({"gatewayAPI": {"enabled": true}}));
    let allow = policy(
        &stating(homelab(), "gateway-tls", &fact).render(),
        "zt-allow-gateway",
    );
    assert_eq!(
        allow["spec"]["endpointSelector"],
        json!({"matchExpressions": [{"key": "reserved:ingress", "operator": "Exists"}]})
    );
    assert_eq!(
        allow["spec"]["egress"],
        json!([{"toEntities": ["cluster"]}])
    );
}

#[test]
fn a_flow_from_the_gateway_gets_the_gateways_policy_too() {
    let flow = flow_fact(
        "web",
        json!({"from": {"entity": "gateway"}, "to": workload("api")}),
    );
    assert!(has(
        &stating(homelab(), "gateway-tls", &flow).render(),
        "zt-allow-gateway"
    ));
}

#[test]
fn the_relay_has_its_policy_only_where_it_runs() {
    assert!(has(&homelab().render(), "zt-allow-hubble-relay"));
    let without = homelab()
        .config(json!({"hubble": {"relay": false}}))
        .render();
    assert!(!has(&without, "zt-allow-hubble-relay"));
}

#[test]
fn flux_reaches_the_fleet_repository_by_name_on_the_urls_port() {
    let rendered = homelab()
        .patch_cluster(&json!({"flux": {"source": {"url": "ssh://git@git.example.net:2222/f"}}}))
        .render();
    let sources = policy(&rendered, "zt-allow-flux-sources");
    let to_git = json!({
        "toFQDNs": [{"matchName": "git.example.net"}],
        "toPorts": [{"ports": [{"port": "2222", "protocol": "TCP"}]}],
    });
    assert!(
        sources["spec"]["egress"]
            .as_array()
            .unwrap()
            .contains(&to_git)
    );
    let names = dns_rules(&sources)[0]["rules"]["dns"].clone();
    assert!(
        names
            .as_array()
            .unwrap()
            .contains(&json!({"matchName": "git.example.net"}))
    );
}

#[test]
fn flux_reaches_a_repository_on_a_node_as_a_node() {
    let rendered = homelab()
        .patch_cluster(&json!({"flux": {"source": {"url": "https://192.168.1.10/f.git"}}}))
        .render();
    let sources = policy(&rendered, "zt-allow-flux-sources");
    assert_eq!(
        sources["spec"]["egress"][1]["toEntities"],
        json!(["host", "remote-node"])
    );
}

#[test]
fn flux_reaches_a_repository_in_the_cluster_as_pods() {
    let rendered = homelab()
        .patch_cluster(&json!({"flux": {"source": {"url": "http://gitea.git.svc:3000/f.git"}}}))
        .render();
    let sources = policy(&rendered, "zt-allow-flux-sources");
    assert_eq!(
        sources["spec"]["egress"][1]["toEndpoints"],
        json!([{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "git"}}])
    );
}

#[test]
fn flux_reaches_further_hosts_that_the_stack_names() {
    let rendered = homelab().config(json!({"fluxHosts": ["ghcr.io"]})).render();
    let sources = policy(&rendered, "zt-allow-flux-sources");
    let hosts = sources["spec"]["egress"][0]["toFQDNs"]
        .as_array()
        .unwrap()
        .clone();
    assert!(hosts.contains(&json!({"matchName": "ghcr.io"})));
    let names = dns_rules(&sources)[0]["rules"]["dns"].clone();
    assert!(
        names
            .as_array()
            .unwrap()
            .contains(&json!({"matchName": "ghcr.io"}))
    );
}

#[test]
fn an_enforced_flux_without_a_known_source_is_refused() {
    let patch = |mode: &str| {
        json!({
            "flux": {"source": {"url": "artifact"}},
            "namespaces": {"flux-system": {"mode": mode, "create": false}},
        })
    };
    let enforced = homelab().patch_cluster(&patch("enforce")).render();
    assert_eq!(finding(&enforced).code, "flux-source");
    assert!(
        homelab()
            .patch_cluster(&patch("audit"))
            .render()
            .errors()
            .is_empty()
    );
}

#[test]
fn cert_managers_flows_arrive_as_facts_and_become_policy_where_its_namespace_has_a_mode() {
    let pods = json!({"pods": {"namespace": "cert-manager"}});
    let to_api_server = json!({"from": pods, "to": {"entity": "kube-apiserver"}});
    let fact = flow_fact("cert-manager-to-api-server", to_api_server);
    let enforced = homelab().patch_cluster(&json!({"undeclaredNamespaces": {"mode": "enforce"}}));
    let rendered = stating(enforced, "gateway-tls", &fact).render();
    let policy = policy(&rendered, "gateway-tls.cert-manager-to-api-server.egress");
    assert_eq!(policy["metadata"]["namespace"], json!("cert-manager"));
    assert_eq!(
        policy["spec"]["egress"],
        json!([{"toEntities": ["kube-apiserver"]}])
    );
}

#[test]
fn a_registry_comes_with_the_hosts_that_it_sends_its_clients_on_to() {
    let rendered = homelab()
        .patch_cluster(&json!({"flux": {"source": {"kind": "OCIRepository", "url": "oci://ghcr.io/me/fleet"}}}))
        .render();
    let sources = policy(&rendered, "zt-allow-flux-sources");
    let blobs = json!({"matchName": "pkg-containers.githubusercontent.com"});
    let hosts = sources["spec"]["egress"][0]["toFQDNs"].as_array().unwrap();
    assert!(hosts.contains(&blobs));
    let names = dns_rules(&sources)[0]["rules"]["dns"].clone();
    assert!(names.as_array().unwrap().contains(&blobs));
}

#[test]
fn a_repository_in_an_enforced_namespace_admits_flux() {
    let rendered = homelab()
        .patch_cluster(&json!({
            "flux": {"source": {"url": "http://gitea.my-app.svc:3000/f.git"}},
        }))
        .render();
    let halves: Vec<_> = rendered
        .manifests()
        .filter(|m| m.object.name() == "zt-allow-flux-sources")
        .filter(|m| m.object.namespace() == Some("my-app"))
        .collect();
    assert_eq!(halves.len(), 1);
    assert_eq!(
        halves[0]
            .object
            .at("/spec/ingress/0/fromEndpoints/0/matchLabels"),
        Some(&json!({
            "k8s:app": "source-controller",
            "k8s:io.kubernetes.pod.namespace": "flux-system",
        }))
    );
}

//! Values that the pinned chart does not read, or not of that type.

use serde_json::{Value, json};
use ztgit_plugin::testing::Rendered;
use ztgit_plugin::{Diagnostic, Place};

use crate::stack::{chart_values, finding, homelab, release_values, stating};

fn rendered(version: &str, values: Value) -> Rendered {
    homelab()
        .patch_cluster(&json!({"cni": {"version": version}}))
        .config(json!({ "values": values }))
        .render()
}

/// The only finding about these values.
fn refused(version: &str, values: Value) -> Diagnostic {
    let rendered = rendered(version, values);
    assert_eq!(rendered.errors().len(), 1, "{:#?}", rendered.0.diagnostics);
    finding(&rendered).clone()
}

fn accepted(version: &str, values: Value) {
    let rendered = rendered(version, values.clone());
    assert!(rendered.errors().is_empty(), "{values}: {rendered:#?}");
}

#[test]
fn a_misspelt_key_is_refused_at_its_place_with_the_right_one() {
    let finding = refused("1.20.2", json!({"hubble": {"relay": {"enable": true}}}));
    assert_eq!(finding.code, "unknown-value");
    assert!(finding.message.contains("`hubble.relay.enable`"));
    assert_eq!(
        finding.place,
        Place::Config("/values/hubble/relay/enable".to_owned())
    );
    assert_eq!(finding.hints, ["did you mean `hubble.relay.enabled`?"]);
}

#[test]
fn a_key_at_the_wrong_level_is_refused_with_the_right_one() {
    let finding = refused(
        "1.20.2",
        json!({"clusterPoolIPv4PodCIDRList": ["10.42.0.0/16"]}),
    );
    assert_eq!(
        finding.hints,
        ["did you mean `ipam.operator.clusterPoolIPv4PodCIDRList`?"]
    );
}

#[test]
fn a_key_that_resembles_nothing_is_refused_with_a_way_to_list_them() {
    let finding = refused("1.20.2", json!({"zzzzzzzz": 1}));
    assert!(finding.hints[0].contains("helm show values"));
}

#[test]
fn keys_that_kube_proxy_replacement_swallowed_are_refused() {
    for values in [
        json!({"externalIPs": {"enabled": true}}),
        json!({"hostPort": {"enabled": true}}),
        json!({"nodePort": {"enabled": true}}),
    ] {
        for version in ["1.19.7", "1.20.2"] {
            let finding = refused(version, values.clone());
            assert_eq!(finding.code, "unknown-value");
            assert!(finding.hints[0].contains("kubeProxyReplacement"));
        }
    }
}

#[test]
fn strict_modes_old_names_are_refused_where_they_do_nothing_any_more() {
    let old = json!({"encryption": {"strictMode": {"enabled": true, "cidr": "10.42.0.0/16"}}});
    accepted("1.19.7", old.clone());
    let rendered = rendered("1.20.2", old);
    assert_eq!(rendered.errors(), ["unknown-value", "unknown-value"]);
    for finding in &rendered.0.diagnostics {
        assert!(
            finding.hints[0].contains("strictMode.egress."),
            "{finding:?}"
        );
    }
}

#[test]
fn a_key_of_another_version_is_refused_with_that_version() {
    let finding = refused("1.19.7", json!({"envoy": {"xdsMode": "ads"}}));
    assert!(finding.hints[0].contains("1.20"), "{finding:?}");
    let kafka = json!({"hubble": {"redact": {"kafka": {"apiKey": true}}}});
    accepted("1.19.7", kafka.clone());
    assert_eq!(refused("1.20.2", kafka).code, "unknown-value");
}

#[test]
fn another_plugins_dead_key_is_refused_at_its_fact() {
    let fact = chart_values(json!({"gatewayAPI": {"enable": true}}));
    let rendered = stating(homelab(), "gateway-tls", &fact).render();
    assert_eq!(finding(&rendered).code, "unknown-value");
    assert_eq!(finding(&rendered).place, Place::Fact(0));
}

#[test]
fn a_value_of_the_wrong_type_is_refused_before_helm_does() {
    for (values, said) in [
        (json!({"operator": {"replicas": "two"}}), "a whole number"),
        (json!({"debug": {"enabled": "true"}}), "true or false"),
        (json!({"bpf": true}), "a map"),
        (json!({"cluster": {"name": 1}}), "a text"),
        (
            json!({"scheduling": {"mode": "random"}}),
            "\"anti-affinity\"",
        ),
        (
            json!({"hubble": {"metrics": {"enabled": "drop"}}}),
            "a list",
        ),
    ] {
        let finding = refused("1.20.2", values.clone());
        assert_eq!(finding.code, "mistyped-value", "{values}");
        assert!(finding.message.contains(said), "{}", finding.message);
    }
}

#[test]
fn a_boolean_in_place_of_a_text_is_told_to_be_quoted() {
    let class = json!({"gatewayAPI": {"gatewayClass": {"create": true}}});
    accepted("1.20.2", class.clone());
    assert_eq!(refused("1.19.7", class).hints, ["quote it: \"true\""]);
}

#[test]
fn what_the_chart_only_comments_or_only_its_templates_read_is_accepted() {
    for values in [
        json!({"policyAuditMode": false}),
        json!({"egressMasqueradeInterfaces": "eth0"}),
        json!({"k8s": {"serviceProxyName": "cilium"}}),
        json!({"loadBalancer": {"mode": "hybrid"}}),
        json!({"hubble": {"eventBufferCapacity": "16383"}}),
        json!({"l2announcements": {"leaseDuration": "30s"}}),
    ] {
        for version in ["1.19.7", "1.20.2"] {
            accepted(version, values.clone());
        }
    }
}

#[test]
fn maps_that_the_chart_copies_take_any_key() {
    for values in [
        json!({"podAnnotations": {"example.com/team": "net"}}),
        json!({"nodeSelector": {"disk": "ssd"}}),
        json!({"affinity": {"nodeAffinity": {"any": ["thing"]}}}),
        json!({"extraConfig": {"bpf-lb-sock-hostns-only": "true"}}),
        json!({"operator": {"resources": {"limits": {"memory": "1Gi"}}}}),
        json!({"updateStrategy": {"rollingUpdate": {"maxSurge": 1}}}),
    ] {
        accepted("1.20.2", values);
    }
}

#[test]
fn null_takes_any_known_key_out_and_no_unknown_one() {
    accepted(
        "1.20.2",
        json!({"loadBalancer": null, "bpf": {"masquerade": null}}),
    );
    assert_eq!(
        refused("1.20.2", json!({"loadBalancing": null})).code,
        "unknown-value"
    );
}

/// What the plugin sets itself is not checked when it renders, so here.
#[test]
fn everything_that_the_plugin_sets_itself_is_read_by_each_versions_chart() {
    let everything = json!({
        "encryption": "strict",
        "nodeEncryption": true,
        "policyAuditMode": true,
        "hubble": {"ui": true, "export": true},
    });
    let flows = json!({"flows": {"frontend-to-api": {
        "to": {"workload": null, "nodes": {}},
        "ports": [{"port": 3868, "protocol": "SCTP"}],
        "authentication": "required",
    }}});
    for version in ["1.19.7", "1.20.2"] {
        let harness = || {
            homelab()
                .patch_cluster(&json!({"cni": {"version": version}}))
                .patch_cluster(&flows)
                .patch_cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "fd00::/56"]}}))
                .patch_cluster(&json!({"namespaces": {"my-app": {"workloads": {"api": {"resolver": "musl"}}}}}))
        };
        let own = release_values(&harness().config(everything.clone()).render());
        let mut again = everything.clone();
        again["values"] = own;
        let rendered = harness().config(again).render();
        let unread: Vec<&Diagnostic> = rendered
            .0
            .diagnostics
            .iter()
            .filter(|d| d.code.ends_with("-value"))
            .collect();
        assert!(unread.is_empty(), "{version}: {unread:#?}");
    }
}

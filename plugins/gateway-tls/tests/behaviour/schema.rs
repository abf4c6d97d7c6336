//! The objects against their definitions, the config against its schema, and
//! the description against what is really emitted.

use serde_json::{Value, json};
use ztgit_plugin::cluster::Cluster;
use ztgit_plugin::testing::{Harness, merge_patch};
use ztgit_plugin::{Plugin, config_schema};
use ztgit_plugin_gateway_tls::GatewayTls;

use crate::definition::Definitions;
use crate::{config, everything, everything_on, harness};

/// What the API server describes itself.
const BUILT_IN: [&str; 3] = [
    "CustomResourceDefinition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

fn exposures() -> [Value; 4] {
    [
        json!("hostNetwork"),
        json!("nodeIPAM"),
        json!({"l2": {
            "addresses": ["192.168.1.240/28"], "interfaces": ["^eth"], "nodes": {"edge": "true"},
        }}),
        json!({"bgp": {
            "addresses": ["203.0.113.0/28", "2001:db8::/124"],
            "localASN": 64512,
            "nodes": {"edge": "true"},
            "peers": {"router": {
                "address": "192.168.1.1", "asn": 64513, "passwordSecret": "bgp-router", "multihop": 2,
            }},
        }}),
    ]
}

#[track_caller]
fn assert_fits(harness: Harness<GatewayTls>) -> usize {
    let rendered = harness.render();
    assert_eq!(rendered.errors(), [""; 0], "{:#?}", rendered.0.diagnostics);
    let definitions = Definitions::of(&rendered);
    let mut checked = 0;
    for manifest in rendered.manifests() {
        let object = manifest.object.clone().into_value();
        match definitions.problems(&object) {
            Some(found) => assert_eq!(found, [""; 0], "{object:#}"),
            None => assert!(BUILT_IN.contains(&manifest.object.kind()), "{object:#}"),
        }
        checked += 1;
    }
    checked
}

#[test]
fn every_object_fits_its_definition() {
    for exposure in exposures() {
        assert!(assert_fits(everything_on(&exposure)) > 30);
        let patch = json!({"exposure": exposure, "accessLog": "json"});
        assert!(assert_fits(harness(&patch)) > 10);
    }
}

#[test]
fn every_kind_of_route_and_issuer_is_among_what_is_checked() {
    let names = everything().render().names();
    for kind in [
        "BackendTLSPolicy",
        "Certificate",
        "CiliumGatewayClassConfig",
        "ClusterIssuer",
        "GRPCRoute",
        "GatewayClass",
        "HTTPRoute",
        "HelmRelease",
        "ReferenceGrant",
        "TLSRoute",
    ] {
        let found = names
            .iter()
            .any(|name| name.starts_with(&format!("{kind} ")));
        assert!(found, "no {kind} among {names:#?}");
    }
}

#[test]
fn no_two_objects_are_one() {
    for exposure in exposures() {
        let rendered = everything_on(&exposure).render();
        let mut seen = std::collections::BTreeSet::new();
        for manifest in rendered.manifests() {
            let object = &manifest.object;
            let identity = (object.kind(), object.namespace(), object.name());
            assert!(seen.insert(identity), "{identity:?}");
        }
    }
}

#[test]
fn the_kinds_of_cert_manager_are_described() {
    let schemas = GatewayTls::describe().schemas;
    for kind in ["Certificate", "ClusterIssuer", "Issuer"] {
        assert!(
            schemas
                .iter()
                .any(|s| s.api_version == "cert-manager.io/v1" && s.kind == kind)
        );
    }
}

#[test]
fn every_cluster_scoped_kind_and_every_fact_is_granted() {
    let grants = GatewayTls::describe().grants;
    for exposure in exposures() {
        let rendered = everything_on(&exposure).render();
        for manifest in rendered
            .manifests()
            .filter(|m| m.object.namespace().is_none())
        {
            let kind = format!("{}.{}", manifest.object.kind(), manifest.object.group());
            assert!(grants.cluster_kinds.contains(&kind), "{kind}");
        }
        for fact in everything_on(&exposure).facts().facts {
            let granted = grants.facts.iter().any(|(kind, _)| *kind == fact.kind);
            assert!(granted, "{}", fact.kind);
        }
    }
}

#[test]
fn the_same_arguments_give_the_same_objects() {
    assert_eq!(everything().render().0, everything().render().0);
}

#[test]
fn the_configs_schema_takes_what_the_plugin_takes() {
    let schema = config_schema::<GatewayTls>();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for exposure in exposures() {
        let mut config = crate::everything_config();
        merge_patch(&mut config, &json!({"exposure": exposure}));
        let found: Vec<_> = validator
            .iter_errors(&config)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(found, [""; 0]);
    }
}

#[test]
fn the_configs_schema_asks_for_nothing_and_explains_every_field() {
    let schema = config_schema::<GatewayTls>();
    assert_eq!(schema.get("required"), None);
    assert_explained(&schema, "config");
}

/// Every property at any depth has a description and no object takes others.
fn assert_explained(schema: &Value, at: &str) {
    for (name, inner) in schema.as_object().into_iter().flatten() {
        if name == "properties" {
            assert_eq!(schema["additionalProperties"], false, "{at}");
            for (name, property) in inner.as_object().unwrap() {
                let at = format!("{at}.{name}");
                let branch = matches!(at.split('.').nth_back(1), Some("oneOf"));
                let described = property["description"].is_string() || branch;
                assert!(described, "{at} has no description");
                assert_explained(property, &at);
            }
        } else {
            assert_explained(inner, &format!("{at}.{name}"));
        }
    }
    for inner in schema.as_array().into_iter().flatten() {
        assert_explained(inner, at);
    }
}

#[test]
fn a_misspelt_field_is_refused() {
    let mut config = config(&json!({}));
    config["issuer_"] = json!("letsencrypt-prod");
    let error = serde_json::from_value::<<GatewayTls as Plugin>::Config>(config).unwrap_err();
    assert!(error.to_string().contains("issuer_"));
}

#[test]
fn a_reference_without_a_namespace_is_refused() {
    for text in ["my-app-svc", "/my-app-svc", "my-app/", "a/b/c"] {
        let config = config(&json!({"hosts": {"a.net": {
            "service": text, "port": 80, "workload": "my-app/frontend",
        }}}));
        serde_json::from_value::<<GatewayTls as Plugin>::Config>(config).unwrap_err();
    }
}

#[test]
fn the_clusters_of_these_tests_are_clusters() {
    let cluster: Cluster = serde_json::from_value(crate::shop_cluster()).unwrap();
    assert!(cluster.namespaces.contains_key("shop"));
}

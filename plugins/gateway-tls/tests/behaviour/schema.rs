//! The objects against the definitions they come with, the config against its
//! schema, and the description against what is really emitted.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Cluster;
use ztgit_plugin::testing::{Rendered, homelab};
use ztgit_plugin::{Plugin, config_schema};
use ztgit_plugin_gateway_tls::GatewayTls;

use crate::{config, render};

/// The schema of each kind that is known from a definition in the output or
/// from the description.
fn schemas(rendered: &Rendered) -> BTreeMap<(String, String), Value> {
    let described = GatewayTls::describe().schemas.into_iter();
    let mut schemas: BTreeMap<_, _> = described
        .map(|schema| ((schema.api_version, schema.kind), schema.schema))
        .collect();
    for manifest in rendered
        .manifests()
        .filter(|m| m.object.kind() == "CustomResourceDefinition")
    {
        let spec = manifest.object.at("/spec").unwrap();
        for version in spec["versions"].as_array().unwrap() {
            let api_version = format!(
                "{}/{}",
                spec["group"].as_str().unwrap(),
                version["name"].as_str().unwrap()
            );
            let kind = spec["names"]["kind"].as_str().unwrap().to_owned();
            schemas.insert(
                (api_version, kind),
                version["schema"]["openAPIV3Schema"].clone(),
            );
        }
    }
    schemas
}

/// Fields that the schema does not know, and required ones that are missing.
fn mismatches(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let (Some(fields), Some(properties)) = (value.as_object(), schema.get("properties")) {
        for (name, field) in fields {
            let at = format!("{at}.{name}");
            match properties.get(name) {
                Some(schema) => found.extend(mismatches(schema, field, &at)),
                None => found.push(format!("{at} is unknown")),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(name.as_str().unwrap()) {
                found.push(format!("{at}.{name} is missing"));
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(mismatches(
            &schema["items"],
            item,
            &format!("{at}[{index}]"),
        ));
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|values| !values.contains(value))
    {
        found.push(format!("{at} is none of {}", schema["enum"]));
    }
    found
}

#[test]
fn every_object_fits_its_definition() {
    let rendered = render(&json!({}));
    let schemas = schemas(&rendered);
    let mut checked = 0;
    for manifest in rendered.manifests() {
        let object = &manifest.object;
        let key = (object.api_version().to_owned(), object.kind().to_owned());
        let Some(schema) = schemas.get(&key) else {
            continue;
        };
        let mut value = object.clone().into_value();
        // Its own fields are in no definition.
        value["metadata"] = json!({});
        assert_eq!(mismatches(schema, &value, object.kind()), [""; 0]);
        checked += 1;
    }
    // Two issuers, the Gateway, a route and a redirect.
    assert_eq!(checked, 5);
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
    let rendered = render(&json!({"exposure": {"l2": {"addresses": ["192.168.1.240/28"]}}}));
    for manifest in rendered
        .manifests()
        .filter(|m| m.object.namespace().is_none())
    {
        let kind = format!("{}.{}", manifest.object.kind(), manifest.object.group());
        assert!(grants.cluster_kinds.contains(&kind), "{kind}");
    }
    let cluster: Cluster = serde_json::from_value(homelab()).unwrap();
    let config = serde_json::from_value(config(&json!({}))).unwrap();
    for fact in GatewayTls::facts(&cluster, &config).facts {
        assert!(
            grants.facts.iter().any(|(kind, _)| *kind == fact.kind),
            "{}",
            fact.kind
        );
    }
}

#[test]
fn the_configs_schema_asks_for_the_address_alone_and_explains_every_field() {
    let schema = config_schema::<GatewayTls>();
    assert_eq!(schema["required"], json!(["email"]));
    assert_eq!(schema["additionalProperties"], false);
    for (name, property) in schema["properties"].as_object().unwrap() {
        assert!(
            property["description"].is_string(),
            "{name} has no description"
        );
    }
}

#[test]
fn a_misspelt_field_is_refused() {
    let mut config = config(&json!({}));
    config["issuers"] = json!("letsencrypt-prod");
    let error = serde_json::from_value::<<GatewayTls as Plugin>::Config>(config).unwrap_err();
    assert!(error.to_string().contains("issuers"));
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

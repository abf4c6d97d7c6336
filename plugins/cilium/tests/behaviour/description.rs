//! What the plugin says of itself.

use serde_json::{Value, json};
use ztgit_plugin::{ObjectScope, Plugin, config_schema};
use ztgit_plugin_cilium::Cilium;

use crate::stack::homelab;

#[test]
fn every_policy_that_is_rendered_has_a_schema_of_its_scope() {
    let schemas = Cilium::describe().schemas;
    for manifest in homelab().render().manifests() {
        let object = &manifest.object;
        if object.group() != "cilium.io" {
            continue;
        }
        let schema = schemas
            .iter()
            .find(|s| s.kind == object.kind() && s.api_version == object.api_version())
            .unwrap_or_else(|| panic!("no schema for {}", object.kind()));
        let namespaced = schema.scope == ObjectScope::Namespaced;
        assert_eq!(
            namespaced,
            object.namespace().is_some(),
            "{}",
            object.name()
        );
    }
}

#[test]
fn every_setting_is_explained() {
    let schema = config_schema::<Cilium>();
    let properties = schema["properties"].as_object().expect("properties");
    assert!(properties.len() >= 8);
    for (name, property) in properties {
        assert!(property["description"].is_string(), "{name}");
    }
    assert_eq!(schema["additionalProperties"], json!(false));
}

#[test]
fn the_defaults_are_those_of_an_empty_config() {
    let defaults: Vec<(&str, Value)> = vec![
        ("/encryption/default", json!("wireguard")),
        ("/denyMetadata/default", json!(true)),
        ("/clusterDomain/default", json!("cluster.local")),
    ];
    let schema = config_schema::<Cilium>();
    for (pointer, value) in defaults {
        assert_eq!(
            schema["properties"].pointer(pointer),
            Some(&value),
            "{pointer}"
        );
    }
}

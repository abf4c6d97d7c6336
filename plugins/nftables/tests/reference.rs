//! The examples of the reference are configs that render, and the defaults that
//! it names are the plugin's.

use serde_json::{Value, json};
use ztgit_plugin::config_schema;
use ztgit_plugin::testing::Harness;
use ztgit_plugin_nftables::Nftables;

const REFERENCE: &str = include_str!("../../../docs/reference/nftables.md");

#[test]
fn every_example_renders() {
    let blocks: Vec<_> = REFERENCE
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let mut parsed: Value = serde_saphyr::from_str(block).expect("an example is YAML");
        let rendered = Harness::<Nftables>::homelab()
            .config(parsed["config"]["nftables"].take())
            .render();
        assert_eq!(rendered.errors(), [""; 0], "{block}");
    }
}

#[test]
fn the_example_spells_out_the_defaults_of_the_log() {
    let ruleset = |config: Value| {
        let rendered = Harness::<Nftables>::homelab().config(config).render();
        rendered.file("pi-1", "/etc/ztgit/nftables.nft").to_owned()
    };
    let spelt_out = json!({"log": {"prefix": "ztgit-drop", "perMinute": 6, "burst": 10}});
    assert_eq!(ruleset(spelt_out), ruleset(json!({})));
    assert!(REFERENCE.contains("{prefix: ztgit-drop, perMinute: 6, burst: 10}"));
}

#[test]
fn every_setting_is_in_the_table() {
    let schema = config_schema::<Nftables>();
    let settings = schema["properties"].as_object().expect("an object").keys();
    for setting in settings {
        assert!(REFERENCE.contains(&format!("| `{setting}")), "{setting}");
    }
}

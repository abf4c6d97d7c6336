//! The examples of the reference are configs that render.

use serde_json::{Value, json};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_wireguard::Wireguard;

const REFERENCE: &str = include_str!("../../../docs/reference/wireguard.md");

#[test]
fn every_example_renders_without_a_finding() {
    let blocks: Vec<_> = REFERENCE
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        let mut parsed: Value = serde_saphyr::from_str(block).expect("an example is YAML");
        let rendered = Harness::<Wireguard>::homelab()
            .patch_cluster(&json!({"nodes": {
                "pi-1": null,
                "home": {"role": "server", "addresses": ["198.51.100.1"]},
                "office": {"role": "agent", "addresses": ["198.51.100.2"]},
            }}))
            .config(parsed["config"]["wireguard"].take())
            .render();
        let known = ["hub-without-api"];
        let warnings = rendered
            .warnings()
            .into_iter()
            .filter(|code| !known.contains(code));
        assert_eq!(warnings.count(), 0, "{block}");
        assert_eq!(rendered.errors(), [""; 0], "{block}");
    }
}

//! The plugin run natively, in an ordinary test.

use my_plugin::MyPlugin;
use serde_json::json;
use ztgit_plugin::testing::Harness;

#[test]
fn the_greeting_names_the_cluster() {
    let rendered = Harness::<MyPlugin>::homelab()
        .config(json!({"message": "hello"}))
        .render();
    assert_eq!(
        rendered.object("ConfigMap", "greeting")["data"],
        json!({"message": "hello from home"})
    );
}

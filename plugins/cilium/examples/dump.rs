//! scratch
use ztgit_plugin::{Artifact, Facts, Plugin};
use ztgit_plugin_cilium::Cilium;
fn main() {
    let text = std::io::read_to_string(std::io::stdin()).unwrap();
    let input: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut cluster = ztgit_plugin::testing::homelab();
    ztgit_plugin::testing::merge_patch(&mut cluster, &input["cluster"]);
    let rendering = Cilium::render(
        &serde_json::from_value(cluster).unwrap(),
        &serde_json::from_value(input["config"].clone()).unwrap(),
        &Facts::default(),
    );
    for d in &rendering.diagnostics { eprintln!("{d:?}"); }
    let objects: Vec<_> = rendering.artifacts.into_iter().filter_map(|a| match a {
        Artifact::Manifest(m) => Some(m.object.into_value()), _ => None }).collect();
    println!("{}", serde_json::to_string_pretty(&objects).unwrap());
}

//! Every key of a fragment is a flag of the command that reads it: k3s does not
//! start with any other.

use crate::support::{FRAGMENT, everything, homelab, nodes};
use serde_json::json;
use ztgit_plugin::FactScope;
use ztgit_plugin::testing::Rendered;

/// The names of the flags, in two blocks.
const FLAGS: &str = include_str!("flags.txt");

fn flags_of(command: &str) -> Vec<&'static str> {
    let block = FLAGS.split("\n\n").find_map(|block| {
        let (name, flags) = block.split_once(":\n")?;
        (name == command).then_some(flags)
    });
    block.expect("there is such a block").lines().collect()
}

fn keys<'a>(rendered: &'a Rendered, node: &str) -> Vec<&'a str> {
    let lines = rendered.file(node, FRAGMENT).lines();
    lines
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(|line| line.split(':').next().unwrap().trim_end_matches('+'))
        .collect()
}

fn assert_flags(rendered: &Rendered, node: &str, command: &str) {
    let flags = flags_of(command);
    let keys = keys(rendered, node);
    assert!(keys.len() > 3, "{node} has hardly any key: {keys:?}");
    for key in keys {
        assert!(flags.contains(&key), "`k3s {command}` has no flag --{key}");
    }
}

#[test]
fn every_key_is_a_flag_of_k3s() {
    let sha256 = "0".repeat(64);
    let rendered = everything(&sha256)
        .patch_cluster(&json!({"nodes": {"pi-2": {"labels": {"zone": "attic"}}}}))
        .fact(
            "wireguard",
            FactScope::Cluster,
            &crate::support::san("10.100.0.1"),
        )
        .render();
    assert_flags(&rendered, "pi-1", "server");
    assert_flags(&rendered, "pi-2", "agent");
}

#[test]
fn every_key_of_servers_that_found_and_join_is_a_flag_of_k3s() {
    let roles = [("pi-1", "server"), ("pi-2", "server"), ("pi-3", "server")];
    let rendered = homelab()
        .patch_cluster(&nodes(&roles))
        .config(json!({
            "firstServer": "pi-1",
            "install": {"version": "v1.36.2+k3s1", "sha256": {"amd64": "0".repeat(64)}}
        }))
        .render();
    assert_flags(&rendered, "pi-1", "server");
    assert_flags(&rendered, "pi-2", "server");
}

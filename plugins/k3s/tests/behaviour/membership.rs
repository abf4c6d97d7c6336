//! How a node comes into the cluster, and under which name and labels.

use serde_json::json;
use ztgit_plugin::Place;
use ztgit_plugin::testing::Rendered;

use crate::support::{FRAGMENT, homelab, nodes};

const THREE: [(&str, &str); 4] = [
    ("pi-1", "server"),
    ("pi-2", "server"),
    ("pi-3", "server"),
    ("pi-4", "agent"),
];

/// The lines of a fragment that say how the node comes into the cluster.
fn membership<'a>(rendered: &'a Rendered, node: &str) -> Vec<&'a str> {
    rendered
        .file(node, FRAGMENT)
        .lines()
        .filter(|line| {
            ["cluster-init", "server:", "token"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .collect()
}

#[test]
fn a_server_that_is_alone_neither_founds_nor_joins() {
    assert_eq!(membership(&homelab().render(), "pi-1"), [""; 0]);
}

#[test]
fn one_of_several_servers_founds_the_cluster_and_all_others_join_it() {
    let rendered = homelab()
        .patch_cluster(&nodes(&THREE))
        .config(json!({"firstServer": "pi-2"}))
        .render();
    assert_eq!(membership(&rendered, "pi-2"), ["cluster-init: true"]);
    for node in ["pi-1", "pi-3", "pi-4"] {
        assert_eq!(
            membership(&rendered, node),
            [r#"server: "https://192.168.1.11:6443""#],
            "{node}"
        );
    }
}

#[test]
fn with_several_servers_the_first_has_to_be_named() {
    // The first by name would do until a node is added that sorts before it.
    let rendered = homelab().patch_cluster(&nodes(&THREE)).render();
    assert_eq!(rendered.errors(), ["no-first-server"]);
    assert_eq!(rendered.0.artifacts, []);
}

#[test]
fn a_first_server_that_is_none_is_an_error_where_it_stands() {
    for first in ["pi-4", "pi-9"] {
        let rendered = homelab()
            .patch_cluster(&nodes(&THREE))
            .config(json!({"firstServer": first}))
            .render();
        assert_eq!(rendered.errors(), ["unknown-server"], "{first}");
        assert_eq!(
            rendered.0.diagnostics[0].place,
            Place::Config("/firstServer".to_owned())
        );
    }
}

#[test]
fn an_ipv6_server_is_joined_by_a_url_with_brackets() {
    let rendered = homelab()
        .patch_cluster(&json!({
            "network": {"podCIDRs": ["fd00:42::/56"], "serviceCIDRs": ["fd00:43::/112"]},
            "nodes": {
                "pi-1": {"addresses": ["fd00::10"]},
                "pi-2": {"role": "agent", "addresses": ["fd00::11"]}
            }
        }))
        .render();
    assert_eq!(
        membership(&rendered, "pi-2"),
        [r#"server: "https://[fd00::10]:6443""#]
    );
}

#[test]
fn who_installs_k3s_otherwise_keeps_the_token_where_it_is() {
    let rendered = homelab()
        .patch_cluster(&nodes(&[("pi-1", "server"), ("pi-2", "agent")]))
        .render();
    assert!(!rendered.file("pi-2", FRAGMENT).contains("token"));
}

#[test]
fn a_node_registers_with_its_name_and_labels_of_the_stack() {
    let labels =
        json!({"nodes": {"pi-1": {"labels": {"example.net/disk": "ssd", "zone": "attic"}}}});
    let rendered = homelab().patch_cluster(&labels).render();
    assert!(rendered.file("pi-1", FRAGMENT).contains(
        "node-name: \"pi-1\"\nnode-ip: \"192.168.1.10\"\nnode-label+:\n  - \"example.net/disk=ssd\"\n  - \"zone=attic\"\n"
    ));
}

#[test]
fn labels_with_which_no_kubelet_starts_are_errors_where_they_stand() {
    let labels = json!({"nodes": {"pi-1": {"labels": {
        "node-role.kubernetes.io/worker": "true",
        "tier": "a,b=c"
    }}}});
    let rendered = homelab().patch_cluster(&labels).render();
    assert_eq!(rendered.errors(), ["reserved-label", "invalid-label"]);
    assert_eq!(
        rendered.0.diagnostics[0].place,
        Place::Cluster("/nodes/pi-1/labels/node-role.kubernetes.io~1worker".to_owned())
    );
}

#[test]
fn a_cluster_without_a_server_is_an_error() {
    let rendered = homelab()
        .patch_cluster(&nodes(&[("pi-1", "agent")]))
        .render();
    assert_eq!(rendered.errors(), ["no-server"]);
}

#[test]
fn an_even_number_of_servers_is_a_warning() {
    let warnings = |roles| {
        let rendered = homelab()
            .patch_cluster(&nodes(roles))
            .config(json!({"firstServer": "pi-1"}))
            .render();
        rendered.warnings().join(" ")
    };
    let two = [("pi-1", "server"), ("pi-2", "server")];
    assert_eq!(warnings(&two), "even-servers");
    let three = [("pi-1", "server"), ("pi-2", "server"), ("pi-3", "server")];
    assert_eq!(warnings(&three), "");
}

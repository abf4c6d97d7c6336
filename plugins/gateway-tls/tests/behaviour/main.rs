//! What the plugin does, one behaviour a test, on the homelab cluster.

#![allow(clippy::unwrap_used, reason = "what a test looks for must be there")]

mod definitions;
mod facts;
mod findings;
mod gateway;
mod order;
mod platform;
mod schema;

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered, merge_patch};
use ztgit_plugin_gateway_tls::GatewayTls;

/// The homelab's config, with names that are not reserved.
fn config(patch: &Value) -> Value {
    let mut config = json!({
        "email": "ops@homelab-one.net",
        "gateway": {"name": "homelab-gateway"},
        "hosts": {
            "myapp.homelab-one.net": {
                "service": "my-app/my-app-svc",
                "port": 80,
                "workload": "my-app/frontend",
            },
        },
    });
    merge_patch(&mut config, patch);
    config
}

fn harness(patch: &Value) -> Harness<GatewayTls> {
    Harness::homelab().config(config(patch))
}

fn render(patch: &Value) -> Rendered {
    harness(patch).render()
}

/// The place of the only finding with that code, as a JSON Pointer.
fn place(rendered: &Rendered, code: &str) -> String {
    use ztgit_plugin::Place;
    let found: Vec<_> = rendered
        .0
        .diagnostics
        .iter()
        .filter(|d| d.code == code)
        .collect();
    let [diagnostic] = found[..] else {
        panic!(
            "{} findings with code {code}: {:#?}",
            found.len(),
            rendered.0.diagnostics
        );
    };
    match &diagnostic.place {
        Place::Config(pointer) => format!("config:{pointer}"),
        Place::Cluster(pointer) => format!("cluster:{pointer}"),
        Place::Fact(index) => format!("fact:{index}"),
    }
}

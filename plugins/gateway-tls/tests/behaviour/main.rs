//! What the plugin does, one behaviour a test, on the homelab cluster.

#![allow(clippy::unwrap_used, reason = "what a test looks for must be there")]

mod access_log;
mod built_in;
mod certificates;
mod chart;
mod definition;
mod definitions;
mod dns01;
mod exposure;
mod facts;
mod findings;
mod gateway;
mod gateways;
mod helm;
mod issuers;
mod order;
mod platform;
mod routes;
mod schema;

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered, homelab, merge_patch};
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

/// The homelab cluster with one namespace more, whose Services are declared.
fn shop_cluster() -> Value {
    let mut cluster = homelab();
    let workload = |port: u16| json!({"labels": {"app": "x"}, "ports": {"http": {"port": port, "protocol": "TCP"}}});
    let service = |workload: &str, port: u16| {
        json!({
            "workload": workload,
            "ports": {"http": {"port": 80, "targetPort": port, "protocol": "TCP"}},
        })
    };
    cluster["namespaces"]["shop"] = json!({
        "mode": "enforce",
        "create": true,
        "workloads": {"web": workload(8080), "canary": workload(8081), "orders": workload(9000)},
        "services": {
            "web": service("web", 8080),
            "canary": service("canary", 8081),
            "orders": service("orders", 9000),
        },
    });
    cluster
}

/// One host on the cluster with the shop.
fn shop(host: &Value) -> Harness<GatewayTls> {
    let hosts = json!({"hosts": {"myapp.homelab-one.net": null, "shop.homelab-one.net": host}});
    Harness::homelab()
        .cluster(shop_cluster())
        .config(config(&hosts))
}

/// A config that has everything once.
fn everything_config() -> Value {
    config(&json!({
        "accessLog": "combined",
        "issuers": {
            "corp": {"ca": {"secret": "corp-ca"}},
            "lab": {"internalCA": {"commonName": "Lab"}},
            "self": "selfSigned",
        },
        "dns01": {
            "homelab-one.net": {"cloudflare": {"apiToken": {"secret": "cloudflare", "key": "token"}}},
            "homelab-two.net": {"route53": {
                "region": "eu-central-1",
                "hostedZoneID": "Z1",
                "role": "arn:aws:iam::123456789012:role/dns",
                "accessKey": {
                    "id": {"secret": "route53", "key": "id"},
                    "secret": {"secret": "route53", "key": "secret"},
                },
            }},
            "homelab-three.net": {"rfc2136": {
                "nameserver": "192.0.2.53", "keyName": "acme.", "key": {"secret": "tsig", "key": "key"},
            }},
        },
        "gateways": {"internal": {
            "namespace": "internal",
            "issuer": "lab",
            "ports": {"http": 8080, "https": 8443},
        }},
        "hosts": {
            "*.homelab-one.net": {"service": "shop/web", "port": 80},
            "*.homelab-two.net": {"service": "shop/web", "port": 80},
            "app.homelab-three.net": {"service": "shop/web", "port": 80, "challenge": "dns01"},
            "shop.homelab-four.net": {
                "http": "serve",
                "namespace": "shop",
                "routes": {
                    "all": {"backend": {"service": "shop/web", "port": 80}},
                    "api": {
                        "matches": [
                            {"path": "/api", "method": "GET", "headers": {"x-version": "2"}},
                            {"exactPath": "/api.json", "query": {"v": "1"}},
                            {"pathRegex": "/v[0-9]+/.*"},
                        ],
                        "backends": {
                            "stable": {"service": "shop/web", "port": 80, "weight": 90},
                            "canary": {"service": "shop/canary", "port": 80, "weight": 10},
                        },
                        "timeouts": {"request": "10s", "backend": "2s"},
                        "requestHeaders": {"set": {"x-from": "gateway"}, "remove": ["x-debug"]},
                        "responseHeaders": {"add": {"strict-transport-security": "max-age=300"}},
                    },
                    "old": {
                        "matches": [{"path": "/old"}],
                        "backend": {
                            "service": "my-app/api-svc",
                            "port": 443,
                            "workload": "my-app/api",
                            "tls": {"hostname": "api.internal", "ca": {"configMap": "api-ca"}},
                        },
                    },
                },
            },
            "orders.homelab-four.net": {"grpc": {"all": {
                "matches": [{"service": "shop.v1.Orders", "method": "Place", "headers": {"x": "1"}}],
                "backend": {"service": "shop/orders", "port": 80},
            }}},
            "vault.homelab-four.net": {"passthrough": {"service": "shop/orders", "port": 80}},
            "old.homelab-four.net": {"service": "shop/web", "port": 80, "secret": "old-tls"},
            "lab.homelab-four.net": {"service": "shop/web", "port": 80, "issuer": "corp"},
            "wiki.homelab.internal": {"service": "shop/web", "port": 80, "gateway": "internal"},
        },
    }))
}

fn everything() -> Harness<GatewayTls> {
    Harness::homelab()
        .cluster(shop_cluster())
        .config(everything_config())
}

fn everything_on(exposure: &Value) -> Harness<GatewayTls> {
    let mut config = everything_config();
    config["exposure"] = exposure.clone();
    if exposure != "hostNetwork" {
        config["gateways"]["internal"]["ports"] = json!({"http": 80, "https": 443});
    }
    Harness::homelab().cluster(shop_cluster()).config(config)
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

/// The only error, by code and place; it must say what to do.
#[track_caller]
fn assert_only_error(rendered: &Rendered, code: &str, at: &str) {
    assert_eq!(rendered.errors(), [code], "{:#?}", rendered.0.diagnostics);
    assert_eq!(place(rendered, code), at);
    let mut found = rendered.0.diagnostics.iter();
    let found = found.find(|diagnostic| diagnostic.code == code).unwrap();
    assert!(!found.hints.is_empty(), "{code} has no hint");
}

/// The names of all objects of a kind.
fn names_of(rendered: &Rendered, kind: &str) -> Vec<String> {
    let objects = rendered.manifests().map(|manifest| &manifest.object);
    let objects = objects.filter(|object| object.kind() == kind);
    objects.map(|object| object.name().to_owned()).collect()
}

//! Clusters as plugins see them, each with the configs of the plugins that take part:
//! one as a fleet has a thousand, and one with a thousand flows.

use serde_json::{Map, Value, json};
use ztgit_plugin::testing::homelab;

use crate::native::Configs;

/// A site of the fleet that has a warehouse.
pub(crate) fn site() -> (Value, Configs) {
    let mut cluster = homelab();
    cluster["network"] = json!({
        "podCIDRs": ["10.128.48.0/20"],
        "serviceCIDRs": ["172.16.3.0/24"],
        "nodeCIDRs": ["192.168.3.0/24"]
    });
    cluster["nodes"] = json!({"site-1": {"role": "server", "addresses": ["192.168.3.10"]}});
    cluster["undeclaredNamespaces"]["mode"] = json!("enforce");
    cluster["namespaces"] = namespaces();
    cluster["flows"] = flows();
    let configs = Configs::from([
        ("cilium", json!({})),
        ("k3s", json!({})),
        (
            "nftables",
            json!({"ssh": {"breakGlass": ["198.51.100.4/32"]}}),
        ),
        (
            "wireguard",
            json!({
                "endpoint": "vpn.site.example.net",
                "publicKey": "fleet0000000000000000000000000000000000007A=",
                "cidr": "10.64.3.0/24",
                "peers": {"operations": {
                    "publicKey": "fleet0000000000000000000000000000000000008A=",
                    "address": "10.64.3.2"
                }}
            }),
        ),
    ]);
    (cluster, configs)
}

/// Namespaces by their modes, with workloads by their ports.
fn namespaces() -> Value {
    let shop = [("web", 8080), ("cart", 8081), ("sessions", 6379)];
    let payments = [("api", 8080), ("ledger", 5432)];
    let stock = [("scanner", 8070), ("inventory", 8071)];
    json!({
        "shop": namespace("shop", "enforce", &shop),
        "payments": namespace("payments", "enforce", &payments),
        "reports": namespace("reports", "audit", &[("collector", 8090)]),
        "stock": namespace("stock", "enforce", &stock)
    })
}

fn namespace(name: &str, mode: &str, workloads: &[(&str, u16)]) -> Value {
    let workloads = workloads.iter().map(|(workload, port)| {
        let declared = json!({
            "labels": {"app": format!("{name}-{workload}")},
            "ports": {"main": {"port": port, "protocol": "TCP"}},
            "serviceAccount": workload
        });
        ((*workload).to_owned(), declared)
    });
    json!({"mode": mode, "create": true, "workloads": Value::Object(workloads.collect())})
}

fn flows() -> Value {
    let name = |name: &str| json!({ "fqdn": name });
    let posts = json!([{"method": "POST", "path": "/v1/charge"}]);
    let carts = json!([
        {"method": "GET", "path": "/v1/cart"},
        {"method": "POST", "path": "/v1/cart"}
    ]);
    let web = workload("shop", "web");
    let cart = workload("shop", "cart");
    let api = workload("payments", "api");
    let collector = workload("reports", "collector");
    let scanner = workload("stock", "scanner");
    let inventory = workload("stock", "inventory");
    let office = json!({"cidr": {"range": "203.0.113.4/32"}});
    json!({
        "web-to-cart": with_requests(flow(&web, &cart, 8081), carts),
        "cart-to-sessions": flow(&cart, &workload("shop", "sessions"), 6379),
        "web-to-payments": with_requests(flow(&web, &api, 8080), posts),
        "payments-to-ledger": flow(&api, &workload("payments", "ledger"), 5432),
        "reports-from-payments": flow(&collector, &api, 8080),
        "reports-from-shop": flow(&collector, &cart, 8081),
        "payments-to-bank": flow(&api, &name("gateway.bank.example.com"), 443),
        "reports-to-region": flow(&collector, &name("reports.eu-west.example.net"), 443),
        "scanner-to-inventory": flow(&scanner, &inventory, 8071),
        "cart-to-inventory": flow(&cart, &inventory, 8071),
        "web-to-office": flow(&web, &office, 8443),
        "web-to-partner": flow(&web, &name("partner-3.example.org"), 443)
    })
}

fn workload(namespace: &str, name: &str) -> Value {
    json!({"workload": {"namespace": namespace, "name": name}})
}

fn flow(from: &Value, to: &Value, port: u16) -> Value {
    json!({"from": from, "to": to, "ports": [{"port": port, "protocol": "TCP"}]})
}

fn with_requests(mut flow: Value, requests: Value) -> Value {
    flow["http"] = requests;
    flow
}

const FLOWS: u16 = 1_000;
const NAMESPACES: u16 = 20;
const WORKLOADS: u16 = 10;

/// A thousand flows among two hundred workloads: plain, with requests, denied.
pub(crate) fn thousand_flows() -> (Value, Configs) {
    let mut cluster = homelab();
    let namespaces = (0..NAMESPACES).map(|number| {
        let name = format!("team-{number}");
        let workloads: Vec<String> = (0..WORKLOADS).map(|n| format!("workload-{n}")).collect();
        let workloads: Vec<(&str, u16)> = workloads.iter().map(|w| (w.as_str(), 8080)).collect();
        let declared = namespace(&name, "enforce", &workloads);
        (name, declared)
    });
    cluster["namespaces"] = Value::Object(namespaces.collect());
    let flows = (0..FLOWS).map(|number| (format!("flow-{number}"), numbered(number)));
    cluster["flows"] = Value::Object(flows.collect::<Map<_, _>>());
    (cluster, Configs::from([("cilium", json!({}))]))
}

fn numbered(number: u16) -> Value {
    let end = |number: u16| {
        let namespace = format!("team-{}", number % NAMESPACES);
        let name = format!("workload-{}", number / NAMESPACES % WORKLOADS);
        workload(&namespace, &name)
    };
    let mut flow = flow(&end(number), &end(number * 7 + 1), 1024 + number);
    match number % 5 {
        0 => with_requests(
            flow,
            json!([{"method": "GET", "path": "/items"}, {"pathRegex": "/users/[0-9]+"}]),
        ),
        1 => {
            flow["action"] = json!("deny");
            flow
        }
        _ => flow,
    }
}

//! `stack.yaml` and `apps/`: what the clusters of a fleet have in common.

/// Where suppliers take orders.
pub(super) const SUPPLIERS_PORT: usize = 443;

/// `apps/suppliers.yaml`: what a team brings to the sites with a warehouse.
pub(super) fn app(port: usize) -> String {
    format!(
        "\
apiVersion: ztgit.dev/v1alpha1
kind: App
metadata:
  name: suppliers
spec:
  placement: {{labels: {{size: warehouse}}}}
  namespaces:
    suppliers:
      mode: enforce
      workloads:
        orders: {{labels: {{app: suppliers-orders}}, ports: {{http: 8060}}}}
  flows:
    orders-to-inventory: {{from: suppliers/orders, to: stock/inventory, port: http}}
    orders-to-suppliers: {{from: suppliers/orders, to: {{fqdn: orders.suppliers.example.org}}, ports: [{port}]}}
"
    )
}

/// Regions, in the order in which clusters are dealt out to them.
pub(super) const REGIONS: [&str; 3] = ["eu-west", "us-east", "ap-south"];

/// The file. One region, wave and size is a profile each, so a change of any of
/// them touches a known part of the fleet.
pub(super) const STACK: &str = r#"# A fleet of small clusters, one a site. Written by `cargo xtask fleet`; see README.md.
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata:
  name: fleet
spec:
  plugins:
    cilium: {}
    gateway-tls: {}
    k3s: {}
    nftables: {}
    wireguard: {}

  defaults:
    cni: {name: cilium, version: 1.20.2}
    flux:
      source: {url: "https://git.example.net/platform/fleet.git"}
    undeclaredNamespaces: {mode: enforce}
    namespaces:
      shop:
        mode: enforce
        workloads:
          web: {labels: {app: shop-web}, ports: {http: 8080}, serviceAccount: web}
          cart: {labels: {app: shop-cart}, ports: {http: 8081}, serviceAccount: cart}
          sessions: {labels: {app: shop-sessions}, ports: {redis: 6379}}
      payments:
        mode: enforce
        labels: {pci: "true"}
        workloads:
          api: {labels: {app: payments-api}, ports: {http: 8080, metrics: 9102}, serviceAccount: api}
          ledger: {labels: {app: payments-ledger}, ports: {postgres: 5432}}
      reports:
        mode: audit
        workloads:
          collector: {labels: {app: reports-collector}, ports: {http: 8090}}
    flows:
      web-to-cart: {from: shop/web, to: shop/cart, port: http, http: [{method: GET, path: /v1/cart}, {method: POST, path: /v1/cart}]}
      cart-to-sessions: {from: shop/cart, to: shop/sessions, port: redis}
      web-to-payments: {from: shop/web, to: payments/api, port: http, http: [{method: POST, path: /v1/charge}]}
      payments-to-ledger: {from: payments/api, to: payments/ledger, port: postgres}
      reports-from-payments: {from: reports/collector, to: payments/api, port: metrics}
      reports-from-shop: {from: reports/collector, to: shop/cart, port: http}
      payments-to-bank: {from: payments/api, to: {fqdn: merchants.bank.example.com}, ports: [443]}
    config:
      gateway-tls: null

  profiles:
    # Where a site is: its registry, and where its reports go.
    eu-west:
      labels: {region: eu-west}
      flows:
        reports-to-region: {from: reports/collector, to: {fqdn: reports.eu-west.example.net}, ports: [443]}
    us-east:
      labels: {region: us-east}
      flows:
        reports-to-region: {from: reports/collector, to: {fqdn: reports.us-east.example.net}, ports: [443]}
    ap-south:
      labels: {region: ap-south}
      flows:
        reports-to-region: {from: reports/collector, to: {fqdn: reports.ap-south.example.net}, ports: [443]}

    # When a site gets a change: `ztgit render --wave canary`, then early, then main.
    canary:
      labels: {wave: canary}
    early:
      labels: {wave: early}
    main:
      labels: {wave: main}

    # A site whose pages and carts are reached from the internet.
    storefront:
      labels: {storefront: "yes"}
      config:
        gateway-tls:
          issuers: {chain: {ca: {secret: chain-ca}}}
          issuer: chain
          exposure: hostNetwork

    # A site that has a warehouse behind it. The suppliers' app, in a file of its own,
    # may ask what is in stock.
    warehouse:
      labels: {size: warehouse}
      exposure: {suppliers: {fqdns: ["*.suppliers.example.org"]}}
      namespaces:
        stock:
          mode: enforce
          accepts: {suppliers: {}}
          workloads:
            scanner: {labels: {app: stock-scanner}, ports: {http: 8070}}
            inventory: {labels: {app: stock-inventory}, ports: {http: 8071}}
      flows:
        scanner-to-inventory: {from: stock/scanner, to: stock/inventory, port: http}
        cart-to-inventory: {from: shop/cart, to: stock/inventory, port: http}
"#;

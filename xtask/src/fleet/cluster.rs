//! `clusters/*.yaml`: what a site has of its own.

use super::shared::REGIONS;

/// Where the office of a site listens.
pub(super) const OFFICE_PORT: usize = 8_443;

/// One in ten is a canary, the next two are early.
fn wave(number: usize) -> &'static str {
    match number % 10 {
        0 => "canary",
        1 | 2 => "early",
        _ => "main",
    }
}

fn region(number: usize) -> &'static str {
    REGIONS[number % REGIONS.len()]
}

fn is_warehouse(number: usize) -> bool {
    number % 4 == 3
}

fn is_storefront(number: usize) -> bool {
    number % 20 == 5
}

/// What a site takes from `stack.yaml`.
fn profiles(number: usize) -> Vec<&'static str> {
    let sizes = [
        ("warehouse", is_warehouse(number)),
        ("storefront", is_storefront(number)),
    ];
    let sizes = sizes.into_iter().filter(|(_, takes)| *takes);
    [region(number), wave(number)]
        .into_iter()
        .chain(sizes.map(|(profile, _)| profile))
        .collect()
}

pub(super) fn name(number: usize) -> String {
    format!("{}-{number:05}", region(number))
}

pub(super) fn file(number: usize, port: usize) -> String {
    let name = name(number);
    let profiles = profiles(number).join(", ");
    let (block, site) = (number / 256, number % 256);
    format!(
        "\
apiVersion: ztgit.dev/v1alpha1
kind: Cluster
metadata:
  name: {name}
spec:
  profiles: [{profiles}]
  labels: {{site: \"{number:05}\"}}
  network:
    podCIDRs: [10.{pods}.{pod_block}.0/20]
    serviceCIDRs: [172.{services}.{site}.0/24]
    nodeCIDRs: [192.168.{site}.0/24]
  nodes:
    {name}-1: {{role: server, addresses: [192.168.{site}.10]}}
  namespaces:
    shop:
      workloads: {{web: {{labels: {{site: \"{number:05}\"}}}}, cart: {{labels: {{site: \"{number:05}\"}}}}}}
    payments:
      workloads: {{api: {{labels: {{merchant: m-{number:05}}}}}}}
  flows:
    web-to-cart: {{http: [{{method: GET, path: /v1/sites/{number}/cart}}, {{method: POST, path: /v1/sites/{number}/cart}}]}}
    payments-to-bank: {{to: {{fqdn: m-{number:05}.merchants.bank.example.com}}}}
    web-to-office: {{from: shop/web, to: {{cidr: 203.0.113.{office}/32}}, ports: [{port}]}}
    web-to-partner: {{from: shop/web, to: {{fqdn: partner-{number}.example.org}}, ports: [443]}}
  config:
    nftables: {{ssh: {{breakGlass: [198.51.100.{office}/32]}}}}
    wireguard:
      endpoint: vpn.{name}.example.net
      publicKey: {hub}
      cidr: 10.{vpn}.{site}.0/24
      peers:
        operations: {{publicKey: {operator}, address: 10.{vpn}.{site}.2}}
{storefront}",
        pods = 128 + number / 16 % 128,
        pod_block = number % 16 * 16,
        services = 16 + block % 16,
        office = number % 254 + 1,
        vpn = 64 + block % 64,
        hub = key(2 * number + 1),
        operator = key(2 * number + 2),
        storefront = if is_storefront(number) {
            served(number)
        } else {
            String::new()
        },
    )
}

/// The name under which a storefront is reached, and its own pages behind it.
fn served(number: usize) -> String {
    format!(
        "    \
    gateway-tls:
      hosts:
        shop-{number:05}.example.org:
          routes:
            pages: {{backend: {{service: shop/web, port: 8080, workload: shop/web}}}}
            cart: {{matches: [{{path: /sites/{number}/cart}}], backend: {{service: shop/cart, port: 8081, workload: shop/cart}}}}
"
    )
}

/// Text in the form of a WireGuard key, of 32 bytes.
fn key(number: usize) -> String {
    format!("fleet{number:037}A=")
}

//! A stack of many clusters, each with values of its own: addresses, nodes, a
//! VPN, and ten flows among three namespaces. Without gateway-tls, whose CRDs,
//! a megabyte a cluster and everywhere the same, would make writing blobs all
//! that is measured.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const STACK: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata: {name: bench}
spec:
  plugins: {cilium: {}, crowdsec: {}, k3s: {}, nftables: {}, wireguard: {}}
  defaults:
    flux: {source: {url: \"https://git.example.net/fleet.git\"}}
    config: {nftables: {ssh: {breakGlass: [198.51.100.0/24]}}}
";

/// Writes the stack's files.
pub(crate) fn write(directory: &Path, clusters: usize) {
    fs::create_dir_all(directory.join("clusters")).expect("there is room for the stack");
    fs::write(directory.join("stack.yaml"), STACK).expect("there is room for the stack");
    for number in 0..clusters {
        write_cluster(directory, number, 8_443);
    }
}

/// Writes the file of one cluster.
pub(crate) fn write_cluster(directory: &Path, number: usize, port: usize) {
    let path = directory.join(format!("clusters/c{number:04}.yaml"));
    fs::write(path, cluster(number, port)).expect("there is room for the stack");
}

fn cluster(number: usize, port: usize) -> String {
    let (high, low) = (number / 256, number % 256);
    let mut text = format!(
        "\
apiVersion: ztgit.dev/v1alpha1
kind: Cluster
metadata: {{name: c{number:04}}}
spec:
  labels: {{env: bench, site: s{number}}}
  network:
    podCIDRs: [10.{pods}.{block}.0/20]
    serviceCIDRs: [172.{services}.{low}.0/24]
    nodeCIDRs: [192.168.{low}.0/24]
  nodes:
    n1: {{role: server, addresses: [192.168.{low}.10]}}
    n2: {{role: agent, addresses: [192.168.{low}.11]}}
  config:
    wireguard:
      endpoint: vpn-{number}.example.org
      publicKey: {hub}
      cidr: 10.{vpn}.{low}.0/24
      peers:
        laptop: {{publicKey: {laptop}, address: 10.{vpn}.{low}.2}}
",
        pods = 128 + number / 16,
        block = number % 16 * 16,
        services = 16 + high,
        vpn = 100 + high,
        hub = key(2 * number + 1),
        laptop = key(2 * number + 2),
    );
    namespaces(&mut text, number);
    flows(&mut text, number, port);
    text
}

fn namespaces(text: &mut String, number: usize) {
    text.push_str("  namespaces:\n");
    for namespace in ["shop", "data", "back"] {
        write!(
            text,
            "    {namespace}-{number}:\n      mode: enforce\n      workloads:\n"
        )
        .expect("a string takes all text");
        for workload in ["web", "api", "store"] {
            writeln!(
                text,
                "        {workload}: {{labels: {{app: {workload}, site: s{number}}}, ports: {{main: 8080}}}}"
            )
            .expect("a string takes all text");
        }
    }
}

/// Ten among workloads, one of them with an HTTP rule; one to a name outside,
/// one to a range.
fn flows(text: &mut String, number: usize, port: usize) {
    let shop = format!("shop-{number}/api");
    let mut flows = vec![
        format!(
            "shop-to-data: {{from: {shop}, to: data-{number}/api, port: main, http: [{{method: GET, path: /v1/{number}}}]}}"
        ),
        format!(
            "to-partner: {{from: {shop}, to: {{fqdn: api-{number}.example.org}}, ports: [443]}}"
        ),
        format!(
            "to-office: {{from: {shop}, to: {{cidr: 203.0.113.{}/32}}, ports: [{port}]}}",
            number % 254 + 1
        ),
    ];
    for namespace in ["shop", "data", "back"] {
        for (from, to) in [("web", "api"), ("api", "store"), ("web", "store")] {
            let place = format!("{namespace}-{number}");
            flows.push(format!(
                "{namespace}-{from}-to-{to}: {{from: {place}/{from}, to: {place}/{to}, port: main}}"
            ));
        }
    }
    let flows = flows.join("\n    ");
    writeln!(text, "  flows:\n    {flows}").expect("a string takes all text");
}

/// Text in the form of a WireGuard key, of 32 bytes.
fn key(number: usize) -> String {
    format!("bench{number:037}A=")
}

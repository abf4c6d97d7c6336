//! Stacks that several tests start from.

/// Two small clusters with one plugin, one namespace and one flow each; enough
/// for what is not about a plugin.
pub(crate) const TWO_CLUSTERS: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata: {name: small}
spec:
  plugins: {cilium: {}}
  defaults:
    flux: {source: {url: \"https://git.example.net/fleet.git\"}}
    nodes: {one: {role: server, addresses: [192.168.1.10]}}
    namespaces:
      demo:
        mode: enforce
        workloads:
          web: {labels: {app: web}, ports: {http: 8080}}
          api: {labels: {app: api}, ports: {http: 5000}}
    flows:
      web-to-api: {from: demo/web, to: demo/api, port: http}
  clusters:
    home: {labels: {env: home}}
    lab: {labels: {env: lab}}
";

/// Its first file, for those who change one.
pub(crate) const POLICY: &str =
    "rendered/home/allow/cilium/demo/ciliumnetworkpolicy.cilium.io-web-to-api.egress.yaml";

/// The maintained stack of a single node.
pub(crate) const HOMELAB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/homelab");

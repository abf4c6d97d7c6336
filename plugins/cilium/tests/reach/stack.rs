//! A stack as the test sees it: just enough to say what must be allowed.

use std::net::IpAddr;

use serde_json::{Value, json};
use ztgit_policy::model::LabelSet;
use ztgit_policy::reach::{Endpoint, World};

/// Somebody in a namespace that the stack does not declare.
pub(crate) const STRANGER: &str = "stranger";
/// The cluster's DNS.
pub(crate) const DNS: &str = "kube-dns";
/// The API server.
pub(crate) const API_SERVER: &str = "kube-apiserver";
/// The node that the pods run on.
pub(crate) const HOST: &str = "host";
/// Another node.
pub(crate) const OTHER_NODE: &str = "remote-node";
/// In the range of flows to ranges.
pub(crate) const INSIDE: &str = "198.51.100.10";
/// In that range, and excepted.
pub(crate) const EXCEPTED: &str = "198.51.100.200";
/// In no range.
pub(crate) const OUTSIDE: &str = "203.0.113.5";
/// The metadata service.
pub(crate) const METADATA: &str = "169.254.169.254";
/// Ports that every workload listens on.
pub(crate) const PORTS: [u16; 2] = [8080, 9090];
/// The port of flows to ranges and of those that come from outside.
pub(crate) const OUTER_PORT: u16 = 443;

/// How far a namespace goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Observe,
    Audit,
    Enforce,
}

/// A workload by its position: namespace, then workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Workload(pub(crate) usize, pub(crate) usize);

/// A flow of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// From one workload to another.
    Between(Workload, Workload, Way),
    /// From a workload to a range of the world.
    ToRange(Workload),
    /// From a workload to the API server.
    ToApiServer(Workload),
    /// From everywhere outside to a workload.
    FromWorld(Workload),
}

/// What may pass between two workloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Everything on one port.
    Port(u16),
    /// Everything.
    Everything,
    /// GET of `/x` on the first port.
    Request,
    /// Nothing on one port, whatever allows it.
    Denied(u16),
}

/// A random stack.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    /// Of each namespace its mode, and how many workloads it has.
    pub(crate) namespaces: Vec<(Mode, usize)>,
    /// At most one between two workloads in each direction: two that void each other
    /// are refused.
    pub(crate) flows: Vec<Flow>,
}

impl Workload {
    /// Its name among the endpoints.
    pub(crate) fn name(self) -> String {
        format!("n{}/w{}", self.0, self.1)
    }

    fn peer(self) -> Value {
        json!({"workload": {"namespace": format!("n{}", self.0), "name": format!("w{}", self.1)}})
    }

    fn label(self) -> String {
        format!("w{}", self.1)
    }
}

impl Stack {
    pub(crate) fn workloads(&self) -> impl Iterator<Item = Workload> {
        let namespaces = self.namespaces.iter().enumerate();
        namespaces.flat_map(|(n, (_, count))| (0..*count).map(move |w| Workload(n, w)))
    }

    pub(crate) fn mode(&self, workload: Workload) -> Mode {
        self.namespaces[workload.0].0
    }

    /// As a change of the homelab's cluster.
    pub(crate) fn cluster(&self) -> Value {
        let mut namespaces = json!({"my-app": null});
        for (n, (mode, count)) in self.namespaces.iter().enumerate() {
            let mut workloads = json!({});
            for w in 0..*count {
                let workload = Workload(n, w);
                workloads[workload.label()] = json!({"labels": {"app": workload.label()}});
            }
            let mode = format!("{mode:?}").to_lowercase();
            namespaces[format!("n{n}")] =
                json!({"mode": mode, "create": true, "workloads": workloads});
        }
        let mut flows = json!({"frontend-to-api": null});
        for (index, flow) in self.flows.iter().enumerate() {
            flows[format!("f{index}")] = flow.json();
        }
        json!({"namespaces": namespaces, "flows": flows})
    }

    /// Everybody who is asked about.
    pub(crate) fn world(&self) -> World {
        let mut world = World::default();
        let mut add = |name: &str, endpoint| world.endpoints.insert(name.to_owned(), endpoint);
        let pod = |namespace: &str, key: &str, value: &str| {
            Endpoint::pod(LabelSet::of_pod(namespace, [(key, value)], [], None))
        };
        for workload in self.workloads() {
            let namespace = format!("n{}", workload.0);
            add(&workload.name(), pod(&namespace, "app", &workload.label()));
        }
        add(STRANGER, pod("elsewhere", "app", "w0"));
        add(DNS, pod("kube-system", "k8s-app", "kube-dns"));
        add(API_SERVER, Endpoint::kube_apiserver());
        add(HOST, Endpoint::host());
        add(OTHER_NODE, Endpoint::remote_node());
        for address in [INSIDE, EXCEPTED, OUTSIDE, METADATA] {
            let parsed: IpAddr = address.parse().expect("an address");
            add(address, Endpoint::world(parsed));
        }
        world
    }
}

impl Flow {
    fn json(self) -> Value {
        let port = |port: u16| json!([{"port": port, "protocol": "TCP"}]);
        match self {
            Self::Between(from, to, way) => {
                let mut flow = json!({"from": from.peer(), "to": to.peer()});
                match way {
                    Way::Port(number) => flow["ports"] = port(number),
                    Way::Everything => {}
                    Way::Request => {
                        flow["ports"] = port(PORTS[0]);
                        flow["http"] = json!([{"method": "GET", "path": "/x"}]);
                    }
                    Way::Denied(number) => {
                        flow["ports"] = port(number);
                        flow["action"] = json!("deny");
                    }
                }
                flow
            }
            Self::ToRange(from) => json!({
                "from": from.peer(),
                "to": {"cidr": {"range": "198.51.100.0/24", "except": ["198.51.100.128/25"]}},
                "ports": port(OUTER_PORT)
            }),
            Self::ToApiServer(from) => json!({
                "from": from.peer(), "to": {"entity": "kube-apiserver"}, "ports": port(OUTER_PORT)
            }),
            Self::FromWorld(to) => json!({
                "from": {"entity": "world"}, "to": to.peer(), "ports": port(OUTER_PORT)
            }),
        }
    }
}

//! Flows: peers and ports resolved against what the cluster declares.

use std::collections::BTreeMap;

use ztgit_plugin::cluster::{Cluster, Flow, FlowPort, HttpMatch, Icmp, IpFamily, Peer, Protocol};

use super::node::Node;
use super::schema::{
    ClusterSpec, FlowSpec, HttpSpec, IcmpName, IcmpSpec, PeerObject, PeerSpec, PortSpec,
};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::name::is_dns_label;

/// All flows that can be resolved; the others are reported.
pub(super) fn resolve(
    cluster: &Cluster,
    spec: &ClusterSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Flow> {
    let mut flows = BTreeMap::new();
    for (name, flow) in &spec.flows {
        let mut resolver = Resolver {
            cluster,
            merged,
            name,
            diagnostics,
        };
        if !is_dns_label(name) {
            resolver.report(
                &[],
                Diagnostic::error("invalid-name", format!("`{name}` cannot name a flow")).hint(
                    "use lower-case letters, digits and `-`, at most 63: the name becomes part of the policies'",
                ),
            );
            continue;
        }
        if let Some(flow) = resolver.flow(flow) {
            flows.insert(name.clone(), flow);
        }
    }
    flows
}

struct Resolver<'a> {
    cluster: &'a Cluster,
    merged: &'a Node,
    name: &'a str,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    fn report(&mut self, below: &[&str], diagnostic: Diagnostic) {
        let path = [&["flows", self.name], below].concat();
        self.diagnostics
            .push(diagnostic.at(self.merged.place(path)));
    }

    fn flow(&mut self, spec: &FlowSpec) -> Option<Flow> {
        let from = self.peer("from", &spec.from);
        let to = self.peer("to", &spec.to);
        let (from, to) = (from?, to?);
        let ports = self.ports(spec, &to)?;
        Some(Flow {
            from,
            to,
            ports,
            icmp: spec.icmp.iter().flat_map(icmp).collect(),
            http: spec
                .http
                .iter()
                .map(http)
                .chain(spec.grpc.iter().map(|called| grpc(called)))
                .collect(),
            server_names: spec.server_names.clone(),
            authentication: spec.authentication,
            action: spec.action,
        })
    }

    fn peer(&mut self, end: &str, spec: &PeerSpec) -> Option<Peer> {
        match spec {
            PeerSpec::Short(text) => self.workload(end, text),
            PeerSpec::Object(object) => self.object(end, object),
        }
    }

    fn workload(&mut self, end: &str, text: &str) -> Option<Peer> {
        let (namespace, workload) = text.split_once('/')?;
        let Some(declared) = self.cluster.namespaces.get(namespace) else {
            let known = self.cluster.namespaces.keys().map(String::as_str);
            let hint = did_you_mean(namespace, known);
            self.dangling(end, format!("there is no namespace `{namespace}`"), hint);
            return None;
        };
        if workload == "*" {
            return Some(Peer::Pods {
                namespace: namespace.to_owned(),
                labels: BTreeMap::new(),
            });
        }
        if !declared.workloads.contains_key(workload) {
            let hint = did_you_mean(workload, declared.workloads.keys().map(String::as_str));
            let message = format!("namespace `{namespace}` has no workload `{workload}`");
            self.dangling(end, message, hint);
            return None;
        }
        Some(Peer::Workload {
            namespace: namespace.to_owned(),
            name: workload.to_owned(),
        })
    }

    fn dangling(&mut self, end: &str, message: String, hint: Option<String>) {
        let mut diagnostic = Diagnostic::error("unknown-reference", message);
        if let Some(hint) = hint {
            diagnostic = diagnostic.hint(hint);
        }
        self.report(&[end], diagnostic);
    }

    fn object(&mut self, end: &str, object: &PeerObject) -> Option<Peer> {
        let mut peers: Vec<Peer> = Vec::new();
        peers.extend(object.entity.map(Peer::Entity));
        peers.extend(object.cidr.map(|range| Peer::Cidr {
            range,
            except: object.except.clone(),
        }));
        peers.extend(object.fqdn.clone().map(Peer::Fqdn));
        if let Some(nodes) = &object.nodes {
            peers.push(Peer::Nodes {
                labels: nodes.labels.clone(),
            });
        }
        if let Some(pods) = &object.pods {
            peers.push(Peer::Pods {
                namespace: pods.namespace.clone(),
                labels: pods.labels.clone(),
            });
        }
        if object.cidr.is_none() && !object.except.is_empty() {
            self.report(
                &[end, "except"],
                Diagnostic::error(
                    "ambiguous-peer",
                    "`except` is taken from a `cidr`, and there is none",
                )
                .hint("for everything outside but some ranges: `cidr: 0.0.0.0/0` with `except`"),
            );
            return None;
        }
        if peers.len() != 1 {
            self.report(
                &[end],
                Diagnostic::error("ambiguous-peer", "one end of a flow is exactly one thing").hint(
                    "give one of `entity`, `cidr`, `fqdn`, `nodes`, `pods`; write a flow for each of several",
                ),
            );
            return None;
        }
        peers.pop()
    }

    fn ports(&mut self, spec: &FlowSpec, to: &Peer) -> Option<Vec<FlowPort>> {
        let mut ports = Vec::new();
        let mut complete = true;
        let single = spec.port.iter().map(|port| (vec!["port".to_owned()], port));
        let listed = spec
            .ports
            .iter()
            .enumerate()
            .map(|(index, port)| (vec!["ports".to_owned(), index.to_string()], port));
        for (path, port) in single.chain(listed) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match self.port(port, to, &path) {
                Some(port) => ports.push(port),
                None => complete = false,
            }
        }
        ports.sort_unstable();
        ports.dedup();
        complete.then_some(ports)
    }

    fn port(&mut self, spec: &PortSpec, to: &Peer, path: &[&str]) -> Option<FlowPort> {
        match spec {
            PortSpec::Number(port) => Some(FlowPort {
                port: *port,
                end_port: None,
                protocol: self.protocol_of(*port, to),
            }),
            PortSpec::Full(full) => {
                if full.end_port.is_some_and(|end| end < full.port) {
                    let end = full.end_port.unwrap_or_default();
                    self.report(
                        path,
                        Diagnostic::error(
                            "port-range",
                            format!("the range {}-{end} ends before it begins", full.port),
                        ),
                    );
                    return None;
                }
                Some(FlowPort {
                    port: full.port,
                    end_port: full.end_port,
                    protocol: full.protocol,
                })
            }
            PortSpec::Name(name) => self.named_port(name, to, path),
        }
    }

    /// A plain number is the protocol that the workload declares for it.
    fn protocol_of(&self, port: u16, to: &Peer) -> Protocol {
        let Peer::Workload { namespace, name } = to else {
            return Protocol::Tcp;
        };
        self.cluster.namespaces[namespace].workloads[name]
            .ports
            .values()
            .find(|declared| declared.port == port)
            .map_or(Protocol::Tcp, |declared| declared.protocol)
    }

    fn named_port(&mut self, name: &str, to: &Peer, path: &[&str]) -> Option<FlowPort> {
        let Peer::Workload {
            namespace,
            name: workload,
        } = to
        else {
            self.report(
                path,
                Diagnostic::error(
                    "unknown-reference",
                    format!("`{name}` names a port, but `to` is not a declared workload"),
                )
                .hint("give the port as a number"),
            );
            return None;
        };
        let ports = &self.cluster.namespaces[namespace].workloads[workload].ports;
        let Some(declared) = ports.get(name) else {
            let mut diagnostic = Diagnostic::error(
                "unknown-reference",
                format!("workload `{namespace}/{workload}` has no port `{name}`"),
            );
            if let Some(hint) = did_you_mean(name, ports.keys().map(String::as_str)) {
                diagnostic = diagnostic.hint(hint);
            }
            self.report(path, diagnostic);
            return None;
        };
        Some(FlowPort {
            port: declared.port,
            end_port: None,
            protocol: declared.protocol,
        })
    }
}

fn http(spec: &HttpSpec) -> HttpMatch {
    HttpMatch {
        method: spec.method.clone(),
        path: spec.path.clone(),
        path_regex: spec.path_regex.clone(),
        host: spec.host.clone(),
        headers: spec.headers.clone(),
    }
}

/// A gRPC call is a POST to `/package.Service/Method`, without a query:
/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.
fn grpc(called: &str) -> HttpMatch {
    let path = match called.split_once('/') {
        Some((service, method)) => format!("/{}/{method}", service.replace('.', "[.]")),
        None => format!("/{}/[^/]+", called.replace('.', "[.]")),
    };
    HttpMatch {
        method: Some("POST".to_owned()),
        path_regex: Some(path),
        ..HttpMatch::default()
    }
}

fn icmp(spec: &IcmpSpec) -> Vec<Icmp> {
    let of = |family, message_type| Icmp {
        family,
        message_type,
    };
    match spec {
        IcmpSpec::Name(IcmpName::Echo) => vec![of(IpFamily::IPv4, 8), of(IpFamily::IPv6, 128)],
        IcmpSpec::Number(icmp) => vec![*icmp],
    }
}

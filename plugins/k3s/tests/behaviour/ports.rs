//! Which ports the plugin asks for.

use ztgit_plugin::FactScope;
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource, StandardFact};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_k3s::K3S;

use crate::support::{homelab, nodes};

fn ports(harness: &Harness<K3S>) -> Vec<(Vec<String>, u16, Option<u16>, HostPortSource)> {
    harness
        .facts()
        .facts
        .into_iter()
        .map(|fact| {
            assert_eq!(fact.kind, HostPort::KIND);
            let port: HostPort = serde_json::from_value(fact.value).expect("a host-port");
            assert_eq!(port.protocol, Protocol::Tcp);
            let FactScope::Nodes(nodes) = fact.scope else {
                panic!("ports are on nodes")
            };
            (nodes, port.port, port.end_port, port.from)
        })
        .collect()
}

#[test]
fn a_single_server_is_reached_by_nodes_and_pods_only() {
    let pi = || vec!["pi-1".to_owned()];
    assert_eq!(
        ports(&homelab()),
        [
            (pi(), 6443, None, HostPortSource::Nodes),
            (pi(), 10250, None, HostPortSource::Nodes),
            (pi(), 6443, None, HostPortSource::Pods),
            (pi(), 10250, None, HostPortSource::Pods),
        ]
    );
}

#[test]
fn etcd_is_open_among_servers_where_there_are_several() {
    let roles = [
        ("pi-1", "server"),
        ("pi-2", "server"),
        ("pi-3", "server"),
        ("pi-4", "agent"),
    ];
    let ports = ports(&homelab().patch_cluster(&nodes(&roles)));
    let of = |port: u16| -> Vec<_> { ports.iter().filter(|entry| entry.1 == port).collect() };
    let [etcd] = of(2379)[..] else {
        panic!("one fact for etcd")
    };
    assert_eq!(
        (etcd.0.join(" ").as_str(), etcd.2, &etcd.3),
        ("pi-1 pi-2 pi-3", Some(2380), &HostPortSource::Nodes)
    );
    assert!(
        of(6443)
            .iter()
            .all(|entry| entry.0.join(" ") == "pi-1 pi-2 pi-3")
    );
    assert!(
        of(10250)
            .iter()
            .all(|entry| entry.0.join(" ") == "pi-1 pi-2 pi-3 pi-4")
    );
}

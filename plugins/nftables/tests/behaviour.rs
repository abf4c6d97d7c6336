//! The rendered rules between real sockets: who reaches what, with either
//! back-end.

use serde_json::{Value, json};
use ztgit_plugin::FactScope;
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource, PodRoute};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_nftables::Nftables;
use ztgit_test_support::Sandbox;

const WORLD: &str = include_str!("world/world.sh");
const REACH: &str = include_str!("world/reach.pl");

const TOOLS: [&str; 6] = ["nft", "iptables-restore", "ip", "perl", "mktemp", "mount"];

fn port(protocol: Protocol, port: u16, from: HostPortSource) -> HostPort {
    HostPort {
        protocol,
        port,
        end_port: None,
        from,
        purpose: "a test".to_owned(),
    }
}

/// The firewall of the node in the middle of that world, with some config
/// besides.
fn firewall(config: Value) -> Harness<Nftables> {
    let vpn = || HostPortSource::Ranges {
        ranges: ["10.100.0.0/24", "fd00:100::/64"]
            .map(|range| range.parse().expect("a range"))
            .to_vec(),
        interface: Some("wg0".to_owned()),
    };
    let facts = [
        port(Protocol::Tcp, 80, HostPortSource::World),
        port(Protocol::Udp, 51820, HostPortSource::World),
        port(Protocol::Tcp, 6443, HostPortSource::Nodes),
        port(Protocol::Tcp, 6443, HostPortSource::Pods),
        port(Protocol::Tcp, 6443, vpn()),
        port(Protocol::Tcp, 10250, HostPortSource::Nodes),
        port(Protocol::Tcp, 22, vpn()),
    ];
    let harness = Harness::homelab().config(config).patch_cluster(&json!({
        "network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]},
        "nodes": {
            "pi-1": {"addresses": ["192.168.3.10", "fd00:3::10"]},
            "pi-2": {"role": "agent", "addresses": ["192.168.3.11", "fd00:3::11"]},
        },
    }));
    facts.iter().fold(harness, |harness, fact| {
        harness.fact("a-plugin", FactScope::Cluster, fact)
    })
}

fn break_glass(backend: &str) -> Value {
    json!({"backend": backend, "ssh": {"breakGlass": ["192.168.1.0/24", "fd00:1::/64"]}})
}

/// What is reached once the firewall is loaded.
fn reached(test: &str, harness: Harness<Nftables>) -> Option<String> {
    let said = in_world(test, harness, "load; probe_everything")?;
    // Whoever reaches nothing leaves a space behind the colon.
    let trimmed = said.lines().map(|line| format!("{}\n", line.trim_end()));
    Some(trimmed.collect())
}

/// What a script says in that world, with the node's files in their places.
fn in_world(test: &str, harness: Harness<Nftables>, script: &str) -> Option<String> {
    let sandbox = Sandbox::new(test, &TOOLS)?;
    let rendered = harness.render();
    assert_eq!(rendered.errors(), [""; 0]);
    sandbox.write("reach.pl", REACH);
    let of_node = rendered
        .files()
        .filter(|file| file.target == ztgit_plugin::FileTarget::Node("pi-1".to_owned()));
    let mut loader = String::new();
    for file in of_node {
        let name = file.path.rsplit('/').next().expect("a path has a name");
        sandbox.write(name, std::str::from_utf8(&file.content).expect("text"));
        if name.ends_with("-load") {
            name.clone_into(&mut loader);
        }
    }
    let load = format!(
        "mkdir -p /etc/ztgit
        mount -t tmpfs none /etc/ztgit
        cp *.nft *.rules /etc/ztgit 2>/dev/null || true
        load() {{ bash {loader} /etc/ztgit/nftables.nft; }}"
    );
    Some(sandbox.run(&format!("{load}\n{WORLD}\n{script}")))
}

const AS_THE_FACTS_SAY: &str = "\
world: 80/tcp 51820/udp
world6: 80/tcp 51820/udp
lan: 22/tcp 80/tcp 51820/udp
lan6: 22/tcp 80/tcp 51820/udp
node: 80/tcp 6443/tcp 10250/tcp 51820/udp
node6: 80/tcp 6443/tcp 10250/tcp 51820/udp
vpn: 22/tcp 80/tcp 6443/tcp 51820/udp
vpn6: 22/tcp 80/tcp 6443/tcp 51820/udp
pod: 80/tcp 6443/tcp 51820/udp
pod6: 80/tcp 6443/tcp 51820/udp
vpn-to-pod:
world-to-pod: 8080/tcp
pod-to-world: 8080/tcp
pod-to-vpn:
lan-to-world:
self: 22/tcp 80/tcp 6443/tcp 9999/tcp 10250/tcp 51820/udp
";

#[test]
fn everybody_reaches_what_the_facts_say_and_no_more() {
    let Some(reached) = reached("reached_nft", firewall(break_glass("nftables"))) else {
        return;
    };
    assert_eq!(reached, AS_THE_FACTS_SAY);
}

#[test]
fn iptables_admits_exactly_whom_nft_admits() {
    let Some(reached) = reached("reached_iptables", firewall(break_glass("iptables"))) else {
        return;
    };
    assert_eq!(reached, AS_THE_FACTS_SAY);
}

#[test]
#[ignore = "slow: several worlds, one after the other"]
fn a_route_to_pods_lets_the_vpn_in_and_no_pod_out() {
    let route = PodRoute {
        interface: "wg0".to_owned(),
        range: "10.100.0.0/24".parse().expect("a range"),
        purpose: "a test".to_owned(),
    };
    for backend in ["nftables", "iptables"] {
        let harness = firewall(break_glass(backend));
        let harness = harness.fact("a-plugin", FactScope::Cluster, &route);
        let Some(reached) = reached(&format!("pod_route_{backend}"), harness) else {
            return;
        };
        let expected = AS_THE_FACTS_SAY.replace("vpn-to-pod:", "vpn-to-pod: 8080/tcp");
        assert_eq!(reached, expected, "{backend}");
    }
}

#[test]
#[ignore = "slow: several worlds, one after the other"]
fn too_many_logins_from_one_address_are_refused_and_no_others() {
    let script = "
        load
        for attempt in 1 2 3 4 5; do
            ip netns exec lan perl reach.pl probe lan 192.168.1.10 22/tcp 80/tcp
        done
        ip netns exec vpn perl reach.pl probe vpn 10.100.0.1 22/tcp";
    for backend in ["nftables", "iptables"] {
        let mut config = break_glass(backend);
        config["limits"] = json!({"sshPerMinute": 3});
        let Some(said) = in_world(&format!("limits_{backend}"), firewall(config), script) else {
            return;
        };
        let logins = said.lines().filter(|line| *line == "lan: 22/tcp 80/tcp");
        assert!((3..=4).contains(&logins.count()), "{backend}: {said}");
        assert!(
            said.contains("\nlan: 80/tcp\nvpn: 22/tcp\n"),
            "{backend}: {said}"
        );
    }
}

//! What the plugin makes of facts: rulesets, files, findings.

use serde_json::{Value, json};
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource, PodRoute};
use ztgit_plugin::testing::{Harness, Rendered, homelab};
use ztgit_plugin::{
    Activation, Fact, FactScope, Facts, Place, Plugin, Rendering, StatedFact, config_schema,
};
use ztgit_plugin_nftables::{Config, Nftables};

const RULESET: &str = "/etc/ztgit/nftables.nft";
const UNIT: &str = "/etc/systemd/system/ztgit-nftables.service";

fn tcp(port: u16, from: HostPortSource) -> HostPort {
    HostPort {
        protocol: Protocol::Tcp,
        port,
        end_port: None,
        from,
        purpose: "a test".to_owned(),
    }
}

fn udp(port: u16, from: HostPortSource) -> HostPort {
    HostPort {
        protocol: Protocol::Udp,
        ..tcp(port, from)
    }
}

fn ranges(ranges: &[&str], interface: Option<&str>) -> HostPortSource {
    let ranges = ranges
        .iter()
        .map(|range| range.parse().expect("a range"))
        .collect();
    HostPortSource::Ranges {
        ranges,
        interface: interface.map(ToOwned::to_owned),
    }
}

fn vpn() -> HostPortSource {
    ranges(&["10.100.0.0/24"], Some("wg0"))
}

/// A firewall with nothing to complain about: SSH in an emergency, the API
/// for pods and nodes.
fn sound() -> Harness<Nftables> {
    Harness::homelab()
        .config(json!({"ssh": {"breakGlass": ["192.168.1.0/24"]}}))
        .fact("k3s", FactScope::Cluster, &tcp(6443, HostPortSource::Pods))
        .fact("k3s", FactScope::Cluster, &tcp(6443, HostPortSource::Nodes))
}

fn with(fact: &HostPort) -> Rendered {
    sound().fact("other", FactScope::Cluster, fact).render()
}

fn two_nodes() -> Value {
    json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}})
}

fn rule_of(rendered: &Rendered, port: u16) -> Vec<&str> {
    let dport = format!(" dport {port} ");
    let rules = rendered.file("pi-1", RULESET).lines().map(str::trim);
    rules
        .filter(|line| format!(" {line}").contains(&dport))
        .collect()
}

fn assert_fact_error(rendered: &Rendered, code: &str) {
    assert_eq!(rendered.errors(), [code], "{:#?}", rendered.0.diagnostics);
    let finding = &rendered.0.diagnostics[0];
    assert!(
        matches!(finding.place, Place::Fact(_)),
        "{:?}",
        finding.place
    );
    assert!(!finding.hints.is_empty());
}

/// The facts that the homelab's plugins state, and the whole file.
#[test]
fn the_homelabs_ruleset() {
    let stated = |purpose: &str, fact: HostPort| HostPort {
        purpose: purpose.to_owned(),
        ..fact
    };
    let rendered = sound()
        .fact(
            "wireguard",
            FactScope::Cluster,
            &stated("WireGuard", udp(51820, HostPortSource::World)),
        )
        .fact(
            "wireguard",
            FactScope::Cluster,
            &stated("SSH over the VPN", tcp(22, vpn())),
        )
        .fact(
            "gateway-tls",
            FactScope::Cluster,
            &stated("HTTPS", tcp(443, HostPortSource::World)),
        )
        .fact(
            "gateway-tls",
            FactScope::Cluster,
            &stated("HTTP", tcp(80, HostPortSource::World)),
        )
        .render();
    assert_eq!(rendered.0.diagnostics, []);
    assert_eq!(rendered.file("pi-1", RULESET), include_str!("homelab.nft"));
}

#[test]
fn each_source_becomes_its_match() {
    for (source, expected) in [
        (
            HostPortSource::World,
            "tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            HostPortSource::Nodes,
            "ip saddr @nodes4 tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            HostPortSource::Pods,
            "iifname { \"lxc*\", \"cilium_*\" } ip saddr @pods4 tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            ranges(&["10.0.0.0/8"], None),
            "ip saddr 10.0.0.0/8 tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            vpn(),
            "iifname \"wg0\" ip saddr 10.100.0.0/24 tcp dport 7 accept comment \"other: a test\"",
        ),
    ] {
        assert_eq!(rule_of(&with(&tcp(7, source)), 7), [expected]);
    }
}

#[test]
fn both_families_get_a_rule_each() {
    let rendered = sound()
        .patch_cluster(&json!({"nodes": {"pi-1": {"addresses": ["192.168.1.10", "fd00:1::10"]}}}))
        .fact("other", FactScope::Cluster, &tcp(7, HostPortSource::Nodes))
        .render();
    let rules = rule_of(&rendered, 7);
    assert_eq!(rules.len(), 2);
    assert!(
        rules[0].starts_with("ip saddr @nodes4 ") && rules[1].starts_with("ip6 saddr @nodes6 ")
    );
    assert!(
        rendered
            .file("pi-1", RULESET)
            .contains("\t\telements = { fd00:1::10 }\n")
    );
}

#[test]
fn a_range_of_ports_is_one_rule() {
    let rendered = with(&HostPort {
        end_port: Some(9),
        ..udp(7, HostPortSource::World)
    });
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(ruleset.contains("\t\tudp dport 7-9 accept comment \"other: a test\"\n"));
}

#[test]
fn a_fact_holds_only_on_the_nodes_that_it_covers() {
    let only_second = FactScope::Nodes(vec!["pi-2".to_owned()]);
    let rendered = sound()
        .patch_cluster(&two_nodes())
        .fact("other", only_second, &tcp(7, HostPortSource::World))
        .render();
    assert!(!rendered.file("pi-1", RULESET).contains("dport 7 "));
    assert!(rendered.file("pi-2", RULESET).contains("dport 7 "));
}

#[test]
fn every_node_knows_the_addresses_of_all() {
    let rendered = sound().patch_cluster(&two_nodes()).render();
    let elements = "\t\telements = { 192.168.1.10, 192.168.1.11 }\n";
    assert!(rendered.file("pi-1", RULESET).contains(elements));
    assert!(rendered.file("pi-2", RULESET).contains(elements));
}

#[test]
fn the_priority_is_a_setting() {
    for (priority, written) in [(0, "filter"), (20, "filter + 20"), (-20, "filter - 20")] {
        let rendered = sound().config(json!({"priority": priority})).render();
        let hooks = rendered
            .file("pi-1", RULESET)
            .matches(&format!("priority {written};"))
            .count();
        assert_eq!(hooks, 2, "{priority}");
    }
}

#[test]
fn the_priority_is_stated_for_others() {
    let stated = |config: Value| -> Vec<Value> {
        let facts = sound().config(config).facts().facts;
        facts.into_iter().map(|fact| fact.value).collect()
    };
    let chain = |hook: &str, priority: i32| json!({"hook": hook, "priority": priority, "purpose": "the nodes' firewall"});
    let own = stated(json!({"priority": 20}));
    assert_eq!(own, [chain("input", 20), chain("forward", 20)]);
    let of_iptables = stated(json!({"backend": "iptables"}));
    assert_eq!(of_iptables, [chain("input", 0), chain("forward", 0)]);
}

#[test]
fn logging_is_a_setting_and_can_be_off() {
    let with = |log: Value| {
        let rendered = sound().config(json!({"log": log})).render();
        rendered.file("pi-1", RULESET).to_owned()
    };
    let own = with(json!({"prefix": "fw", "perMinute": 3, "burst": 5}));
    for chain in ["input", "forward"] {
        let rule = format!(
            "\t\tlimit rate 3/minute burst 5 packets log prefix \"fw-{chain} \" level info\n"
        );
        assert!(own.contains(&rule), "{own}");
    }
    assert!(!with(json!({"perMinute": 0})).contains("log prefix"));
}

#[test]
fn a_prefix_of_the_log_that_could_end_its_quotes_is_refused() {
    for prefix in ["", "a b", "a\"", "a\n", "twenty-one-characters"] {
        let config = json!({"log": {"prefix": prefix}});
        assert!(
            serde_json::from_value::<Config>(config).is_err(),
            "{prefix}"
        );
    }
    let pattern = &config_schema::<Nftables>()["$defs"]["Log"]["properties"]["prefix"]["pattern"];
    assert_eq!(pattern, "^[A-Za-z0-9_.-]{1,20}$");
}

#[test]
fn nothing_is_limited_unless_asked_for() {
    let ruleset = |limits: Value| {
        let rendered = sound().config(json!({"limits": limits})).render();
        rendered.file("pi-1", RULESET).to_owned()
    };
    assert!(!ruleset(json!({})).contains("rate over"));
    let ping = ruleset(json!({"pingPerSecond": 5}));
    assert!(ping.contains("\t\ticmp type echo-request limit rate over 5/second drop\n"));
    assert!(ping.contains("\t\ticmpv6 type echo-request limit rate over 5/second drop\n"));
    let ssh = ruleset(json!({"sshPerMinute": 10}));
    assert!(
        ssh.contains("add @ssh6 { ip6 saddr limit rate over 10/minute burst 10 packets } drop")
    );
}

#[test]
fn without_cilium_pods_are_told_by_their_addresses() {
    let rendered = sound()
        .patch_cluster(&json!({"cni": {"name": "calico"}}))
        .render();
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(!ruleset.contains("lxc") && !ruleset.contains("meta mark"));
    assert!(ruleset.contains("\t\tip saddr @pods4 accept\n\t\tip daddr @pods4 accept\n"));
}

#[test]
fn a_tunnel_leads_to_no_pod() {
    let rendered = with(&tcp(22, vpn()));
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(ruleset.contains("oifname { \"lxc*\", \"cilium_*\" } iifname != \"wg0\" accept\n"));
    assert!(ruleset.contains("iifname { \"lxc*\", \"cilium_*\" } oifname != \"wg0\" accept\n"));
}

fn render_pod_route(interface: &str) -> Rendered {
    let route = PodRoute {
        interface: interface.to_owned(),
        range: "10.100.0.0/24".parse().expect("a range"),
        purpose: "pods".to_owned(),
    };
    sound()
        .fact("wireguard", FactScope::Cluster, &route)
        .render()
}

fn render_site_route(value: Value) -> Rendered {
    let cluster = serde_json::from_value(homelab()).expect("a cluster");
    let config = serde_json::from_value(json!({})).expect("a config");
    let kind = "ztgit.dev/site-route".to_owned();
    let fact = Fact {
        kind,
        scope: FactScope::Cluster,
        value,
    };
    let facts = Facts::new(vec![StatedFact {
        provider: "wireguard".to_owned(),
        fact,
    }]);
    Rendered(Nftables::render(&cluster, &config, &facts))
}

#[test]
fn a_tunnel_leads_to_pods_where_a_fact_says_so() {
    let rendered = render_pod_route("wg0");
    assert!(rendered.file("pi-1", RULESET).contains(
        "\t\tiifname \"wg0\" ip saddr 10.100.0.0/24 oifname { \"lxc*\", \"cilium_*\" } \
         accept comment \"wireguard: pods\"\n"
    ));
}

fn site_route(interface: &str, opener: &str) -> Value {
    json!({
        "interface": interface, "opener": opener, "purpose": "sites",
        "remote": ["192.168.7.0/24", "fd00:7::/64"],
        "local": ["192.168.1.0/24", "192.168.2.0/24"],
    })
}

#[test]
fn networks_reach_one_another_through_a_tunnel_as_the_fact_says() {
    let remote = render_site_route(site_route("mesh0", "remote"));
    let ruleset = remote.file("pi-1", RULESET);
    assert!(ruleset.contains(
        "\t\tiifname \"mesh0\" ip saddr 192.168.7.0/24 ip daddr { 192.168.1.0/24, 192.168.2.0/24 } \
         accept comment \"wireguard: sites\"\n"
    ));
    assert!(!ruleset.contains("oifname \"mesh0\" ip") && !ruleset.contains("fd00:7"));
    let local = render_site_route(site_route("mesh0", "local"));
    assert!(local.file("pi-1", RULESET).contains(
        "\t\toifname \"mesh0\" ip daddr 192.168.7.0/24 ip saddr { 192.168.1.0/24, 192.168.2.0/24 } \
         accept comment \"wireguard: sites\"\n"
    ));
}

#[test]
fn a_route_that_cannot_be_read_is_refused() {
    let half = json!({"interface": "wg0"});
    assert_fact_error(&render_site_route(half), "site-route");
    assert_fact_error(&render_pod_route("wg*"), "interface");
    assert_fact_error(&render_site_route(site_route("wg\n", "local")), "interface");
}

#[test]
fn the_last_line_is_the_end_mark() {
    let rendered = sound().render();
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(ruleset.ends_with("}\n# ztgit: end of ruleset\n"));
    assert_eq!(ruleset.matches("end of ruleset").count(), 1);
}

#[test]
fn nothing_reaches_beyond_the_own_table() {
    let rendered = sound().render();
    let ruleset = rendered.file("pi-1", RULESET);
    for word in ["flush", "destroy", "include", "ruleset\n}"] {
        assert!(!ruleset.contains(word), "{word}");
    }
}

#[test]
fn the_unit_never_takes_the_firewall_away() {
    let rendered = sound().render();
    let unit = rendered.file("pi-1", UNIT);
    assert!(unit.contains("\nBefore=network-pre.target "));
    assert!(!unit.lines().any(|line| line.starts_with("ExecStop")));
    let loads = |key: &str| {
        unit.contains(&format!(
            "\n{key}=/usr/local/lib/ztgit/nft-load /etc/ztgit/nftables.nft\n"
        ))
    };
    assert!(loads("ExecStart") && loads("ExecReload"));
}

#[test]
fn files_have_their_modes_and_take_effect() {
    let rendered = sound().render();
    let files: Vec<_> = rendered
        .files()
        .map(|file| (file.path.as_str(), file.mode, file.activation.as_slice()))
        .collect();
    let enable = Activation::Enable("ztgit-nftables.service".to_owned());
    assert_eq!(
        files,
        [
            ("/usr/local/lib/ztgit/nft-load", 0o755, [].as_slice()),
            (
                "/usr/local/lib/ztgit/install.d/25-nftables.sh",
                0o755,
                [].as_slice()
            ),
            (RULESET, 0o600, [Activation::LoadNftables].as_slice()),
            (UNIT, 0o644, [Activation::DaemonReload, enable].as_slice()),
        ]
    );
    let declared = Nftables::describe().grants.host_paths;
    assert!(rendered.files().all(|file| declared.contains(&file.path)));
}

#[test]
fn guarded_ports_are_not_opened_to_everybody() {
    for port in [22, 2379, 6443, 10250] {
        assert_fact_error(&with(&tcp(port, HostPortSource::World)), "open-to-world");
    }
    assert_fact_error(&with(&udp(8472, HostPortSource::World)), "open-to-world");
    let around = HostPort {
        end_port: Some(30),
        ..tcp(20, HostPortSource::World)
    };
    assert_fact_error(&with(&around), "open-to-world");
}

#[test]
fn a_range_of_all_addresses_is_everybody_unless_a_tunnel_is_before_it() {
    assert_fact_error(&with(&tcp(22, ranges(&["::/0"], None))), "open-to-world");
    assert_eq!(
        with(&tcp(22, ranges(&["0.0.0.0/0"], Some("wg0")))).errors(),
        [""; 0]
    );
}

#[test]
fn break_glass_for_everybody_is_refused() {
    let config = json!({"ssh": {"breakGlass": ["192.168.1.0/24", "0.0.0.0/0"]}});
    let rendered = sound().config(config).render();
    assert_eq!(rendered.errors(), ["open-to-world"]);
    let place = &rendered.0.diagnostics[0].place;
    assert_eq!(*place, Place::Config("/ssh/breakGlass/1".to_owned()));
}

#[test]
fn ssh_through_the_vpn_alone_is_a_warning() {
    let fact = tcp(22, vpn());
    let rendered = sound()
        .config(json!({}))
        .fact("wireguard", FactScope::Cluster, &fact)
        .render();
    assert_eq!(rendered.warnings(), ["ssh-vpn-only"]);
}

#[test]
fn a_node_without_ssh_is_a_warning_that_names_it() {
    let first = FactScope::Nodes(vec!["pi-1".to_owned()]);
    let fact = tcp(22, ranges(&["192.168.1.0/24"], None));
    let harness = sound().config(json!({})).patch_cluster(&two_nodes());
    let rendered = harness.fact("sshd", first, &fact).render();
    assert_eq!(rendered.warnings(), ["ssh-unreachable"]);
    assert_eq!(
        rendered.0.diagnostics[0].message,
        "SSH does not reach `pi-2` at all"
    );
}

#[test]
fn an_api_server_that_pods_or_nodes_do_not_reach_is_a_warning() {
    let config = json!({"ssh": {"breakGlass": ["192.168.1.0/24"]}});
    let alone = Harness::<Nftables>::homelab()
        .config(config.clone())
        .render();
    assert_eq!(alone.warnings(), ["api-shut"]);
    let two = Harness::<Nftables>::homelab()
        .config(config)
        .patch_cluster(&two_nodes())
        .render();
    assert_eq!(two.warnings(), ["api-shut", "api-shut"]);
    assert_eq!(
        sound().patch_cluster(&two_nodes()).render().warnings(),
        [""; 0]
    );
}

#[test]
fn a_port_that_is_none_is_refused() {
    assert_fact_error(&with(&tcp(0, HostPortSource::World)), "host-port");
    let backwards = HostPort {
        end_port: Some(6),
        ..tcp(7, HostPortSource::World)
    };
    assert_fact_error(&with(&backwards), "host-port");
}

#[test]
fn an_interface_that_is_none_is_refused() {
    for name in ["wg*", "wg0\" accept #", "", "a\nb"] {
        let fact = tcp(7, ranges(&["10.100.0.0/24"], Some(name)));
        assert_fact_error(&with(&fact), "interface");
    }
}

#[test]
fn a_purpose_cannot_leave_its_comment() {
    let purpose = "x\" accept\n}\nflush ruleset #".to_owned();
    let rendered = with(&HostPort {
        purpose,
        ..tcp(7, HostPortSource::World)
    });
    let expected = "tcp dport 7 accept comment \"other: x? accept?}?flush ruleset #\"";
    assert_eq!(rule_of(&rendered, 7), [expected]);
}

#[test]
fn the_order_of_facts_does_not_matter() {
    let facts = [
        tcp(443, HostPortSource::World),
        tcp(80, HostPortSource::World),
        tcp(22, vpn()),
    ];
    let add =
        |harness: Harness<Nftables>, fact: &HostPort| harness.fact("x", FactScope::Cluster, fact);
    let Rendered(Rendering {
        artifacts: forwards,
        ..
    }) = facts.iter().fold(sound(), add).render();
    let Rendered(Rendering {
        artifacts: backwards,
        ..
    }) = facts.iter().rev().fold(sound(), add).render();
    assert_eq!(forwards, backwards);
}

#[test]
fn unknown_settings_are_refused_and_ports_are_no_setting() {
    let schema = config_schema::<Nftables>();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["$defs"]["Ssh"]["additionalProperties"], false);
    let settings: Vec<_> = schema["properties"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(settings, ["backend", "limits", "log", "priority", "ssh"]);
}

//! VPN configurations, put into effect by wireguard-go and read back with wg.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::Path;

use ztgit_test_support::{Sandbox, said};

use crate::rendered::{Place, Rendered};

const TOOLS: [&str; 6] = [
    "wg",
    "wg-quick",
    "wireguard-go",
    "ip",
    "awk",
    "/dev/net/tun",
];

/// What these networks give as the address of every name.
const ENDPOINT: &str = "203.0.113.7";

/// A machine of its own, as far as WireGuard is concerned.
const MACHINE: &str = "
    export WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go
    mkdir -p /etc/wireguard /run/wireguard
    mount -t tmpfs none /etc/wireguard
    mount -t tmpfs none /run/wireguard
    chmod 0700 /etc/wireguard
";

/// An interface, in a file's words or in wg's.
#[derive(Debug, Default, PartialEq)]
struct Interface {
    port: Option<u16>,
    peers: BTreeMap<String, Peer>,
}

#[derive(Debug, Default, PartialEq)]
struct Peer {
    endpoint: Option<String>,
    allowed: BTreeSet<String>,
    keepalive: Option<u16>,
}

impl Interface {
    /// Of the whole file, so a setting that is not known here fails.
    fn of_file(text: &str) -> Self {
        let mut interface = Self::default();
        let mut peer = None;
        for (name, value) in text.lines().filter_map(setting) {
            if name == "PublicKey" {
                peer = Some(interface.peers.entry(value.to_owned()).or_default());
                continue;
            }
            match (name, &mut peer) {
                ("Address" | "PostUp" | "MTU" | "DNS", None) => {}
                ("ListenPort", None) => interface.port = Some(value.parse().unwrap()),
                ("Endpoint", Some(peer)) => peer.endpoint = Some(address_of(value)),
                ("AllowedIPs", Some(peer)) => peer.allowed = set_of(value),
                ("PersistentKeepalive", Some(peer)) => peer.keepalive = value.parse().ok(),
                _ => panic!("no such setting is expected there: {name}"),
            }
        }
        interface
    }

    /// Of `wg show INTERFACE dump`: the interface, then one line a peer. A port
    /// that was not asked for is any.
    fn of_dump(dump: &str, asked: &Self) -> Self {
        let mut lines = dump
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let interface = lines.next().expect("the interface is shown");
        assert_ne!(interface[0], "(none)", "there is a private key");
        let peers = lines
            .map(|fields| (fields[0].to_owned(), Peer::of_dump(&fields)))
            .collect();
        Self {
            port: asked.port.and(interface[2].parse().ok()),
            peers,
        }
    }
}

impl Peer {
    fn of_dump(fields: &[&str]) -> Self {
        let endpoint = Some(fields[2].to_owned()).filter(|endpoint| endpoint != "(none)");
        Self {
            endpoint,
            allowed: set_of(fields[3]),
            keepalive: fields[7].parse().ok(),
        }
    }
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let line = line.split('#').next()?;
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value.trim()))
}

fn set_of(list: &str) -> BTreeSet<String> {
    list.split(',').map(|item| item.trim().to_owned()).collect()
}

/// An endpoint as wg shows it once its name is resolved.
fn address_of(endpoint: &str) -> String {
    let (host, port) = endpoint.rsplit_once(':').unwrap();
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(_) => endpoint.to_owned(),
        Err(_) => format!("{ENDPOINT}:{port}"),
    }
}

/// The names that a file wants resolved, as lines of `/etc/hosts`.
fn hosts_of(text: &str) -> String {
    let endpoints = text
        .lines()
        .filter_map(setting)
        .filter(|(name, _)| *name == "Endpoint");
    let hosts = endpoints.map(|(_, value)| value.rsplit_once(':').unwrap().0);
    hosts.map(|host| format!("{ENDPOINT} {host}\n")).collect()
}

fn configurations(place: &str) -> impl Fn(&str) -> bool {
    move |name| name.contains(place) && Path::new(name).extension().is_some_and(|end| end == "conf")
}

fn assert_in_effect(sandbox: &Sandbox, file: &Place, script: &str) {
    let expected = Interface::of_file(&file.text());
    assert!(!expected.peers.is_empty(), "{file} has no peers");
    let output = sandbox.script(script);
    assert!(output.status.success(), "{file}: {}", said(&output));
    let dump = String::from_utf8_lossy(&output.stdout);
    assert_eq!(Interface::of_dump(&dump, &expected), expected, "{file}");
}

#[test]
fn every_hub_comes_up_with_its_own_key_its_port_and_its_peers() {
    let Some(sandbox) = Sandbox::new("rendered_hubs", &TOOLS) else {
        return;
    };
    for file in Rendered::stacks().files(configurations("/files/etc/wireguard/")) {
        let conf = file.shell();
        let script = format!(
            "{MACHINE}
            conf={conf}; root=${{conf%/etc/wireguard/*}}
            interface=$(basename \"$conf\" .conf)
            install -m 0600 \"$conf\" /etc/wireguard
            \"$root/usr/local/lib/ztgit/wg-key\" \"$interface\" >&2
            wg-quick up \"$interface\" >&2
            wg show \"$interface\" dump"
        );
        assert_in_effect(&sandbox, &file, &script);
    }
}

#[test]
fn every_client_reaches_its_hub_once_it_has_its_private_key() {
    let Some(sandbox) = Sandbox::new("rendered_clients", &TOOLS) else {
        return;
    };
    for file in Rendered::stacks().files(configurations("/_clients/")) {
        sandbox.write("hosts", &hosts_of(&file.text()));
        let script = format!(
            "{MACHINE}
            mount --bind hosts /etc/hosts
            awk -v key=\"$(wg genkey)\" \
                '{{ print }} /^\\[Interface\\]/ {{ print \"PrivateKey = \" key }}' \
                {conf} >/etc/wireguard/client.conf
            wireguard-go client >&2
            wg setconf client <(wg-quick strip client)
            wg show client dump",
            conf = file.shell()
        );
        assert_in_effect(&sandbox, &file, &script);
    }
}

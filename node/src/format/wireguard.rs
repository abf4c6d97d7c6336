//! `wg-quick` configurations of nodes.
//!
//! `wg-quick` hands `PostUp` and its like to a shell, and `SaveConfig` writes
//! the file anew, with the private key in it. Neither is here but for the one
//! line that reads the key from its file.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::{Fault, excerpt, numbered};

/// What `PostUp` may say: the interface's key, and nothing else.
const POST_UP: [&str; 1] = ["wg set %i private-key /etc/wireguard/%i.key"];

/// The settings of one section.
type Settings = &'static [(&'static str, fn(&str) -> bool)];

const INTERFACE: Settings = &[
    ("Address", is_network_list),
    ("ListenPort", is_port),
    ("MTU", is_mtu),
    ("Table", |value| value == "off"),
    ("PostUp", is_post_up),
];

const PEER: Settings = &[
    ("PublicKey", is_key),
    ("AllowedIPs", is_network_list),
    ("Endpoint", is_endpoint),
    ("PersistentKeepalive", is_seconds),
];

/// Reads a configuration against the list.
pub(super) fn check(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut settings: Option<Settings> = None;
    let mut allowed = Vec::new();
    for (number, line) in numbered(text) {
        let line = line.trim();
        if is_everything(line, &mut allowed) {
            let message = "the peers would get all of the node's traffic, its own way out with it";
            faults.push(Fault::at(number, message.to_owned()));
        }
        match line {
            "" => {}
            _ if line.starts_with('#') => {
                faults.extend(note_fault(line).map(|message| Fault::at(number, message)));
            }
            "[Interface]" => settings = Some(INTERFACE),
            "[Peer]" => settings = Some(PEER),
            _ => faults.extend(fault(line, settings).map(|message| Fault::at(number, message))),
        }
    }
    faults
}

/// Whether all peers together have every address of a family with this line. Two
/// halves are how one gives a tunnel the default route without saying so.
fn is_everything(line: &str, allowed: &mut Vec<IpNet>) -> bool {
    let Some((key, value)) = line.split_once('=') else {
        return false;
    };
    if key.trim() != "AllowedIPs" {
        return false;
    }
    let networks = value.split(',').filter_map(network);
    allowed.extend(networks.filter_map(|(address, prefix)| IpNet::new(address, prefix).ok()));
    let together = IpNet::aggregate(allowed);
    let is_everything = together.iter().any(|range| range.prefix_len() == 0);
    if is_everything {
        // Said once.
        allowed.clear();
    }
    is_everything
}

/// Comments of this form are for `wg-sync`.
const NOTES: Settings = &[
    ("RouteMetric", |value| value.parse::<u32>().is_ok()),
    ("PresharedKeyFile", is_preshared_key_file),
];

fn note_fault(line: &str) -> Option<String> {
    let (key, value) = line.trim_start_matches('#').split_once('=')?;
    let (_, is_valid) = NOTES.iter().find(|(known, _)| *known == key.trim())?;
    let key = key.trim();
    (!is_valid(value.trim()))
        .then(|| format!("the value of `# {key}` is not one that ztgit renders"))
}

fn is_preshared_key_file(value: &str) -> bool {
    let name = value
        .strip_prefix("/etc/wireguard/")
        .and_then(|name| name.strip_suffix(".psk"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(plain))
}

fn fault(line: &str, settings: Option<Settings>) -> Option<String> {
    let Some((key, value)) = line.split_once('=') else {
        return Some(format!(
            "`{}` is neither a section nor a setting",
            excerpt(line)
        ));
    };
    let (key, value) = (key.trim(), value.trim());
    let Some(settings) = settings else {
        return Some(format!("`{}` stands before any section", excerpt(key)));
    };
    match settings.iter().find(|(known, _)| *known == key) {
        None => Some(format!(
            "the key `{}` is not one that ztgit renders here",
            excerpt(key)
        )),
        Some((_, is_valid)) if !is_valid(value) => Some(format!(
            "the value of `{key}` is not one that ztgit renders"
        )),
        Some(_) => None,
    }
}

fn is_post_up(value: &str) -> bool {
    POST_UP.contains(&value)
}

fn is_port(value: &str) -> bool {
    value.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_mtu(value: &str) -> bool {
    value.parse::<u16>().is_ok_and(|mtu| mtu >= 576)
}

fn is_seconds(value: &str) -> bool {
    value.parse::<u16>().is_ok()
}

/// 32 bytes in base64.
fn is_key(value: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    value.len() == 44 && value.ends_with('=') && value.bytes().take(43).all(is_digit)
}

fn is_network_list(value: &str) -> bool {
    value.split(',').all(|part| network(part).is_some())
}

fn is_endpoint(value: &str) -> bool {
    let Some((host, port)) = value.rsplit_once(':') else {
        return false;
    };
    let is_address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    is_port(port) && (is_address || (!host.is_empty() && host.bytes().all(is_plain)))
}

/// An address with its prefix; a single one without.
pub(crate) fn network(text: &str) -> Option<(IpAddr, u8)> {
    let text = text.trim();
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => longest,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (prefix <= longest).then_some((address, prefix))
}

/// What the kernel knows of an interface.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) listen_port: Option<String>,
    /// By public key.
    pub(crate) peers: BTreeMap<String, BTreeSet<(IpAddr, u8)>>,
}

/// What a configuration that passed the list puts into the kernel.
pub(crate) fn expected(text: &str) -> Loaded {
    let mut loaded = Loaded::default();
    let mut peer = None;
    for (key, value) in settings(text) {
        match key {
            "ListenPort" => loaded.listen_port = Some(value.to_owned()),
            "PublicKey" => {
                peer = Some(value.to_owned());
                loaded.peers.entry(value.to_owned()).or_default();
            }
            "AllowedIPs" => {
                let networks = peer.as_ref().and_then(|peer| loaded.peers.get_mut(peer));
                if let Some(networks) = networks {
                    networks.extend(value.split(',').filter_map(network));
                }
            }
            _ => {}
        }
    }
    loaded
}

fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_setting = |line: &&str| !line.trim_start().starts_with('#');
    text.lines()
        .filter(is_setting)
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# of ours
[Interface]
Address = 10.100.0.1/24, fd00::1/64
ListenPort = 51820
PostUp = wg set %i private-key /etc/wireguard/%i.key

[Peer]
PublicKey = 3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=
AllowedIPs = 10.100.0.2/32
Endpoint = [fd00::2]:51820
PersistentKeepalive = 25
";

    fn only_fault(line: &str) -> Fault {
        let faults = check(&format!("{GOOD}{line}\n"));
        assert_eq!(faults.len(), 1, "{line}");
        faults[0].clone()
    }

    #[test]
    fn what_is_rendered_passes() {
        assert_eq!(check(GOOD), []);
    }

    #[test]
    fn whatever_runs_a_command_is_refused() {
        for line in [
            "PostUp = iptables -F",
            "PreUp = true",
            "PostDown = true",
            "PreDown = true",
            "SaveConfig = true",
            "Table = 100",
            "DNS = 10.0.0.1",
            "postup = wg set %i private-key /etc/wireguard/%i.key",
        ] {
            let text = format!("[Interface]\n{line}\n");
            assert_eq!(check(&text).len(), 1, "{line}");
        }
        let more = "[Interface]\nPostUp = wg set %i private-key /etc/wireguard/%i.key; reboot\n";
        assert_eq!(check(more).len(), 1);
    }

    #[test]
    fn a_key_in_the_file_is_refused_by_its_line_and_not_shown() {
        let secret = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
        let text = format!("[Interface]\nPrivateKey = {secret}\n");
        let faults = check(&text);
        assert_eq!(faults[0].line, Some(2));
        assert!(faults[0].message.contains("PrivateKey"));
        assert!(!faults[0].message.contains("yAnz"));
    }

    #[test]
    fn halves_of_all_addresses_are_refused_however_peers_share_them() {
        let peer = |allowed: &str| format!("[Peer]\nAllowedIPs = {allowed}\n");
        assert_eq!(check(&peer("0.0.0.0/1, 8000::/1")), []);
        let two = peer("0.0.0.0/1") + &peer("128.0.0.0/1");
        assert_eq!(check(&two).len(), 1);
        assert_eq!(check(&two)[0].line, Some(4));
    }

    #[test]
    fn values_are_of_their_kind() {
        for line in [
            "AllowedIPs = 0.0.0.0/0",
            "AllowedIPs = ::/0",
            "AllowedIPs = 0.0.0.0/1, 128.0.0.0/1",
            "AllowedIPs = ::/2, 4000::/2, 8000::/1",
            "AllowedIPs = 10.0.0.0/33",
            "AllowedIPs = 10.0.0.0/+8",
            "AllowedIPs = 10.0.0.1 # x",
            "PublicKey = x",
            "Endpoint = $(reboot):1",
            "Endpoint = example.net",
            "Endpoint = example.net:0",
            "PresharedKey = x",
            "# PresharedKeyFile = /etc/shadow",
            "# PresharedKeyFile = /etc/wireguard/../x.psk",
            "# RouteMetric = $(reboot)",
            "nonsense",
        ] {
            assert_eq!(only_fault(line).line, Some(12), "{line}");
        }
    }
}

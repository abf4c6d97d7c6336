//! What is in effect: firewall, tunnels, kernel parameters, units.
//!
//! Each is asked of the program that knows it. A question without an answer is
//! a finding too: what is not known is not clean.

use std::collections::{BTreeMap, BTreeSet};

use crate::activation::UnitStatus;
use crate::command::{Command, Family};
use crate::digest::Sha256;
use crate::format::{Format, nftables, sysctl, wireguard};
use crate::host::Host;
use crate::manifest::Step;
use crate::name::{Interface, UnitName};
use crate::path::HostPath;
use crate::source::LARGEST_FILE;
use crate::state::Installation;

use super::report::{Finding, Kind};

/// Everything that is not in effect as it is on the disk.
pub(super) fn findings(host: &mut Host<'_>, expected: &Installation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut units: BTreeMap<UnitName, (&HostPath, Duty)> = BTreeMap::new();
    for (path, file) in expected.files.iter().filter(|(_, file)| file.is_managed()) {
        if Format::of(path) == Some(Format::Iptables) {
            // Its unit runs once, so that it did says little.
            if let Some(text) = text(host, path, file.sha256) {
                findings.extend(chains(host, path, &text).unwrap_or_else(|unknown| vec![unknown]));
            }
        }
        for step in &file.activation {
            match step {
                Step::Enable(unit) => {
                    units.insert(unit.clone(), (path, Duty::Always));
                }
                Step::Reload(unit) | Step::Restart(unit) => {
                    units.entry(unit.clone()).or_insert((path, Duty::Runs));
                }
                Step::DaemonReload => {}
                Step::LoadNftables | Step::SyncWireguard(_) | Step::ApplySysctl => {
                    // Of a file that differs, the file says enough.
                    if let Some(text) = text(host, path, file.sha256) {
                        findings.extend(of_file(host, path, step, &text));
                    }
                }
            }
        }
    }
    for (name, (path, duty)) in units {
        findings.extend(of_unit(host, path, &name, duty));
    }
    findings
}

/// What a unit has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Duty {
    /// Run.
    Runs,
    /// Run, also after every boot.
    Always,
}

fn text(host: &Host<'_>, path: &HostPath, sha256: Sha256) -> Option<String> {
    let bytes = host.root.read(path, LARGEST_FILE).ok()?;
    (Sha256::of(&bytes) == sha256)
        .then_some(bytes)
        .and_then(|bytes| String::from_utf8(bytes).ok())
}

/// What a program prints, or that it could not be asked.
fn ask(host: &mut Host<'_>, command: &Command, subject: &str) -> Result<String, Finding> {
    match host.run(command) {
        Ok(output) => Ok(String::from_utf8_lossy(&output).into_owned()),
        Err(error) => Err(Finding::unknown(subject, &error.to_string())),
    }
}

fn of_file(host: &mut Host<'_>, path: &HostPath, step: &Step, text: &str) -> Vec<Finding> {
    let result = match step {
        Step::LoadNftables => ruleset(host, path, text),
        Step::SyncWireguard(interface) => tunnel(host, path, interface, text),
        _ => parameters(host, path, text),
    };
    result.unwrap_or_else(|unknown| vec![unknown])
}

/// nft lists what is loaded, and what the file would make of an empty kernel;
/// both in its own words.
fn ruleset(host: &mut Host<'_>, path: &HostPath, text: &str) -> Result<Vec<Finding>, Finding> {
    let rendered = Command::ListRendered(text.as_bytes().to_vec());
    let rendered = ask(host, &rendered, "nft table ztgit")?;
    let loaded = match host.run(&Command::ListNftables) {
        Ok(output) => String::from_utf8_lossy(&output).into_owned(),
        Err(error) if error.to_string().contains("No such file or directory") => String::new(),
        Err(error) => return Err(Finding::unknown("nft table ztgit", &error.to_string())),
    };
    if nftables::without_learnt(&loaded) == nftables::without_learnt(&rendered) {
        return Ok(Vec::new());
    }
    let found = if loaded.is_empty() {
        "no table"
    } else {
        "other rules"
    };
    Ok(vec![Finding::new(
        path,
        Kind::NotInEffect,
        "the rules of the file",
        found,
    )])
}

/// The same for `iptables-restore`, whose chains share a table with others: they
/// have to be as the file says, and packets have to reach them.
fn chains(host: &mut Host<'_>, path: &HostPath, text: &str) -> Result<Vec<Finding>, Finding> {
    let family = match path.split() {
        (_, "ip6tables.rules") => Family::V6,
        _ => Family::V4,
    };
    let rendered = Command::ListRenderedIptables(family, text.as_bytes().to_vec());
    let rendered = ask(host, &rendered, path.as_str())?;
    let loaded = ask(host, &Command::ListIptables(family), path.as_str())?;
    let of_ours = |line: &&str| line.starts_with("-A ZTGIT-");
    if !loaded
        .lines()
        .filter(of_ours)
        .eq(rendered.lines().filter(of_ours))
    {
        let (expected, found) = ("the rules of the file", "other rules");
        return Ok(vec![Finding::new(path, Kind::NotInEffect, expected, found)]);
    }
    let unhooked = ["INPUT", "FORWARD"].into_iter().filter(|hook| {
        let jump = format!("-A {hook} -j ZTGIT-{hook}");
        !loaded.lines().any(|line| line == jump)
    });
    let finding = |hook| {
        let expected = format!("a jump to the rules from {hook}");
        Finding::new(path, Kind::NotInEffect, &expected, "no jump")
    };
    Ok(unhooked.map(finding).collect())
}

fn tunnel(
    host: &mut Host<'_>,
    path: &HostPath,
    interface: &Interface,
    text: &str,
) -> Result<Vec<Finding>, Finding> {
    let subject = format!("wireguard {interface}");
    let peers = ask(host, &Command::ShowPeers(interface.clone()), &subject)?;
    let expected = wireguard::expected(text);
    let loaded = peers_of(&peers);
    let mut findings = Vec::new();
    let mut differ = |expected: &str, found: &str| {
        findings.push(Finding::new(path, Kind::NotInEffect, expected, found));
    };
    for (key, networks) in &expected.peers {
        match loaded.get(key) {
            None => differ(&format!("the peer {key}"), "no such peer"),
            Some(found) if found != networks => {
                differ(&format!("the addresses of the peer {key}"), "others");
            }
            Some(_) => {}
        }
    }
    for key in loaded
        .keys()
        .filter(|key| !expected.peers.contains_key(*key))
    {
        differ("no other peer", &format!("the peer {key}"));
    }
    if let Some(port) = &expected.listen_port {
        let found = ask(host, &Command::ShowListenPort(interface.clone()), &subject)?;
        if found.trim() != port {
            differ(&format!("port {port}"), &format!("port {}", found.trim()));
        }
    }
    Ok(findings)
}

type Networks = BTreeSet<(std::net::IpAddr, u8)>;

fn peers_of(output: &str) -> BTreeMap<String, Networks> {
    let peers = output.lines().filter_map(|line| line.split_once('\t'));
    peers
        .map(|(key, networks)| {
            let networks = networks.split(' ').filter_map(wireguard::network).collect();
            (key.to_owned(), networks)
        })
        .collect()
}

fn parameters(host: &mut Host<'_>, path: &HostPath, text: &str) -> Result<Vec<Finding>, Finding> {
    let mut findings = Vec::new();
    for (key, value) in sysctl::parameters(text) {
        let found = ask(host, &Command::ReadSysctl(key.to_owned()), key)?;
        if found.trim() != value {
            let (expected, found) = (
                format!("{key} = {value}"),
                format!("{key} = {}", found.trim()),
            );
            findings.push(Finding::new(path, Kind::NotInEffect, &expected, &found));
        }
    }
    Ok(findings)
}

fn of_unit(host: &mut Host<'_>, path: &HostPath, name: &UnitName, duty: Duty) -> Vec<Finding> {
    let status = match host.run(&Command::ShowUnit(name.clone())) {
        Ok(output) => UnitStatus::parse(&output),
        Err(error) => return vec![Finding::unknown(name.as_str(), &error.to_string())],
    };
    let mut findings = Vec::new();
    let mut differ = |expected: &str, found: &str| {
        let (expected, found) = (format!("{name} {expected}"), format!("{name} {found}"));
        findings.push(Finding::new(path, Kind::NotInEffect, &expected, &found));
    };
    if status.load != "loaded" {
        differ("is installed", &format!("is {}", status.load));
        return findings;
    }
    if status.active != "active" {
        differ("is active", &format!("is {}", status.active));
    }
    if duty == Duty::Always && !status.file.starts_with("enabled") {
        differ("is enabled", &format!("is {}", status.file));
    }
    if status.needs_reload {
        differ("is as its files say", "was changed and not read again");
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_read_from_what_wg_prints() {
        let output = "KEY1=\t10.0.0.2/32 fd00::2/128\nKEY2=\t(none)\n";
        let peers = peers_of(output);
        assert_eq!(peers["KEY1="].len(), 2);
        assert!(peers["KEY2="].is_empty());
    }
}

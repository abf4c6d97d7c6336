//! What a host file may say.
//!
//! Host files are code: `wg-quick` runs `PostUp` as root, nft reads any file
//! that a ruleset includes, systemd runs what a unit says. So nothing is written
//! to a node before its text was read against a list of what ztgit renders;
//! everything else is refused, whoever put it into the repository. Whatever
//! passes holds no secret either, because no key of the lists takes one.
//!
//! A format is a row of [`PLACES`] and a module with the list.

mod crowdsec;
pub(crate) mod iptables;
mod k3s;
pub(crate) mod nftables;
mod script;
pub(crate) mod sysctl;
mod systemd;
pub(crate) mod wireguard;
mod yaml;

use std::fmt;

use serde::Serialize;

use crate::name::is_way_back;
use crate::path::HostPath;

/// How a file is read, decided by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Wireguard,
    Nftables,
    Iptables,
    SystemdUnit,
    K3sUnit,
    SystemdTimer,
    SystemdDropIn,
    Sysctl,
    Script,
    K3sConfig,
    K3sAuditPolicy,
    K3sAdmission,
    K3sManifest,
    CrowdsecAcquisition,
    CrowdsecWhitelist,
    CrowdsecProfiles,
    CrowdsecBouncer,
}

/// Where files of each format are. `*` stands for a part of a name.
const PLACES: &[(&str, Format)] = &[
    ("/etc/wireguard/*.conf", Format::Wireguard),
    ("/etc/ztgit/nftables.nft", Format::Nftables),
    ("/etc/ztgit/iptables.rules", Format::Iptables),
    ("/etc/ztgit/ip6tables.rules", Format::Iptables),
    ("/etc/systemd/system/ztgit-*.service", Format::SystemdUnit),
    ("/etc/systemd/system/k3s.service", Format::K3sUnit),
    ("/etc/systemd/system/k3s-agent.service", Format::K3sUnit),
    ("/etc/systemd/system/ztgit-*.timer", Format::SystemdTimer),
    ("/etc/systemd/system/*.d/ztgit.conf", Format::SystemdDropIn),
    ("/etc/sysctl.d/*-ztgit.conf", Format::Sysctl),
    ("/etc/sysctl.d/*-ztgit-*.conf", Format::Sysctl),
    ("/usr/local/lib/ztgit/*", Format::Script),
    ("/usr/local/lib/ztgit/install.d/*", Format::Script),
    (
        "/etc/rancher/k3s/config.yaml.d/*-ztgit.yaml",
        Format::K3sConfig,
    ),
    (
        "/etc/rancher/k3s/ztgit-audit-policy.yaml",
        Format::K3sAuditPolicy,
    ),
    (
        "/etc/rancher/k3s/ztgit-admission.yaml",
        Format::K3sAdmission,
    ),
    (
        "/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml",
        Format::K3sManifest,
    ),
    ("/etc/crowdsec/acquis.yaml", Format::CrowdsecAcquisition),
    (
        "/etc/crowdsec/acquis.d/ztgit-*.yaml",
        Format::CrowdsecAcquisition,
    ),
    (
        "/etc/crowdsec/parsers/s02-enrich/ztgit-whitelist.yaml",
        Format::CrowdsecWhitelist,
    ),
    (
        "/etc/crowdsec/profiles.yaml.local",
        Format::CrowdsecProfiles,
    ),
    (
        "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml",
        Format::CrowdsecBouncer,
    ),
];

/// Directories in which everything is ztgit's.
pub(crate) const EXCLUSIVE_DIRECTORIES: [&str; 2] = ["/etc/ztgit", "/usr/local/lib/ztgit"];

/// Refusals of one file: a person reads them all, and a file of nothing else
/// does not fill the memory.
const MOST_REFUSALS: usize = 20;

/// The last line of every firewall. A file that was cut between two statements
/// is valid for whoever loads it and would leave the node open.
pub(crate) const END_MARK: &str = "# ztgit: end of ruleset";

/// How a firewall that passed its list treats who is not known to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stance {
    /// What no rule lets in is dropped.
    pub(crate) drops: bool,
    /// SSH is let in without a tunnel.
    pub(crate) has_open_ssh: bool,
}

/// A part of a host file that is on no list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The file, as on the node.
    pub path: HostPath,
    /// The line, from 1; none where the file as a whole is meant.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
}

impl Format {
    /// The format of the files at a path; none where nothing of ours goes.
    pub(crate) fn of(path: &HostPath) -> Option<Self> {
        let place = PLACES.iter().find(|(pattern, _)| is_at(path, pattern));
        place
            .filter(|_| !is_way_back(path.split().1))
            .map(|(_, format)| *format)
    }

    /// The permissions that a file may have at most.
    pub(crate) fn widest_mode(self) -> u32 {
        match self {
            Self::Wireguard | Self::K3sConfig | Self::K3sManifest | Self::CrowdsecBouncer => 0o600,
            Self::Script => 0o755,
            _ => 0o644,
        }
    }
}

fn is_at(path: &HostPath, pattern: &str) -> bool {
    let names = path.as_str().split('/');
    let patterns = pattern.split('/');
    names.clone().count() == patterns.clone().count()
        && names
            .zip(patterns)
            .all(|(name, pattern)| is_named(name, pattern))
}

fn is_named(name: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return name == pattern;
    };
    let Some(name) = name.strip_prefix(first) else {
        return false;
    };
    (1..=name.len()).any(|end| name.is_char_boundary(end) && is_named(&name[end..], rest))
}

/// Reads a file against the list of its format.
pub(crate) fn check(format: Format, path: &HostPath, content: &[u8]) -> Result<(), Vec<Refusal>> {
    let refuse = |mut found: Vec<Fault>| {
        found.truncate(MOST_REFUSALS);
        let refusal = |fault: Fault| Refusal {
            path: path.clone(),
            line: fault.line,
            message: fault.message,
        };
        Err(found.into_iter().map(refusal).collect())
    };
    let text = match plain_text(content) {
        Ok(text) => text,
        Err(fault) => return refuse(vec![fault]),
    };
    let faults = match format {
        Format::Wireguard => wireguard::check(text),
        Format::Nftables => nftables::check(text),
        Format::Iptables => iptables::check(text),
        Format::SystemdUnit => systemd::check_unit(text),
        Format::K3sUnit => systemd::check_k3s(text),
        Format::SystemdTimer => systemd::check_timer(text),
        Format::SystemdDropIn => systemd::check_drop_in(path, text),
        Format::Sysctl => sysctl::check(text),
        Format::Script => script::check(path, text),
        Format::K3sConfig => yaml::check(text, &k3s::CONFIG),
        Format::K3sAuditPolicy => yaml::check(text, &k3s::AUDIT_POLICY),
        Format::K3sAdmission => yaml::check(text, &k3s::ADMISSION),
        Format::K3sManifest => yaml::check(text, &k3s::CILIUM),
        Format::CrowdsecAcquisition => yaml::check(text, &crowdsec::ACQUISITION),
        Format::CrowdsecWhitelist => yaml::check(text, &crowdsec::WHITELIST),
        Format::CrowdsecProfiles => yaml::check(text, &crowdsec::PROFILES),
        Format::CrowdsecBouncer => yaml::check(text, &crowdsec::BOUNCER),
    };
    if faults.is_empty() {
        Ok(())
    } else {
        refuse(faults)
    }
}

/// What a node would refuse of a file's text. Nothing where no format is known for
/// the path: a node refuses such a file as a whole, and others may take it.
pub fn refusals(path: &str, content: &[u8]) -> Vec<Refusal> {
    let Ok(path) = HostPath::new(path) else {
        return Vec::new();
    };
    match Format::of(&path) {
        Some(format) => check(format, &path, content).err().unwrap_or_default(),
        None => Vec::new(),
    }
}

/// Something in a text that is on no list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    line: Option<u64>,
    message: String,
}

impl Fault {
    fn at(line: u64, message: impl Into<String>) -> Self {
        let line = Some(line);
        let message = message.into();
        Self { line, message }
    }

    fn of_file(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            line: None,
            message,
        }
    }
}

/// UTF-8 whose lines are lines for every reader, the last one complete.
fn plain_text(content: &[u8]) -> Result<&str, Fault> {
    let Ok(text) = std::str::from_utf8(content) else {
        return Err(Fault::of_file("it is not UTF-8"));
    };
    for (number, line) in numbered(text) {
        let odd = |c: &char| {
            (c.is_control() && *c != '\t') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
        };
        if let Some(character) = line.chars().find(odd) {
            return Err(Fault::at(
                number,
                format!("it holds the character {character:?}"),
            ));
        }
    }
    if text.is_empty() || text.ends_with('\n') {
        Ok(text)
    } else {
        Err(Fault::of_file("its last line is cut short"))
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (u64, &str)> {
    (1..).zip(text.split_terminator('\n'))
}

fn check_end(text: &str) -> Option<Fault> {
    let is_whole = text.lines().next_back() == Some(END_MARK);
    (!is_whole).then(|| {
        Fault::of_file(format!(
            "the last line is not `{END_MARK}`: the file was cut short"
        ))
    })
}

/// A piece of a refused file in a message: enough to find it, never all of it,
/// because it could be a secret.
fn excerpt(text: &str) -> String {
    crate::text::escaped(text, 24)
}

impl Refusal {
    pub(crate) fn of_file(path: &HostPath, message: String) -> Self {
        Self {
            path: path.clone(),
            line: None,
            message,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.message),
            None => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

#[cfg(test)]
#[track_caller]
fn assert_refused_wherever_cut(good: &str, check: fn(&str) -> Vec<Fault>) {
    for end in 0..good.len() {
        let refused = match plain_text(&good.as_bytes()[..end]) {
            Ok(text) => !check(text).is_empty(),
            Err(_) => true,
        };
        assert!(refused, "cut after {end} bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(path: &str) -> Option<Format> {
        Format::of(&HostPath::new(path).unwrap())
    }

    #[test]
    fn a_path_decides_the_format() {
        assert_eq!(format("/etc/wireguard/wg0.conf"), Some(Format::Wireguard));
        let drop_in = "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf";
        assert_eq!(format(drop_in), Some(Format::SystemdDropIn));
        assert_eq!(format("/usr/local/lib/ztgit/wg-sync"), Some(Format::Script));
        assert_eq!(
            format("/usr/local/lib/ztgit/install.d/30-k3s.sh"),
            Some(Format::Script)
        );
    }

    #[test]
    fn paths_of_nobody_have_none() {
        for path in [
            "/etc/shadow",
            "/etc/wireguard/wg0.key",
            "/etc/wireguard/.conf",
            "/etc/wireguard/a/b.conf",
            "/root/.ssh/authorized_keys",
            "/etc/systemd/system/ssh.service",
            "/etc/systemd/system/ztgit-host-recover.service",
            "/etc/systemd/system/ztgit-host-rollback-2.timer",
            "/etc/cron.d/ztgit",
            "/usr/local/lib/ztgit/a/b",
            "/etc/profile.d/ztgit.sh",
        ] {
            assert_eq!(format(path), None, "{path}");
        }
    }

    #[test]
    fn a_text_has_plain_and_complete_lines() {
        assert!(plain_text(b"a\n\tb\n").is_ok());
        for bad in ["a\r\n", "a\0\n", "a\u{2028}b\n", "\u{feff}a\n", "a"] {
            assert!(plain_text(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(plain_text(b"\xff\n").is_err());
    }
}

//! systemd units, timers and drop-ins.
//!
//! A unit's commands are whole lines of a closed list: without systemd's
//! prefixes for more privileges, without shells, without variables.

use super::{Fault, excerpt, numbered};
use crate::path::HostPath;

/// What units may run.
const COMMANDS: [&str; 9] = [
    "/usr/local/lib/ztgit/nft-load /etc/ztgit/nftables.nft",
    "/usr/local/lib/ztgit/iptables-load",
    "/usr/local/lib/ztgit/wg-key %i",
    "/usr/local/lib/ztgit/wg-sync %i",
    "-/usr/local/lib/ztgit/wg-sync %i",
    "-/sbin/modprobe br_netfilter",
    "-/sbin/modprobe overlay",
    "/usr/local/bin/k3s server",
    "/usr/local/bin/k3s agent",
];

/// The units that a drop-in may change.
const DROP_IN_OF: &str = "/etc/systemd/system/wg-quick@";

#[derive(Clone, Copy)]
enum Value {
    /// Anything in one line: it is only shown, or says what comes first.
    Words,
    Command,
    /// Units that are started or stopped along with this one, a rescue shell
    /// or SSH if it were any.
    Units(&'static [&'static str]),
    OneOf(&'static [&'static str]),
}

type Section = (&'static str, &'static [(&'static str, Value)]);

const YES_NO: Value = Value::OneOf(&["yes", "no", "true", "false"]);

const UNIT: Section = (
    "[Unit]",
    &[
        ("Description", Value::Words),
        ("Documentation", Value::Words),
        ("DefaultDependencies", YES_NO),
        ("RequiresMountsFor", Value::Words),
        ("ConditionPathExists", Value::Words),
        ("After", Value::Words),
        ("Before", Value::Words),
        (
            "Wants",
            Value::Units(&["network-pre.target", "network-online.target"]),
        ),
        ("Conflicts", Value::Units(&["shutdown.target"])),
    ],
);

const SERVICE: Section = (
    "[Service]",
    &[
        ("Type", Value::OneOf(&["oneshot"])),
        ("RemainAfterExit", YES_NO),
        ("StandardInput", Value::OneOf(&["null"])),
        (
            "ProtectHome",
            Value::OneOf(&["true", "yes", "read-only", "tmpfs"]),
        ),
        (
            "ProtectSystem",
            Value::OneOf(&["true", "yes", "full", "strict"]),
        ),
        ("ExecStartPre", Value::Command),
        ("ExecStart", Value::Command),
        ("ExecStartPost", Value::Command),
        ("ExecReload", Value::Command),
    ],
);

/// As k3s's own installer has it.
const K3S: Section = (
    "[Service]",
    &[
        ("Type", Value::OneOf(&["notify", "exec"])),
        ("EnvironmentFile", Value::OneOf(&["-/etc/default/%N"])),
        ("ExecStartPre", Value::Command),
        ("ExecStart", Value::Command),
        ("Delegate", YES_NO),
        ("KillMode", Value::OneOf(&["process"])),
        ("LimitNOFILE", Value::Words),
        ("LimitNPROC", Value::Words),
        ("LimitCORE", Value::Words),
        ("TasksMax", Value::Words),
        ("TimeoutStartSec", Value::Words),
        ("Restart", Value::OneOf(&["always", "on-failure"])),
        ("RestartSec", Value::Words),
    ],
);

const TIMER: Section = (
    "[Timer]",
    &[
        ("OnBootSec", Value::Words),
        ("OnUnitActiveSec", Value::Words),
        ("OnUnitInactiveSec", Value::Words),
        ("OnCalendar", Value::Words),
        ("RandomizedDelaySec", Value::Words),
        ("AccuracySec", Value::Words),
        ("Persistent", YES_NO),
    ],
);

const INSTALL: Section = (
    "[Install]",
    &[(
        "WantedBy",
        Value::Units(&["sysinit.target", "multi-user.target", "timers.target"]),
    )],
);

/// Reads a service of ours against the list.
pub(super) fn check_unit(text: &str) -> Vec<Fault> {
    check(text, &[UNIT, SERVICE, INSTALL])
}

/// Reads k3s's own unit against the list.
pub(super) fn check_k3s(text: &str) -> Vec<Fault> {
    check(text, &[UNIT, K3S, INSTALL])
}

/// Reads a timer of ours against the list.
pub(super) fn check_timer(text: &str) -> Vec<Fault> {
    check(text, &[UNIT, TIMER, INSTALL])
}

/// Reads a drop-in for somebody else's unit against the list.
pub(super) fn check_drop_in(path: &HostPath, text: &str) -> Vec<Fault> {
    let mut faults = check(text, &[SERVICE]);
    if !path.as_str().starts_with(DROP_IN_OF) {
        faults.push(Fault::of_file("ztgit has no drop-in for this unit"));
    }
    faults
}

fn check(text: &str, sections: &[Section]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut keys = None;
    for (number, line) in numbered(text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            keys = sections
                .iter()
                .find(|(name, _)| *name == line)
                .map(|(_, keys)| *keys);
            if keys.is_none() {
                let message = format!("the section `{}` is not one of ours", excerpt(line));
                faults.push(Fault::at(number, message));
            }
            continue;
        }
        faults.extend(fault(line, keys).map(|message| Fault::at(number, message)));
    }
    faults
}

fn fault(line: &str, keys: Option<&[(&str, Value)]>) -> Option<String> {
    if line.ends_with('\\') {
        return Some("a line goes on in the next".to_owned());
    }
    let Some((key, value)) = line.split_once('=') else {
        return Some(format!("`{}` is no setting", excerpt(line)));
    };
    let (key, value) = (key.trim(), value.trim());
    let known = keys
        .unwrap_or_default()
        .iter()
        .find(|(known, _)| *known == key);
    let Some((_, kind)) = known else {
        return Some(format!(
            "the key `{}` is not one that ztgit renders here",
            excerpt(key)
        ));
    };
    let is_valid = match kind {
        Value::Words => true,
        Value::OneOf(values) => values.contains(&value),
        Value::Units(units) => value
            .split_ascii_whitespace()
            .all(|unit| units.contains(&unit)),
        // An empty command takes back those of the unit below a drop-in.
        Value::Command => value.is_empty() || COMMANDS.contains(&value),
    };
    (!is_valid).then(|| format!("`{key}={}` is not one that ztgit renders", excerpt(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE_FILE: &str =
        include_str!("../../../plugins/nftables/src/host/ztgit-nftables.service");
    const DROP_IN: &str = include_str!("../../../plugins/wireguard/src/host/wg-quick.conf");

    fn path(text: &str) -> HostPath {
        HostPath::new(text).unwrap()
    }

    #[test]
    fn what_is_rendered_passes() {
        assert_eq!(check_unit(SERVICE_FILE), []);
        let of_wireguard = path("/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf");
        assert_eq!(check_drop_in(&of_wireguard, DROP_IN), []);
    }

    #[test]
    fn other_commands_are_refused() {
        for line in [
            "ExecStart=/bin/sh -c reboot",
            "ExecStart=+/usr/local/lib/ztgit/wg-key %i",
            "ExecStart=/usr/local/lib/ztgit/wg-key %i ; /bin/reboot",
            "ExecStart=/usr/local/lib/ztgit/wg-key \\",
            "ExecStartPost=/bin/reboot",
            "ExecStopPost=/bin/reboot",
            "ExecStop=/usr/sbin/nft flush ruleset",
            "Environment=LD_PRELOAD=/tmp/x",
            "User=nobody",
            "OnFailure=reboot.target",
        ] {
            let faults = check_unit(&format!("[Service]\n{line}\n"));
            assert_eq!(faults.len(), 1, "{line}");
            assert_eq!(faults[0].line, Some(2));
        }
    }

    #[test]
    fn no_other_unit_is_started_or_stopped_along() {
        for (section, line) in [
            ("[Unit]", "Wants=network-pre.target debug-shell.service"),
            ("[Unit]", "Wants=reboot.target"),
            ("[Unit]", "Conflicts=ssh.service"),
            ("[Install]", "WantedBy=getty@tty1.service"),
        ] {
            assert_eq!(
                check_unit(&format!("{section}\n{line}\n")).len(),
                1,
                "{line}"
            );
        }
    }

    #[test]
    fn a_drop_in_is_for_wireguard_alone() {
        let of_ssh = path("/etc/systemd/system/ssh.service.d/ztgit.conf");
        assert_eq!(check_drop_in(&of_ssh, DROP_IN).len(), 1);
    }
}

//! What CrowdSec and its firewall bouncer read.

use super::wireguard::network;
use super::yaml::Shape;

const TABLE: Shape = Shape::Map(&[
    ("enabled", Shape::Flag),
    ("set-only", Shape::Flag),
    ("table", Shape::OneOf(&["crowdsec", "crowdsec6"])),
    (
        "chain",
        Shape::OneOf(&["crowdsec-chain", "crowdsec6-chain"]),
    ),
    ("priority", Shape::Number(-400..=400)),
]);

/// A log to read; also none.
pub(super) const ACQUISITION: Shape = Shape::Map(&[
    ("source", Shape::OneOf(&["journalctl", "file"])),
    (
        "journalctl_filter",
        Shape::List(&Shape::Text(is_unit_filter, "a filter for one unit")),
    ),
    (
        "filenames",
        Shape::List(&Shape::Text(is_log_path, "the path of a log")),
    ),
    ("force_inotify", Shape::Flag),
    (
        "labels",
        Shape::Map(&[
            ("type", Shape::Text(is_name, "a log format")),
            ("program", Shape::Text(is_name, "a log format")),
        ]),
    ),
]);

/// Who is never banned.
pub(super) const WHITELIST: Shape = Shape::Map(&[
    ("name", Shape::OneOf(&["ztgit/whitelist"])),
    ("description", Shape::Text(is_short, "a short text")),
    (
        "whitelist",
        Shape::Map(&[
            ("reason", Shape::Text(is_short, "a short text")),
            (
                "cidr",
                Shape::List(&Shape::Text(is_range, "a range that is not everybody")),
            ),
        ]),
    ),
]);

/// How long whom is banned. Notifications run programs and are not here.
pub(super) const PROFILES: Shape = Shape::Map(&[
    ("name", Shape::OneOf(&["ztgit_ip_ban", "ztgit_range_ban"])),
    (
        "filters",
        Shape::List(&Shape::OneOf(&[
            "Alert.Remediation == true && Alert.GetScope() == \"Ip\"",
            "Alert.Remediation == true && Alert.GetScope() == \"Range\"",
        ])),
    ),
    (
        "decisions",
        Shape::List(&Shape::Map(&[
            ("type", Shape::OneOf(&["ban"])),
            ("duration", Shape::Text(is_duration, "a duration")),
        ])),
    ),
    ("on_success", Shape::OneOf(&["break"])),
]);

/// The bouncer's configuration; its key stands in a file of the host's own.
pub(super) const BOUNCER: Shape = Shape::Map(&[
    ("mode", Shape::OneOf(&["nftables"])),
    ("daemonize", Shape::Flag),
    ("pid_dir", Shape::OneOf(&["/var/run/"])),
    ("update_frequency", Shape::Text(is_duration, "a duration")),
    ("log_mode", Shape::OneOf(&["stdout"])),
    ("log_level", Shape::OneOf(&["info", "warn", "error"])),
    ("api_url", Shape::OneOf(&["http://127.0.0.1:8080/"])),
    ("insecure_skip_verify", Shape::Flag),
    ("disable_ipv6", Shape::Flag),
    ("deny_action", Shape::OneOf(&["DROP", "REJECT"])),
    ("deny_log", Shape::Flag),
    (
        "supported_decisions_types",
        Shape::List(&Shape::OneOf(&["ban"])),
    ),
    ("blacklists_ipv4", Shape::OneOf(&["crowdsec-blacklists"])),
    ("blacklists_ipv6", Shape::OneOf(&["crowdsec6-blacklists"])),
    ("nftables", Shape::Map(&[("ipv4", TABLE), ("ipv6", TABLE)])),
    (
        "nftables_hooks",
        Shape::List(&Shape::OneOf(&["input", "forward"])),
    ),
    (
        "prometheus",
        Shape::Map(&[
            ("enabled", Shape::Flag),
            ("listen_addr", Shape::OneOf(&["127.0.0.1"])),
            ("listen_port", Shape::Number(1..=65535)),
        ]),
    ),
]);

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn is_short(text: &str) -> bool {
    text.len() <= 128 && !text.contains("{{")
}

/// CrowdSec hands filters to journalctl as arguments.
fn is_unit_filter(text: &str) -> bool {
    text.strip_prefix("_SYSTEMD_UNIT=").is_some_and(|unit| {
        !unit.is_empty()
            && unit
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b":_.@-\\".contains(&byte))
    })
}

fn is_log_path(text: &str) -> bool {
    text.starts_with('/')
        && text
            .split('/')
            .skip(1)
            .all(|name| !matches!(name, "" | "." | ".."))
}

fn is_range(text: &str) -> bool {
    network(text).is_some_and(|(_, prefix)| prefix > 0)
}

fn is_duration(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"hms".contains(&byte);
    (2..=12).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.ends_with(['h', 'm', 's'])
        && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::super::yaml::check;
    use super::*;

    #[test]
    fn a_key_a_program_or_everybody_is_refused() {
        assert_eq!(check("api_key: abc\n", &BOUNCER).len(), 1);
        assert_eq!(check("api_url: http://example.net/\n", &BOUNCER).len(), 1);
        assert_eq!(check("notifications:\n  - x\n", &PROFILES).len(), 1);
        assert_eq!(
            check("whitelist:\n  cidr: [\"0.0.0.0/0\"]\n", &WHITELIST).len(),
            1
        );
        assert_eq!(
            check("whitelist:\n  expression: [\"true\"]\n", &WHITELIST).len(),
            1
        );
        assert_eq!(
            check(
                "journalctl_filter: [\"--file=/etc/shadow\"]\n",
                &ACQUISITION
            )
            .len(),
            1
        );
    }

    #[test]
    fn durations_are_as_go_writes_them() {
        assert!(is_duration("1h30m") && is_duration("10s"));
        assert!(!is_duration("h") && !is_duration("4") && !is_duration("4d"));
    }
}

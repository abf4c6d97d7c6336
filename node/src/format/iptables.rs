//! Rules for `iptables-restore`, one file for each family.
//!
//! They are in chains of our own, which are loaded without emptying others. A
//! match and a target are from closed lists: no `-j` elsewhere, no module that
//! runs or reads anything, no name that would be asked of a resolver.

use super::wireguard::network;
use super::{Fault, Stance, check_end, excerpt, numbered};

const CHAINS: [&str; 2] = ["ZTGIT-INPUT", "ZTGIT-FORWARD"];

/// Options that take a plain value.
const OPTIONS: [&str; 19] = [
    "-i",
    "-o",
    "-p",
    "--sport",
    "--dport",
    "--ctstate",
    "--mark",
    "--icmp-type",
    "--icmpv6-type",
    "--comment",
    "--limit",
    "--limit-burst",
    "--log-level",
    "--log-prefix",
    "--hashlimit-name",
    "--hashlimit-mode",
    "--hashlimit-above",
    "--hashlimit-upto",
    "--hashlimit-burst",
];

const MODULES: [&str; 10] = [
    "mark",
    "conntrack",
    "limit",
    "hashlimit",
    "comment",
    "tcp",
    "udp",
    "sctp",
    "icmp",
    "icmp6",
];

const TARGETS: [&str; 4] = ["RETURN", "DROP", "REJECT", "LOG"];

/// Reads rules against the list.
pub(super) fn check(text: &str) -> Vec<Fault> {
    let mut faults: Vec<_> = check_end(text).into_iter().collect();
    let mut is_open = false;
    let mut is_committed = false;
    for (number, line) in numbered(text) {
        let fault = match line {
            _ if line.is_empty() || line.starts_with('#') => None,
            "*filter" if !is_open && !is_committed => {
                is_open = true;
                None
            }
            _ if !is_open => Some("it stands outside the table".to_owned()),
            "COMMIT" => {
                (is_open, is_committed) = (false, true);
                None
            }
            _ => fault(line),
        };
        faults.extend(fault.map(|message| Fault::at(number, message)));
    }
    if !is_committed {
        faults.push(Fault::of_file("the table is not complete"));
    }
    faults
}

fn fault(line: &str) -> Option<String> {
    if let Some(chain) = line.strip_prefix(':') {
        let is_ours = CHAINS.iter().any(|name| chain == format!("{name} - [0:0]"));
        return (!is_ours).then(|| format!("`{}` is no chain of ours", excerpt(chain)));
    }
    let Some(words) = words(line) else {
        return Some("a quoted text does not end".to_owned());
    };
    match words.as_slice() {
        ["-A", chain, rest @ ..] if CHAINS.contains(chain) => unknown(rest),
        _ => Some(format!("`{}` is no rule of ours", excerpt(line))),
    }
}

fn unknown(words: &[&str]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().copied().unwrap_or_default();
        let is_known = match *word {
            "-j" => TARGETS.contains(&value),
            "-m" => MODULES.contains(&value),
            "-s" | "-d" => network(value).is_some(),
            option => OPTIONS.contains(&option) && is_value(value),
        };
        if !is_known {
            return Some(format!(
                "`{} {}` is not what ztgit renders",
                excerpt(word),
                excerpt(value)
            ));
        }
    }
    None
}

fn is_value(value: &str) -> bool {
    if let Some(text) = value.strip_prefix('"') {
        return text
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'\\');
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/,_+-".contains(&byte);
    !value.is_empty() && !value.starts_with('-') && value.bytes().all(plain)
}

/// Splits a line; a quoted text is one word, with its quotes.
fn words(line: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let end = match rest.strip_prefix('"') {
            Some(text) => text.find('"')? + 2,
            None => rest.find(' ').unwrap_or(rest.len()),
        };
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    Some(words)
}

/// How rules that passed the list treat who is not known to them.
pub(crate) fn stance(text: &str) -> Stance {
    let is_open = |line: &str| {
        line.starts_with("-A ZTGIT-INPUT ")
            && line.contains(" --dport 22 ")
            && line.ends_with(" -j RETURN")
            && !line.contains(" -i ")
    };
    Stance {
        drops: text.lines().any(|line| line == "-A ZTGIT-INPUT -j DROP"),
        has_open_ssh: text.lines().any(is_open),
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_refused_wherever_cut;
    use super::*;

    const GOOD: &str = "\
# of ours
*filter
:ZTGIT-INPUT - [0:0]
:ZTGIT-FORWARD - [0:0]
-A ZTGIT-INPUT -i lo -j RETURN
-A ZTGIT-INPUT -m mark --mark 0x200/0xf00 -j RETURN
-A ZTGIT-INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
-A ZTGIT-INPUT -s 192.168.1.0/24 -p tcp -m tcp --dport 22 -m comment --comment \"nftables: SSH\" -j RETURN
-A ZTGIT-INPUT -m limit --limit 6/minute --limit-burst 10 -j LOG --log-level info --log-prefix \"ztgit-input \"
-A ZTGIT-INPUT -j DROP
COMMIT
# ztgit: end of ruleset
";

    fn with(line: &str) -> String {
        GOOD.replace(
            "-A ZTGIT-INPUT -i lo",
            &format!("{line}\n-A ZTGIT-INPUT -i lo"),
        )
    }

    #[test]
    fn what_is_rendered_passes() {
        assert_eq!(check(GOOD), []);
        assert_eq!(
            stance(GOOD),
            Stance {
                drops: true,
                has_open_ssh: true
            }
        );
    }

    #[test]
    fn other_chains_tables_and_targets_are_refused() {
        for line in [
            "-A INPUT -j ACCEPT",
            "-F INPUT",
            ":INPUT ACCEPT [0:0]",
            "-A ZTGIT-INPUT -j ACCEPT",
            "-A ZTGIT-INPUT -j NFQUEUE",
            "-A ZTGIT-INPUT -m bpf --object-pinned /x -j DROP",
            "-A ZTGIT-INPUT -s example.net -j RETURN",
            "-A ZTGIT-INPUT -p tcp;reboot -j RETURN",
            "-A ZTGIT-INPUT -m comment --comment \"x -j RETURN",
            "*nat",
        ] {
            assert_eq!(check(&with(line)).len(), 1, "{line}");
        }
        assert!(!check(&GOOD.replace("COMMIT", "COMMIT\n*nat")).is_empty());
    }

    #[test]
    fn a_file_that_was_cut_anywhere_is_refused() {
        assert_refused_wherever_cut(GOOD, check);
    }
}

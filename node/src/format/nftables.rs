//! Rulesets for nft.
//!
//! A ruleset is one table of ours: made, deleted and made anew in a single
//! transaction, so that nobody else's table is touched and no packet meets half
//! of it. Below that every word is of a closed vocabulary. There is no
//! `include` in it (nft prints lines of the file in its errors), no `flush` or
//! `destroy`, no jump, no variable and no name that would be asked of a
//! resolver. The last line is a mark: a file that was cut between two
//! statements is valid for nft and would leave the node open.

use std::net::IpAddr;

use super::{Fault, Stance, check_end, excerpt, numbered};

/// What makes the kernel forget the table, whether it is there or not.
pub(crate) const REMOVAL: &str = "table inet ztgit\ndelete table inet ztgit\n";

const HEAD: [&str; 3] = [
    "table inet ztgit",
    "delete table inet ztgit",
    "table inet ztgit {",
];

/// Words of rules and sets, but for numbers, addresses and texts.
const WORDS: &str = "\
accept drop reject comment counter add update
iifname oifname ip ip6 saddr daddr tcp udp sctp dport sport meta mark l4proto nfproto ipv4 ipv6
ct state established related invalid new untracked
icmp icmpv6 type code
destination-unreachable echo-request echo-reply packet-too-big parameter-problem time-exceeded
mld-listener-query mld-listener-report mld-listener-done mld2-listener-report
nd-neighbor-advert nd-neighbor-solicit nd-router-advert nd-router-solicit
limit rate over burst packets second minute hour
log prefix level info warn
ipv4_addr ipv6_addr flags interval auto-merge elements dynamic timeout size inet_service
filter hook input forward output priority policy
!= == & = + - { } , ; /";

/// Reads a ruleset against the list.
pub(super) fn check(text: &str) -> Vec<Fault> {
    let mut faults: Vec<_> = check_end(text).into_iter().collect();
    let mut head = HEAD.iter();
    let mut depth = 0_usize;
    let mut last = 0;
    for (number, line) in numbered(text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        last = number;
        if let Some(expected) = head.next() {
            if line != *expected {
                faults.push(Fault::at(number, format!("`{expected}` belongs here")));
            }
            depth = 1;
            continue;
        }
        if depth == 0 {
            faults.push(Fault::at(number, "nothing may stand behind the table"));
            continue;
        }
        match tokens(line) {
            Err(message) => faults.push(Fault::at(number, message)),
            Ok(tokens) => {
                faults.extend(fault(&tokens).map(|message| Fault::at(number, message)));
                depth = after(depth, &tokens);
            }
        }
    }
    if head.next().is_some() || depth != 0 {
        faults.push(Fault::at(last, "the table is not complete"));
    }
    faults
}

fn after(depth: usize, tokens: &[&str]) -> usize {
    tokens.iter().fold(depth, |depth, token| match *token {
        "{" => depth + 1,
        "}" => depth.saturating_sub(1),
        _ => depth,
    })
}

/// Splits a line; a quoted text is one token, with its quotes.
fn tokens(line: &str) -> Result<Vec<&str>, String> {
    let mut tokens = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '#' => break,
            '"' => match rest[1..].find('"') {
                Some(end) => end + 2,
                None => return Err("a quoted text does not end".to_owned()),
            },
            '{' | '}' | ',' | ';' => 1,
            _ => rest
                .find(|c: char| c.is_whitespace() || "{},;\"#".contains(c))
                .unwrap_or(rest.len()),
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    Ok(tokens)
}

fn fault(tokens: &[&str]) -> Option<String> {
    match tokens {
        ["set" | "chain", name, "{"] if is_name(name) => None,
        tokens => {
            let unknown = tokens.iter().find(|token| !is_known(token))?;
            Some(format!(
                "`{}` is no word that ztgit renders",
                excerpt(unknown)
            ))
        }
    }
}

fn is_known(token: &str) -> bool {
    WORDS.split_ascii_whitespace().any(|word| word == token)
        || is_number_or_range(token)
        || is_rate(token)
        || is_duration(token)
        || is_address(token)
        || token.strip_prefix('@').is_some_and(is_name)
        || is_text(token)
}

fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn is_number_or_range(token: &str) -> bool {
    let is_number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).is_ok(),
        None => text.parse::<u32>().is_ok(),
    };
    match token.split_once('-') {
        Some((first, last)) => is_number(first) && is_number(last),
        None => is_number(token),
    }
}

fn is_rate(token: &str) -> bool {
    token.split_once('/').is_some_and(|(number, unit)| {
        number.parse::<u32>().is_ok() && matches!(unit, "second" | "minute" | "hour")
    })
}

fn is_duration(token: &str) -> bool {
    let number = token.strip_suffix(['s', 'm', 'h', 'd']);
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

fn is_address(token: &str) -> bool {
    match token.split_once('-') {
        Some((first, last)) => first.parse::<IpAddr>().is_ok() && last.parse::<IpAddr>().is_ok(),
        // Words of a few hexadecimal letters are no addresses without a colon.
        None => super::wireguard::network(token).is_some(),
    }
}

fn is_text(token: &str) -> bool {
    let inner = token
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.is_some_and(|text| {
        text.len() <= 128 && text.chars().all(|c| matches!(c, ' '..='~') && c != '\\')
    })
}

/// How a ruleset that passed the list treats who is not known to it.
pub(crate) fn stance(text: &str) -> Stance {
    let lines: Vec<_> = text.lines().filter_map(|line| tokens(line).ok()).collect();
    Stance {
        drops: lines
            .iter()
            .any(|line| has(line, &["hook", "input"]) && has(line, &["policy", "drop"])),
        has_open_ssh: lines.iter().any(|line| is_open_ssh(line)),
    }
}

fn is_open_ssh(line: &[&str]) -> bool {
    let Some(port) = line.windows(2).position(|pair| pair == ["tcp", "dport"]) else {
        return false;
    };
    let mut ports = line[port + 2..]
        .iter()
        .take_while(|token| matches!(**token, "{" | "," | "}") || is_number_or_range(token));
    !line.contains(&"iifname")
        && line.contains(&"accept")
        && ports.any(|token| *token == "22")
        && !line
            .iter()
            .any(|token| token.starts_with("@nodes") || token.starts_with("@pods"))
}

/// What nft lists, without the addresses that a set learnt from packets.
pub(crate) fn without_learnt(listing: &str) -> String {
    let mut text = String::new();
    let (mut learns, mut skips) = (false, false);
    for line in listing.split_inclusive('\n') {
        let words = line.trim();
        learns = match words {
            "}" => false,
            _ => learns || (words.starts_with("flags ") && words.contains("dynamic")),
        };
        skips |= learns && words.starts_with("elements = {");
        if !skips {
            text.push_str(line);
        }
        skips &= !words.ends_with('}');
    }
    text
}

fn has(line: &[&str], words: &[&str]) -> bool {
    line.windows(words.len()).any(|window| window == words)
}

#[cfg(test)]
mod tests {
    use super::super::{END_MARK, assert_refused_wherever_cut};
    use super::*;

    const GOOD: &str = include_str!("data/nftables.nft");

    /// The good ruleset with a line in its first chain.
    fn with(line: &str) -> String {
        GOOD.replace(
            "iifname \"lo\" accept",
            &format!("iifname \"lo\" accept\n{line}"),
        )
    }

    #[test]
    fn what_is_rendered_passes() {
        assert_eq!(check(GOOD), []);
        assert_eq!(
            check(&with("ip6 saddr fd00::/8 udp dport 1000-2000 accept")),
            []
        );
    }

    #[test]
    fn what_reads_files_or_touches_other_tables_is_refused() {
        for line in [
            "include \"/etc/shadow\"",
            "flush ruleset",
            "destroy table inet ztgit",
            "ip saddr example.net accept",
            "jump elsewhere",
            "define x = 1",
            "tcp dport $x accept",
            "tcp dport ssh accept",
            "iifname \"a\\\" accept\" accept",
            "tcp dport 22 accept comment \"open",
        ] {
            let faults = check(&with(line));
            assert!(!faults.is_empty(), "{line}");
            assert!(faults[0].line.is_some(), "{line}");
        }
    }

    #[test]
    fn nothing_stands_around_the_table() {
        let end = format!("flush ruleset\n{END_MARK}");
        for text in [
            format!("flush ruleset\n{GOOD}"),
            format!("include \"/etc/shadow\"\n{GOOD}"),
            GOOD.replace(END_MARK, &end),
            GOOD.replace("delete table inet ztgit", "delete table inet crowdsec"),
            GOOD.replace("table inet ztgit {", "table inet filter {"),
            GOOD.replace(END_MARK, &format!("}}\ntable inet filter {{\n{END_MARK}")),
        ] {
            assert!(!check(&text).is_empty());
        }
    }

    #[test]
    fn a_file_that_was_cut_anywhere_is_refused() {
        assert_refused_wherever_cut(GOOD, check);
    }

    #[test]
    fn ssh_is_open_where_no_tunnel_and_no_cluster_is_needed() {
        assert_eq!(
            stance(GOOD),
            Stance {
                drops: true,
                has_open_ssh: true
            }
        );
        let inside = GOOD.replace(
            "ip saddr 192.168.1.0/24 tcp dport 22",
            "iifname \"wg0\" tcp dport 22",
        );
        assert!(!stance(&inside).has_open_ssh);
        let nodes = GOOD.replace(
            "ip saddr 192.168.1.0/24 tcp dport 22",
            "ip saddr @nodes4 tcp dport 22",
        );
        assert!(!stance(&nodes).has_open_ssh);
        let set = GOOD.replace("tcp dport 22 accept", "tcp dport { 22, 80 } accept");
        assert!(stance(&set).has_open_ssh);
        assert!(!stance(&GOOD.replace("policy drop", "policy accept")).drops);
    }

    #[test]
    fn what_a_set_learnt_is_left_out_and_what_it_was_given_is_not() {
        let listing = "table inet ztgit {
	set ssh4 {
		flags dynamic,timeout
		elements = { 10.0.0.1 expires 4s,
			     10.0.0.2 }
	}
	set pods4 {
		flags interval
		elements = { 10.42.0.0/16 }
	}
}
";
        let left = without_learnt(listing);
        assert!(!left.contains("10.0.0.") && left.contains("10.42.0.0/16"));
        assert_eq!(left.lines().count(), 9);
    }
}

//! Addresses, ranges and DNS names of peers.

use std::net::IpAddr;

use ipnet::IpNet;

use super::selector::{self, Keys};
use super::violation::Violations;
use crate::model::{CidrRule, Peer, Pointer};
use crate::pattern;

/// An item of `fromCIDR` or `toCIDR`: an address or a range.
pub(super) fn check_text(pointer: &Pointer, text: &str, violations: &mut Violations) {
    if text.parse::<IpNet>().is_err() && text.parse::<IpAddr>().is_err() {
        violations
            .refused(
                pointer,
                format!("`{text}` is neither an address nor a range"),
            )
            .hint("write `10.0.0.0/8` or `2001:db8::/32`; for names there is `toFQDNs`");
    }
}

/// An item of `fromCIDRSet` or `toCIDRSet`, or an `ipBlock`.
pub(super) fn check_rule(peer: &Peer, rule: &CidrRule, violations: &mut Violations) {
    let forms = [
        rule.cidr.as_deref().is_some_and(|cidr| !cidr.is_empty()),
        rule.group.as_deref().is_some_and(|group| !group.is_empty()),
        rule.group_selector.is_some(),
    ];
    match forms.iter().filter(|form| **form).count() {
        1 => {}
        0 => violations
            .refused(&peer.pointer, "a range without `cidr`")
            .hint("name one of `cidr`, `cidrGroupRef` and `cidrGroupSelector`"),
        _ => violations
            .refused(&peer.pointer, "a range that is several things at once")
            .hint("keep one of `cidr`, `cidrGroupRef` and `cidrGroupSelector`"),
    }
    if let Some(selector) = &rule.group_selector {
        selector::check(selector, Keys::WithSource, violations);
    }
    if forms[0] {
        check_range(peer, rule, violations);
    } else {
        check_group_exceptions(rule, violations);
    }
}

fn check_range(peer: &Peer, rule: &CidrRule, violations: &mut Violations) {
    let text = rule.cidr.as_deref().unwrap_or_default();
    let Ok(range) = text.parse::<IpNet>() else {
        violations
            .refused(&peer.pointer.key("cidr"), format!("`{text}` is no range"))
            .hint("a range has a prefix length, as in `192.0.2.1/32`");
        return;
    };
    for (pointer, text) in &rule.except {
        match text.parse::<IpNet>() {
            Err(_) => violations
                .refused(pointer, format!("`{text}` is no range"))
                .hint("a range has a prefix length, as in `192.0.2.1/32`"),
            Ok(except) if !contains(range, except) => violations
                .refused(pointer, format!("`{except}` is not inside `{range}`"))
                .hint("an exception takes something out of the range beside it"),
            Ok(_) => {}
        }
    }
}

/// Whether a range lies in another; the two families never do.
pub(crate) fn contains(range: IpNet, inner: IpNet) -> bool {
    range.prefix_len() <= inner.prefix_len() && range.contains(&inner.addr())
}

fn check_group_exceptions(rule: &CidrRule, violations: &mut Violations) {
    for (pointer, text) in &rule.except {
        if text.parse::<IpNet>().is_err() {
            violations
                .refused(pointer, format!("`{text}` is no range"))
                .hint("the agent stops at this when it computes a policy");
        }
    }
}

/// A `toFQDNs` item.
pub(super) fn check_fqdn(
    peer: &Peer,
    name: Option<&str>,
    wildcard: Option<&str>,
    violations: &mut Violations,
) {
    let written = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    if written(name) && written(wildcard) {
        violations
            .refused(&peer.pointer, "both `matchName` and `matchPattern`")
            .hint("keep one, or make two items");
    }
    check_names(&peer.pointer, name, wildcard, violations);
}

/// `matchName` and `matchPattern`, of `toFQDNs` and of DNS rules.
pub(super) fn check_names(
    pointer: &Pointer,
    name: Option<&str>,
    wildcard: Option<&str>,
    violations: &mut Violations,
) {
    if let Some(Err(reason)) = name.map(pattern::dns_name) {
        let noted = violations.refused(&pointer.key("matchName"), reason);
        noted.hint("wildcards belong into `matchPattern`; schemes and ports do not belong here");
    }
    if let Some(Err(reason)) = wildcard.map(pattern::dns_pattern) {
        let noted = violations.refused(&pointer.key("matchPattern"), reason);
        noted.hint("letters, digits, `-`, `_`, `.` and `*`");
    }
}

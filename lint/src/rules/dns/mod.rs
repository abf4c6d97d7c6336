//! DNS, and rules that go by names.

pub(super) mod name_inside_cluster;
pub(super) mod one_label;
pub(super) mod one_transport;
pub(super) mod search_list;
pub(super) mod shadowed;
pub(super) mod unanswered;
pub(super) mod unasked;
pub(super) mod unwatched;
pub(super) mod wide_lookup;
pub(super) mod wide_name;

use ztgit_policy::model::{Action, Direction, DnsRule, L7Rules};
use ztgit_policy::pattern;

use crate::spot::Spot;

/// The DNS rules among items.
fn look_ups<'s>(items: &[Spot<'s>]) -> Vec<(Spot<'s>, &'s DnsRule)> {
    let egress = items.iter().filter(|item| {
        item.entry.direction == Direction::Egress && item.entry.action == Action::Allow
    });
    egress
        .flat_map(|item| {
            let rules = item
                .entry
                .ports
                .iter()
                .filter_map(|ports| ports.l7.as_ref());
            rules.flat_map(L7Rules::dns).map(move |rule| (*item, rule))
        })
        .collect()
}

/// Whether a DNS rule lets a name be looked up.
fn covers(rule: &DnsRule, name: &str) -> bool {
    let exact = rule.name.as_deref().filter(|text| !text.is_empty());
    let wildcard = rule.pattern.as_deref().filter(|text| !text.is_empty());
    let exact = exact.is_some_and(|text| {
        text.trim_end_matches('.')
            .eq_ignore_ascii_case(name.trim_end_matches('.'))
    });
    let matches = |text| pattern::dns_pattern(text).is_ok_and(|pattern| pattern.matches(name));
    exact || wildcard.is_some_and(matches)
}

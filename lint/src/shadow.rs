//! Rules about requests that another rule makes void: where any rule lets a
//! connection pass as a whole, every request in it passes.

use std::collections::BTreeMap;

use ztgit_policy::model::{Action, Entry, L7Rules, PortRule};

use crate::finding::Found;
use crate::governed::governed;
use crate::meet::{peers_meet, ports_meet};
use crate::spot::Spot;
use crate::subject::Subject;

/// Rules about requests, and an item that lets the same connections pass whole.
pub(crate) struct Shadow<'s> {
    narrow: Spot<'s>,
    rules: &'s L7Rules,
    wide: Spot<'s>,
}

/// Every shadow that falls on rules of some kind.
pub(crate) fn shadows<'s>(
    subject: &'s Subject<'s>,
    concerned: fn(&L7Rules) -> bool,
) -> Vec<Shadow<'s>> {
    let mut found = BTreeMap::new();
    for pods in governed(subject) {
        for (narrow, ports, rules) in restricted(&pods.items, concerned) {
            for wide in pods.items.iter().filter(|wide| opens(wide, &narrow, ports)) {
                let key = (
                    &rules.pointer,
                    narrow.of.index,
                    &wide.entry.pointer,
                    wide.of.index,
                );
                if found.contains_key(&key) {
                    continue;
                }
                if peers_meet(&narrow, wide, subject.witnesses()) {
                    found.insert(
                        key,
                        Shadow {
                            narrow,
                            rules,
                            wide: *wide,
                        },
                    );
                }
            }
        }
    }
    found.into_values().collect()
}

fn restricted<'s>(
    items: &[Spot<'s>],
    concerned: fn(&L7Rules) -> bool,
) -> Vec<(Spot<'s>, &'s PortRule, &'s L7Rules)> {
    let allowing = items
        .iter()
        .filter(|item| item.entry.action == Action::Allow);
    allowing
        .flat_map(|item| {
            let ports = item.entry.ports.iter();
            ports.filter_map(move |ports| Some((*item, ports, ports.l7.as_ref()?)))
        })
        .filter(|(_, _, rules)| concerned(rules))
        .collect()
}

/// Whether an item lets connections to one of the ports pass, whatever is sent.
fn opens(wide: &Spot<'_>, narrow: &Spot<'_>, narrowed: &PortRule) -> bool {
    let Entry {
        direction,
        action,
        ports,
        icmps,
        ..
    } = wide.entry;
    if *direction != narrow.entry.direction || *action != Action::Allow {
        return false;
    }
    if ports.is_empty() {
        return icmps.is_empty();
    }
    let open = ports.iter().filter(|rule| is_open(rule));
    open.flat_map(|rule| &rule.ports)
        .any(|port| narrowed.ports.iter().any(|other| ports_meet(port, other)))
}

fn is_open(rule: &PortRule) -> bool {
    rule.l7.as_ref().is_none_or(L7Rules::is_empty)
        && rule.server_names.is_empty()
        && rule.listener.is_none()
        && rule.terminating_tls.is_none()
}

impl Shadow<'_> {
    /// A finding at the rules, which says where the shadow comes from.
    pub(crate) fn finding(&self, what: &str, hint: &str) -> Found {
        let wide = self.wide.of.subject.object(self.wide.of.index).id();
        let at = &self.wide.entry.pointer;
        let message =
            format!("{what} have no effect: `{wide}` lets the same pass whole, at `{at}`");
        self.narrow.finding(&self.rules.pointer, message, hint)
    }
}

//! Two listeners of a Gateway cannot be told apart.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::{Listener, gateways};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "listener-twice",
    severity: Severity::Error,
    text: include_str!("listener_twice.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    gateways(subject)
        .flat_map(|gateway| {
            let mut names = BTreeSet::new();
            let mut places = BTreeMap::new();
            let listeners = gateway.listeners();
            listeners
                .filter_map(|listener| {
                    let name = listener.name();
                    if !names.insert(name) {
                        return Some(same_name(listener));
                    }
                    let place = (listener.port(), layer(listener), listener.host());
                    let earlier = places.insert(place, name)?;
                    Some(same_place(listener, earlier))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What clients' first bytes are: TLS is told apart by names alone.
fn layer(listener: Listener<'_>) -> &str {
    match listener.protocol() {
        "HTTPS" => "TLS",
        other => other,
    }
}

fn same_name(listener: Listener<'_>) -> Found {
    let message = format!("two listeners are called `{}`", listener.name());
    listener.finding("/name", message, "give each a name of its own")
}

fn same_place(listener: Listener<'_>, earlier: &str) -> Found {
    let message = format!(
        "listeners `{earlier}` and `{}` have one port and one host",
        listener.name()
    );
    listener.finding(
        "",
        message,
        "leave one of them out, or give it another `hostname`",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::fixtures::{GATEWAY, HOST, gateway, http, https};
    use crate::testing::Lint;

    fn with(second: Value) -> Lint {
        Lint::homelab().object(gateway(&[http(), https(HOST), second]))
    }

    fn other(change: impl Fn(&mut Value)) -> Value {
        let mut listener = https(HOST);
        listener["name"] = "second".into();
        change(&mut listener);
        listener
    }

    #[test]
    fn two_of_one_port_and_host_are_found() {
        with(other(|_| ())).finds(super::RULE, GATEWAY);
        with(other(|listener| listener["protocol"] = "TLS".into())).finds(super::RULE, GATEWAY);
    }

    #[test]
    fn two_of_one_name_are_found() {
        with(https("other.homelab-one.net")).finds(super::RULE, GATEWAY);
    }

    #[test]
    fn two_of_different_hosts_are_fine() {
        with(other(|listener| {
            listener["hostname"] = "b.homelab-one.net".into();
        }))
        .passes(super::RULE);
    }
}

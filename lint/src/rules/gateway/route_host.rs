//! A route is for a host that none of its listeners has.

use ztgit_plugin::{Severity, host_name};

use crate::finding::Found;
use crate::gateway::Listener;
use crate::gateway::attachment::Attachments;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "route-host",
    severity: Severity::Warning,
    text: include_str!("route_host.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let attachments = Attachments::of(subject);
    let mut found = Vec::new();
    for (route, _) in attachments.routes() {
        let mut parents = route.parents();
        if parents.any(|parent| attachments.meant(&parent).is_empty()) {
            // What is not there may be for any host.
            continue;
        }
        let parents = route.parents();
        let listeners: Vec<Listener<'_>> = parents
            .flat_map(|parent| attachments.meant(&parent))
            .collect();
        let hosts = route.hosts().enumerate();
        let strange = hosts.filter(|(_, host)| !listeners.is_empty() && !has(&listeners, host));
        found.extend(strange.map(|(at, host)| {
            route.spot.finding(
                &format!("/spec/hostnames/{at}"),
                format!("no listener that the route names is for `{host}`"),
                format!("add a listener for `{host}`, or name the one that is for it"),
            )
        }));
    }
    found
}

fn has(listeners: &[Listener<'_>], host: &str) -> bool {
    let mut own = listeners.iter().map(|listener| listener.host());
    own.any(|own| own.is_none_or(|own| host_name::overlap(own, host)))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{HOST, ROUTE, gateway, http, https, route};
    use crate::testing::Lint;

    #[test]
    fn a_host_of_no_listener_is_found() {
        let gateway = gateway(&[http(), https("wiki.homelab-one.net")]);
        let lint = Lint::homelab().object(gateway);
        lint.object(route("https")).finds(super::RULE, ROUTE);
    }

    #[test]
    fn a_host_of_its_listener_is_fine() {
        for host in [HOST, "*.homelab-one.net"] {
            let lint = Lint::homelab().object(gateway(&[https(host)]));
            lint.object(route("https")).passes(super::RULE);
        }
    }

    #[test]
    fn a_listener_for_all_hosts_has_every_host() {
        let lint = Lint::homelab().object(gateway(&[http()]));
        lint.object(route("http")).passes(super::RULE);
    }
}

//! A challenge over HTTP cannot get through.

use ztgit_plugin::Severity;

use super::is_on;
use crate::finding::Found;
use crate::gateway::issuer::issuers;
use crate::gateway::route::{Parent, parents};
use crate::gateway::{Listener, gateways};
use crate::host::firewall::{Firewall, firewalls};
use crate::host::nftables::Protocol;
use crate::json::list;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "http01-unreachable",
    severity: Severity::Error,
    text: include_str!("http01_unreachable.md"),
    find,
};

const HTTP: u16 = 80;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for issuer in issuers(subject) {
        for (position, solver) in issuer.solvers() {
            let pointer = "/http01/gatewayHTTPRoute/parentRefs";
            for parent in parents(list(solver, pointer), "") {
                let at = format!("/spec/acme/solvers/{position}{pointer}/{}", parent.position);
                let problem = problem(subject, &parent);
                found
                    .extend(problem.map(|(message, hint)| issuer.spot.finding(&at, message, hint)));
            }
        }
    }
    found
}

fn problem(subject: &Subject<'_>, parent: &Parent<'_>) -> Option<(String, &'static str)> {
    let name = parent.name;
    let gateway = gateways(subject).find(|gateway| {
        gateway.spot.object.name() == name
            && (parent.namespace.is_empty() || parent.namespace == gateway.spot.namespace())
    });
    let Some(gateway) = gateway else {
        return Some((
            format!("challenges are to come through Gateway `{name}`, which is not in the stack"),
            "name a Gateway of the stack, with its namespace",
        ));
    };
    let listeners = gateway.listeners().filter(|listener| {
        let section = parent.section.is_none_or(|name| name == listener.name());
        section && listener.protocol() == "HTTP" && listener.port() == u64::from(HTTP)
    });
    let listeners: Vec<Listener<'_>> = listeners.collect();
    let Some(first) = listeners.first() else {
        return Some((
            format!(
                "challenges come to port 80, and Gateway `{name}` has no such listener for HTTP"
            ),
            "add a listener on port 80 with protocol HTTP, or prove hosts by `dns01`",
        ));
    };
    let namespace = gateway.spot.namespace();
    if !listeners
        .iter()
        .any(|listener| listener.admits(subject, namespace))
    {
        return Some((
            format!(
                "listener `{}` takes no routes of namespace `{namespace}`, where challenges are answered",
                first.name()
            ),
            "give the Gateway's own namespace the label that `allowedRoutes` selects",
        ));
    }
    closed(subject).then(|| {
        (
            "challenges come to port 80, which no node's firewall opens to the world".to_owned(),
            "open port 80, or prove hosts by `dns01`",
        )
    })
}

/// Whether sockets on the nodes answer, and every node's firewall is in front.
fn closed(subject: &Subject<'_>) -> bool {
    let on_nodes = subject
        .cilium_values()
        .is_some_and(|(_, values)| is_on(values, "/gatewayAPI/hostNetwork/enabled"));
    let firewalls: Vec<Firewall<'_>> = firewalls(subject).filter(Firewall::is_closed).collect();
    let open = |firewall: &Firewall<'_>| {
        let mut openings = firewall.openings.iter();
        openings.any(|opening| opening.covers(Protocol::Tcp, HTTP) && opening.source.is_world())
    };
    on_nodes && !firewalls.is_empty() && !firewalls.iter().any(open)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{HOST, ISSUER, STAGING, gateway, http, https, issuer, release};
    use crate::testing::Lint;

    fn with(listeners: &[Value]) -> Lint {
        Lint::homelab()
            .object(gateway(listeners))
            .object(issuer(STAGING))
    }

    #[test]
    fn a_gateway_without_a_listener_on_port_80_is_found() {
        with(&[https(HOST)]).finds(super::RULE, ISSUER);
        let mut elsewhere = http();
        elsewhere["port"] = 8080.into();
        with(&[elsewhere]).finds(super::RULE, ISSUER);
    }

    #[test]
    fn a_listener_that_does_not_take_the_challenges_route_is_found() {
        let mut listener = http();
        listener["allowedRoutes"] = https(HOST)["allowedRoutes"].clone();
        with(&[listener]).finds(super::RULE, ISSUER);
    }

    #[test]
    fn a_firewall_without_a_hole_is_found() {
        let ruleset = |rule: &str| {
            format!(
                "table inet f {{\n chain input {{\n type filter hook input priority 0; policy drop;\n {rule}\n }}\n}}"
            )
        };
        let values = json!({"gatewayAPI": {"hostNetwork": {"enabled": true}}});
        let lint = |rule| {
            with(&[http()]).object(release(&values)).file(
                "pi-1",
                "/etc/ztgit/nftables.nft",
                &ruleset(rule),
            )
        };
        lint("tcp dport 443 accept").finds(super::RULE, ISSUER);
        lint("tcp dport { 80, 443 } accept").passes(super::RULE);
    }

    #[test]
    fn a_listener_for_everybody_is_fine() {
        with(&[http()]).passes(super::RULE);
    }
}

//! Two objects want the same requests.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::attachment::Attachments;
use crate::gateway::route::Route;
use crate::gateway::{Listener, listeners, of_cilium};
use crate::json::list;
use crate::rule::Rule;
use crate::subject::{ObjectIndex, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "contested-host",
    severity: Severity::Warning,
    text: include_str!("contested_host.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = routes(subject);
    found.extend(gateways(subject));
    found.extend(ports_of_nodes(subject));
    found
}

/// Two routes of one listener for the same requests: the older one gets them.
fn routes(subject: &Subject<'_>) -> Vec<Found> {
    let attachments = Attachments::of(subject);
    let mut owners: BTreeMap<(ObjectIndex, usize, String, String), Route<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for (route, listeners) in attachments.routes() {
        let mut other = None;
        for listener in listeners {
            for (host, requests) in claims(route, *listener) {
                let key = (
                    listener.gateway.spot.index,
                    listener.position,
                    host,
                    requests,
                );
                let owner = owners.entry(key.clone()).or_insert(route);
                if owner.spot.index != route.spot.index {
                    other = Some((owner.spot.object.id(), key.2));
                }
            }
        }
        if let Some((owner, host)) = other {
            found.push(route.spot.finding(
                "/spec/rules",
                format!(
                    "{owner} is for the same requests to `{host}`: the older of the two gets them"
                ),
                "give each a path or a host of its own, or put both in one route with weights",
            ));
        }
    }
    found
}

/// The hosts and the requests that a route is for.
fn claims(route: Route<'_>, listener: Listener<'_>) -> Vec<(String, String)> {
    let mut hosts: Vec<String> = route.hosts().map(str::to_owned).collect();
    if hosts.is_empty() {
        hosts.push(listener.host().unwrap_or("*").to_owned());
    }
    let everything = json!({"path": {"type": "PathPrefix", "value": "/"}});
    let requests = route.rules().iter().flat_map(|rule| {
        let matches = list(rule, "/matches").iter().map(Value::to_string);
        let matches: Vec<String> = matches.collect();
        if matches.is_empty() {
            vec![everything.to_string()]
        } else {
            matches
        }
    });
    let requests: Vec<String> = requests.collect();
    let pairs = hosts.into_iter();
    pairs
        .flat_map(|host| {
            let requests = requests.iter().cloned();
            requests.map(move |request| (host.clone(), request))
        })
        .collect()
}

/// Two Gateways for one host: clients find the one that the DNS names.
fn gateways(subject: &Subject<'_>) -> Vec<Found> {
    let mut owners: BTreeMap<(&str, u64), Listener<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for listener in listeners(subject) {
        let Some(host) = listener.host() else {
            continue;
        };
        let owner = *owners.entry((host, listener.port())).or_insert(listener);
        if owner.gateway.spot.index != listener.gateway.spot.index {
            found.push(listener.finding(
                "/hostname",
                format!("{} is for `{host}` too", owner.gateway.spot.object.id()),
                "serve a host from one Gateway",
            ));
        }
    }
    found
}

/// On the nodes' own network a port is one Gateway's.
fn ports_of_nodes(subject: &Subject<'_>) -> Vec<Found> {
    let on_nodes = subject.cilium_values().is_some_and(|(_, values)| {
        values.pointer("/gatewayAPI/hostNetwork/enabled") == Some(&Value::Bool(true))
    });
    let mut owners: BTreeMap<u64, ObjectIndex> = BTreeMap::new();
    let mut found = Vec::new();
    for gateway in of_cilium(subject).filter(|_| on_nodes) {
        for listener in gateway.listeners() {
            let port = listener.port();
            let owner = *owners.entry(port).or_insert(gateway.spot.index);
            if owner != gateway.spot.index {
                let owner = subject.object(owner).id();
                found.push(listener.finding(
                    "/port",
                    format!("port {port} of every node is {owner}'s"),
                    "choose another port, or an exposure that gives each Gateway an address",
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Lint;

    fn gateway(name: &str, host: Option<&str>, port: u16) -> Value {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": name, "namespace": "ingress"},
            "spec": {"gatewayClassName": "cilium", "listeners": [{
                "name": "web", "port": port, "protocol": "HTTP", "hostname": host,
                "allowedRoutes": {"namespaces": {"from": "All"}}
            }]}
        })
    }

    fn route(name: &str, host: &str, path: &str) -> Value {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": {"name": name, "namespace": "my-app"},
            "spec": {
                "hostnames": [host],
                "parentRefs": [{"name": "edge", "namespace": "ingress"}],
                "rules": [{"matches": [{"path": {"type": "PathPrefix", "value": path}}]}]
            }
        })
    }

    fn with(first: Value, second: Value) -> Lint {
        let lint = Lint::homelab().object(gateway("edge", None, 80));
        lint.object(first).object(second)
    }

    const HOST: &str = "wiki.homelab-one.net";

    #[test]
    fn two_routes_for_the_same_requests_are_found() {
        with(route("a", HOST, "/"), route("b", HOST, "/")).finds(super::RULE, "HTTPRoute/my-app/b");
        let mut everything = route("b", HOST, "/");
        everything["spec"]["rules"] = json!([{}]);
        with(route("a", HOST, "/"), everything).finds(super::RULE, "HTTPRoute/my-app/b");
    }

    #[test]
    fn two_routes_for_different_requests_are_fine() {
        with(route("a", HOST, "/"), route("b", HOST, "/api")).passes(super::RULE);
        with(
            route("a", HOST, "/"),
            route("b", "git.homelab-one.net", "/"),
        )
        .passes(super::RULE);
    }

    #[test]
    fn two_gateways_for_one_host_are_found() {
        let lint = Lint::homelab().object(gateway("edge", Some(HOST), 80));
        lint.object(gateway("other", Some(HOST), 80))
            .finds(super::RULE, "Gateway/ingress/other");
    }

    #[test]
    fn two_gateways_for_one_port_of_the_nodes_are_found() {
        let release = json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "cilium", "namespace": "kube-system"},
            "spec": {"values": {"gatewayAPI": {"hostNetwork": {"enabled": true}}}}
        });
        let two = |port| {
            let lint = Lint::homelab().object(gateway("edge", None, 80));
            lint.object(gateway("other", None, port))
        };
        two(80)
            .object(release.clone())
            .finds(super::RULE, "Gateway/ingress/other");
        two(8080).object(release).passes(super::RULE);
        two(80).passes(super::RULE);
    }
}

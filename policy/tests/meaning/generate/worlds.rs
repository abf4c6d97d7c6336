//! Worlds, and every question about them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use ztgit_policy::model::{LabelKey, LabelSet, Protocol};
use ztgit_policy::reach::{Endpoint, HostFirewall, HttpRequest, Question, Request, World};

/// Labels of the namespaces.
const NAMESPACES: [(&str, &[(&str, &str)]); 3] = [
    (
        "a",
        &[("kubernetes.io/metadata.name", "a"), ("team", "red")],
    ),
    ("b", &[("kubernetes.io/metadata.name", "b")]),
    (
        "kube-system",
        &[("kubernetes.io/metadata.name", "kube-system")],
    ),
];

/// Some random pods, and one of everything else.
pub(crate) fn world() -> impl Strategy<Value = World> {
    let firewall = select(vec![HostFirewall::Off, HostFirewall::On]);
    (prop::collection::vec(pod(), 3..6), firewall).prop_map(|(pods, host_firewall)| {
        let pods = pods.into_iter().enumerate();
        let pods = pods.map(|(index, pod)| (format!("pod-{index}"), pod));
        World {
            endpoints: pods.chain(fixed()).collect(),
            host_firewall,
        }
    })
}

fn fixed() -> Vec<(String, Endpoint)> {
    let world = |address: &str| Endpoint::world(address.parse().expect("an address"));
    let mut host = Endpoint::host();
    host.labels.insert(LabelKey::k8s("zone"), "a");
    [
        ("host", host),
        ("remote-node", Endpoint::remote_node()),
        ("kube-apiserver", Endpoint::kube_apiserver()),
        ("health", Endpoint::health()),
        ("ingress", Endpoint::ingress()),
        ("one", world("1.1.1.1")),
        ("ten-one", world("10.1.2.3")),
        ("ten-two", world("10.2.0.1")),
        ("six", world("2001:db8::1")),
        ("other-six", world("2002::1")),
    ]
    .map(|(name, endpoint)| (name.to_owned(), endpoint))
    .to_vec()
}

fn pod() -> impl Strategy<Value = Endpoint> {
    let tier = select(vec![None, Some("front"), Some("back")]);
    let account = select(vec![None, Some("api"), Some("default")]);
    let port = select(vec![None, Some(80), Some(8080)]);
    (
        select(NAMESPACES.to_vec()),
        select(vec!["x", "y", "z"]),
        tier,
        account,
        port,
    )
        .prop_map(|((namespace, its_labels), app, tier, account, port)| {
            let labels = [Some(("app", app)), tier.map(|tier| ("tier", tier))];
            let its_labels = its_labels.iter().copied();
            let labels =
                LabelSet::of_pod(namespace, labels.into_iter().flatten(), its_labels, account);
            let pod = Endpoint::pod(labels);
            match port {
                Some(port) => pod.with_port("http", Protocol::Tcp, port),
                None => pod,
            }
        })
}

/// Two ends, by their places among the endpoints.
pub(crate) fn pairs(count: usize) -> impl Strategy<Value = Vec<(Index, Index)>> {
    prop::collection::vec(any::<(Index, Index)>(), count)
}

/// Between these ends, over some ports with some requests.
pub(crate) fn questions<'a>(world: &'a World, pairs: &[(Index, Index)]) -> Vec<Question<'a>> {
    let names: Vec<&str> = world.endpoints.keys().map(String::as_str).collect();
    let connections = connections();
    let all = pairs
        .iter()
        .flat_map(|pair| connections.iter().map(move |one| (pair, one)));
    all.map(|((from, to), (protocol, port, request))| Question {
        from: names[from.index(names.len())],
        to: names[to.index(names.len())],
        protocol: *protocol,
        port: *port,
        request: request.clone(),
    })
    .collect()
}

fn connections() -> Vec<(Protocol, u16, Option<Request>)> {
    let http = |method: &str, path: &str, key: Option<&str>| {
        let headers = key.map(|value| ("x-key".to_owned(), value.to_owned()));
        Request::Http(HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            host: "api.example.com".to_owned(),
            headers: BTreeMap::from_iter(headers),
        })
    };
    let dns = |name: &str| Request::Dns(name.to_owned());
    let tls = |name: &str| Request::Tls(Some(name.to_owned()));
    let mut all = Vec::new();
    let mut ask = |protocol, port, requests: Vec<Request>| {
        all.push((protocol, port, None));
        all.extend(
            requests
                .into_iter()
                .map(|request| (protocol, port, Some(request))),
        );
    };
    let requests = || {
        vec![
            http("GET", "/a", None),
            http("GET", "/a/b?c=d", Some("secret")),
            http("POST", "/b", Some("other")),
            http("GET", "/users/{id}", None),
        ]
    };
    ask(Protocol::Tcp, 80, requests());
    ask(Protocol::Tcp, 8080, requests());
    ask(
        Protocol::Tcp,
        443,
        vec![tls("api.example.com"), tls("a.b.example.org")],
    );
    ask(
        Protocol::Udp,
        53,
        vec![dns("api.example.com"), dns("a.b.example.org."), dns("x")],
    );
    ask(
        Protocol::Tcp,
        53,
        vec![dns("api.a.svc.cluster.local"), dns("b.example.com")],
    );
    ask(Protocol::Tcp, 1001, vec![]);
    ask(Protocol::Sctp, 80, vec![]);
    ask(Protocol::Icmp, 8, vec![]);
    ask(Protocol::IcmpV6, 128, vec![]);
    ask(Protocol::Vrrp, 1, vec![]);
    all
}

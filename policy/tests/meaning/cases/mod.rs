//! What the interpreter knows, one fact a test.

mod isolation;
mod peers;
mod ports;
mod requests;

use std::net::IpAddr;

use serde_json::{Value, json};
use ztgit_policy::model::{LabelSet, Policy, Protocol};
use ztgit_policy::reach::{Endpoint, Judge, Question, Verdict, World};
use ztgit_policy::{Agent, CiliumVersion};

fn pod(namespace: &str, app: &str) -> Endpoint {
    let of_namespace = [("kubernetes.io/metadata.name", namespace)];
    let labels = LabelSet::of_pod(namespace, [("app", app)], of_namespace, Some(app));
    Endpoint::pod(labels).with_port("http", Protocol::Tcp, 8080)
}

fn world() -> World {
    let address = |text: &str| text.parse::<IpAddr>().expect("an address");
    let endpoints = [
        ("web", pod("shop", "web")),
        ("api", pod("shop", "api")),
        ("other", pod("other", "api")),
        ("dns", pod("kube-system", "dns")),
        ("host", Endpoint::host()),
        ("node", Endpoint::remote_node()),
        ("apiserver", Endpoint::kube_apiserver()),
        ("gateway", Endpoint::ingress()),
        ("health", Endpoint::health()),
        ("ten", Endpoint::world(address("10.1.2.3"))),
        ("internet", Endpoint::world(address("203.0.113.1"))),
        (
            "github",
            Endpoint::world(address("203.0.113.2")).with_name("api.github.com"),
        ),
    ];
    World {
        endpoints: endpoints.map(|(name, one)| (name.to_owned(), one)).into(),
        ..World::default()
    }
}

/// A policy in `shop` for `spec`, or for the whole cluster where the namespace is empty.
fn policy(name: &str, namespace: &str, spec: &Value) -> Policy {
    let kind = match namespace {
        "" => "CiliumClusterwideNetworkPolicy",
        _ => "CiliumNetworkPolicy",
    };
    let object = json!({
        "apiVersion": "cilium.io/v2",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    });
    Policy::read(&object).expect("a policy")
}

fn shop(spec: &Value) -> Policy {
    policy("shop", "shop", spec)
}

fn clusterwide(spec: &Value) -> Policy {
    policy("clusterwide", "", spec)
}

fn question<'a>(from: &'a str, to: &'a str, protocol: Protocol, port: u16) -> Question<'a> {
    Question {
        from,
        to,
        protocol,
        port,
        request: None,
    }
}

fn tcp<'a>(from: &'a str, to: &'a str, port: u16) -> Question<'a> {
    question(from, to, Protocol::Tcp, port)
}

fn ask(policies: &[&Policy], question: &Question<'_>) -> Verdict {
    ask_in(&world(), policies, question)
}

fn ask_in(world: &World, policies: &[&Policy], question: &Question<'_>) -> Verdict {
    let judge = Judge::new(
        world,
        policies.iter().copied(),
        &Agent::new(CiliumVersion::new(1, 20)),
    );
    assert_eq!(
        judge.refused(),
        [],
        "the agent takes the policies of these tests"
    );
    judge.ask(question).expect("everybody is in the world")
}

fn passes(policies: &[&Policy], question: &Question<'_>) -> bool {
    ask(policies, question).is_allowed()
}

use serde_json::{Value, json};
use ztgit_policy::model::{Policy, Protocol};
use ztgit_policy::reach::{Decision, HttpRequest, Question, Request};

use super::{ask, passes, policy, question, shop, tcp};

fn get<'a>(from: &'a str, to: &'a str, path: &str) -> Question<'a> {
    let request = HttpRequest {
        method: "GET".to_owned(),
        path: path.to_owned(),
        ..HttpRequest::default()
    };
    Question {
        request: Some(Request::Http(request)),
        ..tcp(from, to, 8080)
    }
}

fn resolve<'a>(from: &'a str, name: &str) -> Question<'a> {
    Question {
        request: Some(Request::Dns(name.to_owned())),
        ..question(from, "dns", Protocol::Udp, 53)
    }
}

fn http_rule(rules: &Value) -> Policy {
    shop(&json!({
        "endpointSelector": {"matchLabels": {"app": "api"}},
        "ingress": [{
            "fromEndpoints": [{"matchLabels": {"app": "web"}}],
            "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}], "rules": {"http": rules}}],
        }],
    }))
}

#[test]
fn a_path_is_the_whole_path_with_its_query() {
    let policy = http_rule(&json!([{"method": "GET", "path": "/items"}]));
    assert!(passes(&[&policy], &get("web", "api", "/items")));
    let verdict = ask(&[&policy], &get("web", "api", "/items?id=1"));
    assert_eq!(verdict.ingress.decision, Decision::RequestDenied);
    assert_eq!(
        ask(&[&policy], &tcp("web", "api", 8080)).ingress.decision,
        Decision::Restricted
    );
}

#[test]
fn an_empty_http_rule_lets_every_request_pass() {
    let policy = http_rule(&json!([{"method": "GET", "path": "/items"}, {}]));
    assert!(passes(&[&policy], &get("web", "api", "/else")));
}

#[test]
fn an_allow_without_http_rules_voids_those_beside_it() {
    let http = http_rule(&json!([{"path": "/items"}]));
    let others = [
        json!({"fromEndpoints": [{"matchLabels": {"app": "web"}}], "toPorts": [{"ports": [{"port": "8080"}]}]}),
        json!({"fromEntities": ["cluster"]}),
        json!({"toPorts": [{"ports": [{"port": "8000", "endPort": 9000}]}]}),
    ];
    for other in others {
        let other = shop(&json!({"endpointSelector": {}, "ingress": [other]}));
        assert!(passes(&[&http, &other], &get("web", "api", "/else")));
    }
}

#[test]
fn an_allow_of_kubernetes_voids_http_rules_too() {
    let object = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "podSelector": {},
            "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 8080}]}],
        },
    });
    let plain = Policy::read(&object).expect("a policy");
    let http = http_rule(&json!([{"path": "/items"}]));
    assert!(passes(&[&http, &plain], &get("web", "api", "/else")));
}

#[test]
fn headers_are_compared_and_not_matched() {
    let policy = http_rule(&json!([{"headers": ["X-Key: a.c"]}]));
    let with = |value: &str| {
        let mut question = get("web", "api", "/");
        if let Some(Request::Http(http)) = &mut question.request {
            http.headers.insert("x-key".to_owned(), value.to_owned());
        }
        question
    };
    assert!(passes(&[&policy], &with("a.c")));
    assert!(!passes(&[&policy], &with("abc")));
}

#[test]
fn http_rules_refuse_what_is_not_http() {
    let policy = http_rule(&json!([{}]));
    let question = Question {
        request: Some(Request::Other),
        ..tcp("web", "api", 8080)
    };
    assert!(!passes(&[&policy], &question));
}

fn dns_rule(names: &Value) -> Policy {
    shop(&json!({
        "endpointSelector": {},
        "egress": [{
            "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
            "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": names}}],
        }],
    }))
}

#[test]
fn dns_rules_refuse_other_names() {
    let policy = dns_rule(&json!([{"matchPattern": "*.example.com"}]));
    assert!(passes(&[&policy], &resolve("web", "www.example.com")));
    let verdict = ask(&[&policy], &resolve("web", "evil.example.net"));
    assert_eq!(verdict.egress.decision, Decision::RequestDenied);
}

#[test]
fn an_allow_for_the_same_port_voids_dns_rules_and_one_for_all_ports_does_not() {
    let dns = dns_rule(&json!([{"matchPattern": "*.example.com"}]));
    let question = resolve("web", "evil.example.net");
    let with = |entry: Value| shop(&json!({"endpointSelector": {}, "egress": [entry]}));
    let same_port = with(json!({
        "toEntities": ["cluster"],
        "toPorts": [{"ports": [{"port": "53", "protocol": "UDP"}]}],
    }));
    assert!(passes(&[&dns, &same_port], &question));
    let all_ports = with(json!({"toEntities": ["cluster"]}));
    assert!(!passes(&[&dns, &all_ports], &question));
}

#[test]
fn rules_about_requests_refuse_nothing_until_something_isolates() {
    let mut http = http_rule(&json!([{"path": "/items"}]));
    assert!(!passes(&[&http], &get("web", "api", "/else")));
    for rule in &mut http.rules {
        rule.isolates.clear();
    }
    assert!(passes(&[&http], &get("web", "api", "/else")));
    let deny = shop(&json!({"endpointSelector": {}, "ingress": [{}]}));
    assert!(!passes(&[&http, &deny], &get("web", "api", "/else")));
}

fn names_rule(peers: &Value, names: &Value) -> Policy {
    let mut entry = peers.clone();
    entry["toPorts"] =
        json!([{"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": names}]);
    shop(&json!({"endpointSelector": {}, "egress": [entry]}))
}

fn hello(name: Option<&str>) -> Question<'static> {
    Question {
        request: Some(Request::Tls(name.map(str::to_owned))),
        ..tcp("web", "internet", 443)
    }
}

#[test]
fn server_names_demand_tls_for_one_of_them() {
    let policy = names_rule(&json!({"toEntities": ["world"]}), &json!(["*.example.com"]));
    assert!(passes(&[&policy], &hello(Some("www.example.com"))));
    assert!(!passes(&[&policy], &hello(Some("example.org"))));
    assert!(!passes(&[&policy], &hello(None)));
}

#[test]
fn server_names_are_demanded_of_every_rule_for_the_same_peers_and_port() {
    let names = names_rule(
        &json!({"toCIDR": ["203.0.113.0/24"]}),
        &json!(["example.com"]),
    );
    let plain = |peers: Value| {
        let mut entry = peers.clone();
        entry["toPorts"] = json!([{"ports": [{"port": "443", "protocol": "TCP"}]}]);
        policy(
            "plain",
            "shop",
            &json!({"endpointSelector": {}, "egress": [entry]}),
        )
    };
    let same = plain(json!({"toCIDR": ["203.0.113.0/24"]}));
    assert!(!passes(&[&names, &same], &hello(Some("example.org"))));
    let other = plain(json!({"toEntities": ["world"]}));
    assert!(passes(&[&names, &other], &hello(Some("example.org"))));
}

#[test]
fn rules_for_two_proxies_are_a_conflict() {
    let dns = dns_rule(&json!([{"matchPattern": "*"}]));
    let http = policy(
        "http",
        "shop",
        &json!({
            "endpointSelector": {},
            "egress": [{
                "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
                "toPorts": [{"ports": [{"port": "53", "protocol": "TCP"}], "rules": {"http": [{}]}}],
            }],
        }),
    );
    let verdict = ask(&[&dns, &http], &tcp("web", "internet", 80));
    assert_eq!(verdict.egress.decision, Decision::Undecided);
    assert!(!verdict.is_allowed());
}

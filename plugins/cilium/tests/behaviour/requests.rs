//! What of a request is matched, and how.

use serde_json::{Value, json};
use ztgit_policy::pattern;

use crate::stack::{frontend_to_api, policy, tcp, with_flow};

fn path_of(request: Value) -> String {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "http": [request]}));
    let spec = policy(&with_flow(flow).render(), "f.ingress")["spec"].clone();
    let rule = &spec["ingress"][0]["toPorts"][0]["rules"]["http"][0];
    rule["path"].as_str().expect("a path").to_owned()
}

fn errors(request: Value) -> Vec<String> {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "http": [request]}));
    with_flow(flow)
        .render()
        .errors()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_literal_path_admits_itself_with_any_query_and_nothing_else() {
    let expression = path_of(json!({"path": "/api/v1/transfer"}));
    let matches = |path: &str| pattern::http(&expression).unwrap().matches(path);
    assert!(matches("/api/v1/transfer"));
    assert!(matches("/api/v1/transfer?id=1"));
    assert!(!matches("/api/v1/transfers"));
    assert!(!matches("/api/v1/transfer/1"));
    assert!(!matches("/x/api/v1/transfer"));
}

#[test]
fn an_expression_is_about_the_whole_of_path_and_query() {
    let expression = path_of(json!({"pathRegex": "/api/v1/(balance|transactions)(/.*)?"}));
    let matches = |path: &str| pattern::http(&expression).unwrap().matches(path);
    assert!(matches("/api/v1/balance") && matches("/api/v1/transactions/7"));
    assert!(!matches("/api/v1/transactionsXYZ") && !matches("/api/v1/balance?x=1"));
}

#[test]
fn a_call_of_grpc_is_a_post_to_its_path() {
    let call = json!({"method": "POST", "pathRegex": "/shop[.]Cart/[^/]+"});
    let expression = path_of(call);
    let matches = |path: &str| pattern::http(&expression).unwrap().matches(path);
    assert!(matches("/shop.Cart/Add"));
    assert!(!matches("/shopXCart/Add") && !matches("/shop.Cart/"));
}

#[test]
fn an_expression_that_the_proxy_cannot_read_is_refused() {
    for text in ["/api/(v1", "/api/**", "/a{1001}", "/(?=x)", "/[a&&b]"] {
        assert_eq!(
            errors(json!({ "pathRegex": text })),
            ["http-expression"],
            "{text}"
        );
    }
}

#[test]
fn an_expression_that_no_path_begins_with_is_refused() {
    assert_eq!(errors(json!({"pathRegex": "api/v1"})), ["http-expression"]);
    assert_eq!(
        errors(json!({"pathRegex": "^health$"})),
        ["http-expression"]
    );
}

#[test]
fn a_host_with_a_scheme_and_a_header_without_a_name_are_refused() {
    assert_eq!(
        errors(json!({"host": "https://api.example.com"})),
        ["http-host"]
    );
    assert_eq!(errors(json!({"host": ""})), ["http-host"]);
    assert_eq!(
        errors(json!({"headers": {"X Tenant": "blue"}})),
        ["http-header"]
    );
}

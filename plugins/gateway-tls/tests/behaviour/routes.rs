//! Which requests go where.

use serde_json::{Value, json};
use ztgit_plugin::cluster::{FlowPort, Peer};
use ztgit_plugin::fact::{CiliumValues, FlowFact, NamespaceFact, StandardFact};
use ztgit_plugin::testing::Rendered;

use crate::{assert_only_error, names_of, shop};

const HOST: &str = "shop.homelab-one.net";

fn web() -> Value {
    json!({"service": "shop/web", "port": 80})
}

fn route(rendered: &Rendered, kind: &str) -> Value {
    assert_eq!(rendered.errors(), [""; 0], "{:#?}", rendered.0.diagnostics);
    rendered.object(kind, &format!("https-{HOST}"))
}

/// The rules of a host's route.
fn rules(host: &Value) -> Vec<Value> {
    let route = route(&shop(host).render(), "HTTPRoute");
    route["spec"]["rules"].as_array().unwrap().clone()
}

fn rule(rule: &Value) -> Value {
    let mut rule = rule.clone();
    if rule.get("backends").is_none() {
        rule["backend"] = web();
    }
    rules(&json!({"routes": {"only": rule}})).remove(0)
}

/// A host with one rule, which is refused.
#[track_caller]
fn assert_refused(rule: &Value, code: &str, at: &str) {
    let rendered = shop(&json!({"routes": {"only": rule}})).render();
    let at = format!("config:/hosts/{HOST}/routes/only{at}");
    assert_only_error(&rendered, code, &at);
}

fn stated<F: StandardFact>(host: &Value) -> Vec<F> {
    let facts = shop(host).facts().facts.into_iter();
    let facts = facts.filter(|fact| fact.kind == F::KIND);
    facts
        .map(|fact| serde_json::from_value(fact.value).unwrap())
        .collect()
}

#[test]
fn requests_are_matched_by_path_method_headers_and_query() {
    let matches = json!([
        {"path": "/api", "method": "POST", "headers": {"x-version": "2"}, "query": {"v": "1"}},
        {"exactPath": "/health"},
        {"pathRegex": "/v[0-9]+/.*"},
    ]);
    assert_eq!(
        rule(&json!({"matches": matches}))["matches"],
        json!([
            {
                "path": {"type": "PathPrefix", "value": "/api"},
                "method": "POST",
                "headers": [{"name": "x-version", "value": "2"}],
                "queryParams": [{"name": "v", "value": "1"}],
            },
            {"path": {"type": "Exact", "value": "/health"}},
            {"path": {"type": "RegularExpression", "value": "/v[0-9]+/.*"}},
        ])
    );
}

#[test]
fn a_canary_gets_its_share() {
    let backends = json!({
        "stable": {"service": "shop/web", "port": 80, "weight": 95},
        "canary": {"service": "shop/canary", "port": 80, "weight": 5},
    });
    assert_eq!(
        rule(&json!({"backends": backends}))["backendRefs"],
        json!([
            {"name": "canary", "port": 80, "weight": 5},
            {"name": "web", "port": 80, "weight": 95},
        ])
    );
}

#[test]
fn a_request_has_timeouts() {
    let timeouts = json!({"timeouts": {"request": "10s", "backend": "500ms"}});
    assert_eq!(
        rule(&timeouts)["timeouts"],
        json!({"request": "10s", "backendRequest": "500ms"})
    );
}

#[test]
fn headers_are_set_added_and_removed_both_ways() {
    let headers = json!({
        "requestHeaders": {"set": {"x-from": "gateway"}, "remove": ["x-debug"]},
        "responseHeaders": {"add": {"x-served-by": "shop"}},
    });
    assert_eq!(
        rule(&headers)["filters"],
        json!([
            {"type": "RequestHeaderModifier", "requestHeaderModifier": {
                "set": [{"name": "x-from", "value": "gateway"}], "remove": ["x-debug"],
            }},
            {"type": "ResponseHeaderModifier", "responseHeaderModifier": {
                "add": [{"name": "x-served-by", "value": "shop"}],
            }},
        ])
    );
}

#[test]
fn the_rules_of_a_host_are_in_one_route_by_their_names() {
    let host = json!({"routes": {
        "b": {"matches": [{"path": "/b"}], "backend": web()},
        "a": {"matches": [{"path": "/a"}], "backend": web()},
    }});
    let names: Vec<_> = rules(&host)
        .iter()
        .map(|rule| rule["name"].clone())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_declared_service_needs_neither_workload_nor_target_port() {
    assert_eq!(shop(&web()).render().errors(), [""; 0]);
    let flows = stated::<FlowFact>(&web());
    let flow = flows
        .iter()
        .find(|fact| fact.name == "gateway-to-shop--web")
        .unwrap();
    assert_eq!(flow.flow.ports, [FlowPort::tcp(8080)]);
}

#[test]
fn a_port_that_a_declared_service_lacks_is_refused() {
    let rendered = shop(&json!({"service": "shop/web", "port": 81})).render();
    let at = format!("config:/hosts/{HOST}/port");
    assert_only_error(&rendered, "unknown-service-port", &at);
}

#[test]
fn a_workload_that_a_declared_service_does_not_select_is_refused() {
    let host = json!({"service": "shop/web", "port": 80, "workload": "shop/canary"});
    let at = format!("config:/hosts/{HOST}/workload");
    assert_only_error(&shop(&host).render(), "other-workload", &at);
}

#[test]
fn an_undeclared_service_needs_its_workload() {
    let rendered = shop(&json!({"service": "my-app/my-app-svc", "port": 80})).render();
    let at = format!("config:/hosts/{HOST}/service");
    assert_only_error(&rendered, "missing-workload", &at);
}

#[test]
fn a_service_of_another_namespace_is_granted_to_the_route_and_no_other_is() {
    let host = json!({"namespace": "my-app", "routes": {
        "shop": {"matches": [{"path": "/shop"}], "backend": web()},
        "rest": {"backend": {
            "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend",
        }},
    }});
    let rendered = shop(&host).render();
    let route = route(&rendered, "HTTPRoute");
    assert_eq!(route["metadata"]["namespace"], "my-app");
    let grant = rendered.object("ReferenceGrant", &format!("https-{HOST}"));
    assert_eq!(grant["metadata"]["namespace"], "shop");
    assert_eq!(
        grant["spec"],
        json!({
            "from": [{
                "group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "my-app",
            }],
            "to": [{"group": "", "kind": "Service", "name": "web"}],
        })
    );
    assert_eq!(names_of(&rendered, "ReferenceGrant").len(), 1);
    // A namespace that only lends a Service attaches no routes.
    let shop = stated::<NamespaceFact>(&host);
    let shop = shop.iter().find(|fact| fact.name == "shop").unwrap();
    assert!(shop.labels.is_empty());
}

#[test]
fn which_namespace_a_route_is_in_must_be_clear() {
    let host = json!({"routes": {
        "shop": {"backend": web()},
        "rest": {"matches": [{"path": "/rest"}], "backend": {
            "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend",
        }},
    }});
    let at = format!("config:/hosts/{HOST}");
    assert_only_error(&shop(&host).render(), "route-namespace", &at);
}

#[test]
fn a_route_in_an_undeclared_namespace_is_refused() {
    let mut host = web();
    host["namespace"] = json!("shpo");
    let at = format!("config:/hosts/{HOST}/namespace");
    assert_only_error(&shop(&host).render(), "unknown-namespace", &at);
}

#[test]
fn calls_over_grpc_have_a_route_of_their_own_and_agree_on_http_2() {
    let host = json!({"grpc": {"orders": {
        "matches": [{"service": "shop.v1.Orders", "method": "Place"}, {"headers": {"x-a": "1"}}],
        "backend": {"service": "shop/orders", "port": 80},
    }}});
    let rendered = shop(&host).render();
    let route = route(&rendered, "GRPCRoute");
    assert_eq!(
        route["spec"]["rules"][0]["matches"],
        json!([
            {"method": {"service": "shop.v1.Orders", "method": "Place"}},
            {"headers": [{"name": "x-a", "value": "1"}]},
        ])
    );
    let alpn = |host: &Value| {
        let values = stated::<CiliumValues>(host).remove(0).values;
        values["gatewayAPI"].get("enableAlpn").cloned()
    };
    assert_eq!(alpn(&host), Some(json!(true)));
    assert_eq!(alpn(&web()), None);
}

#[test]
fn tls_is_passed_through_by_the_name_that_the_client_asks_for() {
    let host = json!({"passthrough": {"service": "shop/orders", "port": 80}});
    let rendered = shop(&host).render();
    let route = route(&rendered, "TLSRoute");
    assert_eq!(route["apiVersion"], "gateway.networking.k8s.io/v1");
    assert_eq!(route["spec"]["hostnames"], json!([HOST]));
    let gateway = rendered.object("Gateway", "homelab-gateway");
    let listener = &gateway["spec"]["listeners"][1];
    assert_eq!(listener["protocol"], "TLS");
    assert_eq!(listener["tls"], json!({"mode": "Passthrough"}));
    assert_eq!(listener["port"], 443);
    // Who asks without TLS is sent there all the same.
    rendered.object("HTTPRoute", &format!("redirect-{HOST}"));
    let flows = stated::<FlowFact>(&host);
    assert!(
        flows
            .iter()
            .any(|fact| fact.name == "gateway-to-shop--orders")
    );
}

#[test]
fn a_name_whose_tls_is_ended_and_passed_through_is_refused() {
    let hosts = json!({"hosts": {
        "myapp.homelab-one.net": null,
        "*.homelab-one.net": web(),
        HOST: {"passthrough": {"service": "shop/orders", "port": 80}},
    }, "issuer": "lab", "issuers": {"lab": "selfSigned"}});
    let harness = shop(&web()).config(crate::config(&hosts));
    let at = format!("config:/hosts/{HOST}");
    assert_only_error(&harness.render(), "passthrough-overlap", &at);
}

#[test]
fn the_gateway_speaks_tls_to_a_service_whose_certificate_it_checks() {
    let with = |ca: Value| {
        let mut host = web();
        host["tls"] = json!({"hostname": "web.internal", "ca": ca});
        let rendered = shop(&host).render();
        assert_eq!(rendered.errors(), [""; 0]);
        let policy = rendered.object("BackendTLSPolicy", "web");
        assert_eq!(policy["metadata"]["namespace"], "shop");
        policy["spec"].clone()
    };
    assert_eq!(
        with(json!({"configMap": "internal-ca"})),
        json!({
            "targetRefs": [{"group": "", "kind": "Service", "name": "web"}],
            "validation": {
                "hostname": "web.internal",
                "caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "internal-ca"}],
            },
        })
    );
    let system = with(json!("system"));
    assert_eq!(system["validation"]["wellKnownCACertificates"], "System");
}

#[test]
fn hosts_that_disagree_on_the_tls_of_a_service_are_refused() {
    let mut other = web();
    other["tls"] = json!({"hostname": "web.internal", "ca": "system"});
    let hosts = json!({"hosts": {
        "myapp.homelab-one.net": null, "a.homelab-one.net": web(), "b.homelab-one.net": other,
    }});
    let harness = shop(&web()).config(crate::config(&hosts));
    let at = "config:/hosts/b.homelab-one.net";
    assert_only_error(&harness.render(), "backend-tls-conflict", at);
}

#[test]
fn without_tls_a_host_is_redirected_served_or_absent() {
    let with = |http: &str| {
        let mut host = web();
        host["http"] = json!(http);
        let rendered = shop(&host).render();
        let parents = route(&rendered, "HTTPRoute")["spec"]["parentRefs"].clone();
        let sections = parents.as_array().unwrap().iter();
        let sections: Vec<_> = sections.map(|each| each["sectionName"].clone()).collect();
        (sections, names_of(&rendered, "HTTPRoute").len())
    };
    let tls = json!(format!("https-{HOST}"));
    assert_eq!(with("redirect"), (vec![tls.clone()], 2));
    assert_eq!(with("serve"), (vec![tls.clone(), json!("http")], 1));
    assert_eq!(with("none"), (vec![tls], 1));
}

#[test]
fn what_answers_for_a_host_is_one_thing() {
    let at = format!("config:/hosts/{HOST}");
    assert_only_error(&shop(&json!({})).render(), "host-traffic", &at);
    let mut both = web();
    both["passthrough"] = web();
    assert_only_error(&shop(&both).render(), "host-traffic", &at);
}

#[test]
fn a_service_without_a_port_is_refused() {
    let rendered = shop(&json!({"service": "shop/web"})).render();
    assert_only_error(&rendered, "missing-port", &format!("config:/hosts/{HOST}"));
}

#[test]
fn where_a_rules_requests_go_is_one_thing() {
    assert_refused(&json!({}), "route-backends", "");
    let both = json!({"backend": web(), "backends": {"a": web()}});
    assert_refused(&both, "route-backends", "");
}

#[test]
fn back_ends_of_no_weight_are_refused() {
    let backends = json!({"a": {"service": "shop/web", "port": 80, "weight": 0}});
    assert_refused(&json!({"backends": backends}), "no-weight", "");
}

#[test]
fn a_path_that_proxies_would_change_is_refused() {
    for path in [
        "api", "/a//b", "/a/./b", "/a/..", "/a%2fb", "/a#b", "/a b", "/a?b=c",
    ] {
        let rule = json!({"matches": [{"path": path}], "backend": web()});
        assert_refused(&rule, "invalid-path", "/matches/0/path");
    }
}

#[test]
fn a_match_has_one_path() {
    let rule = json!({"matches": [{"path": "/a", "exactPath": "/b"}], "backend": web()});
    assert_refused(&rule, "two-paths", "/matches/0/exactPath");
}

#[test]
fn what_is_no_name_of_a_header_is_refused() {
    let matched = json!({"matches": [{"headers": {"x y": "1"}}], "backend": web()});
    assert_refused(&matched, "invalid-header", "/matches/0/headers");
    let set = json!({"requestHeaders": {"set": {"x:y": "1"}}, "backend": web()});
    assert_refused(&set, "invalid-header", "/requestHeaders/set");
}

#[test]
fn one_try_takes_no_longer_than_the_whole_request() {
    let rule = json!({"timeouts": {"request": "1s", "backend": "2s"}, "backend": web()});
    assert_refused(&rule, "timeouts", "/timeouts/backend");
}

#[test]
fn more_matches_than_a_route_takes_are_refused() {
    let matches: Vec<_> = (0..64)
        .map(|i| json!({"exactPath": format!("/{i}")}))
        .collect();
    let rule = json!({"matches": matches, "backend": web()});
    let rendered = shop(&json!({"routes": {"a": rule, "b": rule, "c": {"backend": web()}}}));
    let at = format!("config:/hosts/{HOST}/routes");
    assert_only_error(&rendered.render(), "too-many-matches", &at);
}

#[test]
fn every_workload_behind_a_host_is_reached() {
    let host = json!({"routes": {"all": {"backends": {
        "stable": web(), "canary": {"service": "shop/canary", "port": 80},
    }}}});
    let reached: Vec<_> = stated::<FlowFact>(&host)
        .into_iter()
        .filter_map(|fact| match fact.flow.to {
            Peer::Workload { name, .. } => Some((name, fact.flow.ports)),
            _ => None,
        })
        .collect();
    let port = |number| vec![FlowPort::tcp(number)];
    let expected = [("canary", port(8081)), ("web", port(8080))];
    assert_eq!(
        reached,
        expected.map(|(name, ports)| (name.to_owned(), ports))
    );
}

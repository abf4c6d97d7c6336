use serde_json::{Value, json};
use ztgit_policy::{Consequence, Violation};

use super::{object, of_entry, only, refuses, takes, violations};

fn item(ports: &Value, rules: &Value) -> Value {
    json!({"toPorts": [{"ports": ports, "rules": rules}]})
}

fn http(rule: &Value) -> Vec<Violation> {
    let ports = json!([{"port": "80", "protocol": "TCP"}]);
    of_entry("ingress", &item(&ports, &json!({"http": [rule]})))
}

const RULE: &str = "/spec/ingress/0/toPorts/0/rules/http/0";

#[test]
fn http_needs_tcp() {
    for protocol in ["UDP", "ANY"] {
        refuses(
            &of_entry(
                "ingress",
                &item(
                    &json!([{"port": "80", "protocol": protocol}]),
                    &json!({"http": [{"method": "GET"}]}),
                ),
            ),
            "/spec/ingress/0/toPorts/0/ports/0",
            "HTTP rules on another protocol than TCP",
        );
    }
    takes(&of_entry(
        "ingress",
        &item(
            &json!([{"port": "80", "protocol": "tcp"}]),
            &json!({"http": [{"method": "GET"}]}),
        ),
    ));
}

#[test]
fn one_port_of_another_protocol_spoils_all() {
    refuses(
        &of_entry(
            "ingress",
            &item(
                &json!([{"port": "80", "protocol": "TCP"}, {"port": "81", "protocol": "UDP"}]),
                &json!({"http": [{}]}),
            ),
        ),
        "/spec/ingress/0/toPorts/0/ports/1",
        "HTTP rules on another protocol than TCP",
    );
}

#[test]
fn rules_about_requests_need_a_port() {
    refuses(
        &of_entry(
            "ingress",
            &item(
                &json!([{"port": "0", "protocol": "TCP"}]),
                &json!({"http": [{}]}),
            ),
        ),
        "/spec/ingress/0/toPorts/0/ports/0",
        "rules about requests on every port",
    );
    refuses(
        &of_entry(
            "egress",
            &item(&json!([]), &json!({"dns": [{"matchName": "example.com"}]})),
        ),
        "/spec/egress/0/toPorts/0",
        "DNS rules without a port",
    );
}

#[test]
fn http_may_have_a_range_and_dns_may_not() {
    let range = json!([{"port": "8000", "endPort": 9000, "protocol": "TCP"}]);
    takes(&of_entry("ingress", &item(&range, &json!({"http": [{}]}))));
    refuses(
        &of_entry(
            "egress",
            &item(&range, &json!({"dns": [{"matchPattern": "*"}]})),
        ),
        "/spec/egress/0/toPorts/0/ports/0",
        "DNS rules on a range of ports",
    );
}

#[test]
fn dns_is_for_egress() {
    let ports = json!([{"port": "53", "protocol": "ANY"}]);
    let rules = json!({"dns": [{"matchName": "example.com"}]});
    takes(&of_entry("egress", &item(&ports, &rules)));
    refuses(
        &of_entry("ingress", &item(&ports, &rules)),
        "/spec/ingress/0/toPorts/0/rules/dns",
        "DNS rules on ingress",
    );
}

#[test]
fn dns_names_have_their_form() {
    let ports = json!([{"port": "53", "protocol": "ANY"}]);
    refuses(
        &of_entry(
            "egress",
            &item(&ports, &json!({"dns": [{"matchName": "*.example.com"}]})),
        ),
        "/spec/egress/0/toPorts/0/rules/dns/0/matchName",
        "`*` has no place in a DNS name",
    );
}

#[test]
fn two_kinds_of_rules_do_not_share_an_item() {
    refuses(
        &of_entry(
            "egress",
            &item(
                &json!([{"port": "53", "protocol": "TCP"}]),
                &json!({"dns": [{"matchPattern": "*"}], "http": []}),
            ),
        ),
        "/spec/egress/0/toPorts/0/rules",
        "HTTP and DNS rules in one item",
    );
}

#[test]
fn deny_rules_have_none_about_requests() {
    let ports = json!([{"port": "80", "protocol": "TCP"}]);
    only(
        &of_entry(
            "ingressDeny",
            &item(&ports, &json!({"http": [{"method": "GET"}]})),
        ),
        Consequence::Dropped,
        "/spec/ingressDeny/0/toPorts/0/rules",
        "there is no `rules` here",
    );
}

#[test]
fn policies_of_nodes_have_dns_rules_only() {
    let of_nodes = |section: &str, entry: Value| {
        let spec = json!({"nodeSelector": {}, section: [entry]});
        violations(&object("CiliumClusterwideNetworkPolicy", &spec))
    };
    let http = || {
        item(
            &json!([{"port": "80", "protocol": "TCP"}]),
            &json!({"http": [{}]}),
        )
    };
    for section in ["ingress", "egress"] {
        refuses(
            &of_nodes(section, http()),
            &format!("/spec/{section}/0/toPorts/0/rules"),
            "rules about requests in a policy of nodes",
        );
    }
    let dns = item(
        &json!([{"port": "53", "protocol": "UDP"}]),
        &json!({"dns": [{"matchPattern": "*"}]}),
    );
    takes(&of_nodes("egress", dns));
}

#[test]
fn paths_and_methods_are_regular_expressions() {
    takes(&http(&json!({"path": "/users/{id}", "method": "GET|POST"})));
    refuses(
        &http(&json!({"path": "*"})),
        &format!("{RULE}/path"),
        "no regular expression: repetition operator missing expression",
    );
    refuses(
        &http(&json!({"path": "/api/**"})),
        &format!("{RULE}/path"),
        "no regular expression: `*` repeats a repetition",
    );
    refuses(
        &http(&json!({"method": "GET("})),
        &format!("{RULE}/method"),
        "no regular expression: unclosed group",
    );
}

#[test]
fn a_broken_host_is_found_before_envoy_finds_it() {
    only(
        &http(&json!({"host": "*.example.com"})),
        Consequence::Ineffective,
        &format!("{RULE}/host"),
        "no regular expression: repetition operator missing expression",
    );
}

#[test]
fn header_matches_have_a_name_and_a_known_action() {
    let matched = |one: Value| http(&json!({"headerMatches": [one]}));
    takes(&matched(
        json!({"name": "X-Key", "mismatch": "REPLACE", "secret": {"name": "key"}}),
    ));
    let pointer = format!("{RULE}/headerMatches/0");
    refuses(
        &matched(json!({"value": "x"})),
        &pointer,
        "a header without a name",
    );
    refuses(
        &matched(json!({"name": "X", "mismatch": "DENY"})),
        &format!("{pointer}/mismatch"),
        "there is no action `DENY`",
    );
    refuses(
        &matched(json!({"name": "X", "secret": {"namespace": "default"}})),
        &format!("{pointer}/secret"),
        "a secret without a name",
    );
}

fn names(more: &Value) -> Vec<Violation> {
    let mut rule =
        json!({"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": ["a.example.com"]});
    rule.as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    of_entry("egress", &json!({"toPorts": [rule]}))
}

#[test]
fn server_names_beside_http_need_tls_to_be_opened() {
    takes(&names(&json!({})));
    let http = json!({"rules": {"http": [{"method": "GET"}]}});
    refuses(
        &names(&http),
        "/spec/egress/0/toPorts/0/serverNames",
        "`serverNames` beside rules about requests",
    );
    let opened = json!({"rules": http["rules"], "terminatingTLS": {"secret": {"name": "tls"}}});
    takes(&names(&opened));
}

#[test]
fn server_names_are_not_empty() {
    refuses(
        &names(&json!({"serverNames": [""]})),
        "/spec/egress/0/toPorts/0/serverNames/0",
        "an empty name in `serverNames`",
    );
}

#[test]
fn a_listener_is_for_egress_without_rules() {
    let listener = json!({"envoyConfig": {"name": "config"}, "name": "listener"});
    let rule = |rules: Option<Value>| {
        let mut rule = json!({"ports": [{"port": "443", "protocol": "TCP"}], "listener": listener});
        if let Some(rules) = rules {
            rule["rules"] = rules;
        }
        json!({"toPorts": [rule]})
    };
    takes(&of_entry("egress", &rule(None)));
    refuses(
        &of_entry("ingress", &rule(None)),
        "/spec/ingress/0/toPorts/0/listener",
        "`listener` on ingress",
    );
    refuses(
        &of_entry("egress", &rule(Some(json!({"http": [{}]})))),
        "/spec/egress/0/toPorts/0/listener",
        "`listener` beside rules about requests",
    );
}

use serde_json::json;
use ztgit_policy::validate::Feature;
use ztgit_policy::{Consequence, Policy, validate};

use super::{agent, object, of_entry, only, refuses, takes};

#[test]
fn peers_of_two_kinds_are_refused() {
    refuses(
        &of_entry(
            "egress",
            &json!({
                "toFQDNs": [{"matchName": "example.com"}],
                "toCIDR": ["10.0.0.0/8"],
            }),
        ),
        "/spec/egress/0/toFQDNs",
        "`toFQDNs` beside `toCIDR`",
    );
    refuses(
        &of_entry(
            "ingressDeny",
            &json!({"fromEndpoints": [{}], "fromEntities": ["host"]}),
        ),
        "/spec/ingressDeny/0/fromEntities",
        "`fromEntities` beside `fromEndpoints`",
    );
}

#[test]
fn an_empty_list_beside_another_kind_is_taken() {
    takes(&of_entry(
        "ingress",
        &json!({"fromEndpoints": [], "fromEntities": ["host"]}),
    ));
}

#[test]
fn an_unknown_entity_gets_a_suggestion() {
    let found = of_entry("ingress", &json!({"fromEntities": ["kube-api-server"]}));
    refuses(
        &found,
        "/spec/ingress/0/fromEntities/0",
        "there is no entity `kube-api-server`",
    );
    assert_eq!(
        found[0].hint.as_deref(),
        Some("did you mean `kube-apiserver`?")
    );
}

#[test]
fn a_cidr_is_an_address_or_a_range() {
    takes(&of_entry(
        "egress",
        &json!({"toCIDR": ["192.0.2.1", "192.0.2.0/24", "2001:db8::1"]}),
    ));
    for text in [
        "",
        "192.0.2.0/33",
        "10.0.0.0/254.0.0.255",
        "example.com",
        "192.0.2",
    ] {
        refuses(
            &of_entry("egress", &json!({"toCIDR": [text]})),
            "/spec/egress/0/toCIDR/0",
            &format!("`{text}` is neither an address nor a range"),
        );
    }
}

#[test]
fn a_range_in_a_set_needs_its_length() {
    takes(&of_entry(
        "egress",
        &json!({"toCIDRSet": [{"cidr": "::/0"}, {"cidr": "10.1.2.3/8"}]}),
    ));
    refuses(
        &of_entry("egress", &json!({"toCIDRSet": [{"cidr": "192.0.2.1"}]})),
        "/spec/egress/0/toCIDRSet/0/cidr",
        "`192.0.2.1` is no range",
    );
}

#[test]
fn an_item_of_a_set_is_one_thing() {
    takes(&of_entry(
        "egress",
        &json!({"toCIDRSet": [{"cidrGroupRef": "partners"}]}),
    ));
    refuses(
        &of_entry("egress", &json!({"toCIDRSet": [{}]})),
        "/spec/egress/0/toCIDRSet/0",
        "a range without `cidr`",
    );
    refuses(
        &of_entry(
            "egress",
            &json!({"toCIDRSet": [{"cidr": "10.0.0.0/8", "cidrGroupRef": "x"}]}),
        ),
        "/spec/egress/0/toCIDRSet/0",
        "a range that is several things at once",
    );
}

#[test]
fn an_exception_lies_inside_its_range() {
    let set = |except: &str| {
        of_entry(
            "egress",
            &json!({"toCIDRSet": [{"cidr": "10.0.0.0/24", "except": [except]}]}),
        )
    };
    takes(&set("10.0.0.128/25"));
    for (except, message) in [
        ("10.0.0.0/16", "`10.0.0.0/16` is not inside `10.0.0.0/24`"),
        ("10.1.0.0/24", "`10.1.0.0/24` is not inside `10.0.0.0/24`"),
        (
            "2001:db8::/64",
            "`2001:db8::/64` is not inside `10.0.0.0/24`",
        ),
        ("10.0.0.1", "`10.0.0.1` is no range"),
    ] {
        refuses(&set(except), "/spec/egress/0/toCIDRSet/0/except/0", message);
    }
}

#[test]
fn names_have_the_characters_of_dns() {
    let egress = |fqdn| of_entry("egress", &json!({"toFQDNs": [fqdn]}));
    takes(&egress(json!({"matchName": "api.example.com."})));
    takes(&egress(json!({"matchPattern": "**.s3.*.example.com"})));
    refuses(
        &egress(json!({"matchName": "*.example.com"})),
        "/spec/egress/0/toFQDNs/0/matchName",
        "`*` has no place in a DNS name",
    );
    refuses(
        &egress(json!({"matchPattern": "https://*.example.com"})),
        "/spec/egress/0/toFQDNs/0/matchPattern",
        "`:` has no place in a pattern of DNS names",
    );
    refuses(
        &egress(json!({"matchName": "a.example.com", "matchPattern": "*"})),
        "/spec/egress/0/toFQDNs/0",
        "both `matchName` and `matchPattern`",
    );
}

#[test]
fn peers_that_are_nodes_have_to_be_switched_on() {
    let entry = json!({"fromNodes": [{"matchLabels": {"zone": "a"}}]});
    refuses(
        &of_entry("ingress", &entry),
        "/spec/ingress/0/fromNodes",
        "`fromNodes` is switched off in the agent",
    );
    let spec = json!({"endpointSelector": {}, "ingress": [entry]});
    let policy = Policy::read(&object("CiliumNetworkPolicy", &spec)).expect("a policy");
    takes(&validate(
        &policy,
        &agent().with(Feature::NodeSelectorLabels),
    ));
}

#[test]
fn selectors_of_peers_are_checked() {
    refuses(
        &of_entry(
            "egressDeny",
            &json!({"toEndpoints": [
                {"matchExpressions": [{"key": "app", "operator": "in", "values": ["x"]}]},
            ]}),
        ),
        "/spec/egressDeny/0/toEndpoints/0/matchExpressions/0/operator",
        "there is no operator `in`",
    );
}

#[test]
fn ports_of_a_service_may_open_to_everybody() {
    let services = json!([{"k8sService": {"serviceName": "db", "namespace": "data"}}]);
    let ports = json!([{"ports": [{"port": "5432", "protocol": "TCP"}]}]);
    let entry = json!({"toServices": services, "toPorts": ports});
    only(
        &of_entry("egress", &entry),
        Consequence::Ineffective,
        "/spec/egress/0/toServices",
        "while there is no such service, `toPorts` opens its ports to everybody",
    );
    takes(&of_entry("egressDeny", &entry));
    takes(&of_entry("egress", &json!({"toServices": services})));
}

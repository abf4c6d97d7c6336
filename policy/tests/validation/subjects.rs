use serde_json::json;
use ztgit_policy::Consequence;

use super::{object, of_spec, only, refuses, takes, violations};

const NO_RULE: &str = "no rule under `ingress`, `ingressDeny`, `egress` or `egressDeny`";

#[test]
fn a_policy_without_any_section_is_refused() {
    refuses(&of_spec(&json!({"endpointSelector": {}})), "/spec", NO_RULE);
}

#[test]
fn empty_and_null_sections_are_no_default_deny() {
    for spec in [
        json!({"endpointSelector": {}, "ingress": []}),
        json!({"endpointSelector": {}, "ingress": [], "egress": null}),
        json!({"endpointSelector": {}, "egressDeny": []}),
    ] {
        refuses(&of_spec(&spec), "/spec", NO_RULE);
    }
}

#[test]
fn default_deny_alone_is_no_rule_either() {
    let spec = json!({"endpointSelector": {}, "enableDefaultDeny": {"ingress": true}});
    let found = of_spec(&spec);
    assert!(found.iter().any(|one| one.message == NO_RULE), "{found:#?}");
}

#[test]
fn one_empty_rule_is_taken() {
    takes(&of_spec(
        &json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}),
    ));
}

#[test]
fn default_deny_without_a_rule_of_its_direction_has_no_effect() {
    let spec = json!({
        "endpointSelector": {},
        "enableDefaultDeny": {"egress": true},
        "ingress": [{}],
    });
    only(
        &of_spec(&spec),
        Consequence::Ineffective,
        "/spec/enableDefaultDeny/egress",
        "`enableDefaultDeny.egress` denies nothing without a rule under `egress`",
    );
}

#[test]
fn a_rule_needs_exactly_one_selector() {
    refuses(
        &of_spec(&json!({"ingress": [{}]})),
        "/spec",
        "neither `endpointSelector` nor `nodeSelector`",
    );
    let both = json!({"endpointSelector": {}, "nodeSelector": {}, "ingress": [{}]});
    refuses(
        &violations(&object("CiliumClusterwideNetworkPolicy", &both)),
        "/spec/nodeSelector",
        "both `endpointSelector` and `nodeSelector`",
    );
}

#[test]
fn nodes_are_for_clusterwide_policies() {
    let spec = json!({"nodeSelector": {"matchLabels": {"zone": "a"}}, "ingress": [{}]});
    takes(&violations(&object(
        "CiliumClusterwideNetworkPolicy",
        &spec,
    )));
    refuses(
        &of_spec(&spec),
        "/spec/nodeSelector",
        "`nodeSelector` in a policy of a namespace",
    );
}

#[test]
fn a_policy_needs_a_name_and_a_body() {
    let mut policy = object(
        "CiliumNetworkPolicy",
        &json!({"endpointSelector": {}, "ingress": [{}]}),
    );
    policy["metadata"] = json!({"namespace": "shop"});
    refuses(&violations(&policy), "/metadata", "a policy without a name");
    let mut policy = object("CiliumNetworkPolicy", &json!(null));
    refuses(&violations(&policy), "", "neither `spec` nor `specs`");
    policy["specs"] = json!([]);
    only(
        &violations(&policy),
        Consequence::Ineffective,
        "",
        "a policy without any rule",
    );
}

#[test]
fn rules_under_specs_are_checked_one_by_one() {
    let mut policy = object("CiliumNetworkPolicy", &json!(null));
    policy["specs"] = json!([
        {"endpointSelector": {}, "ingress": [{}]},
        {"endpointSelector": {}, "ingress": []},
    ]);
    refuses(&violations(&policy), "/specs/1", NO_RULE);
}

#[test]
fn another_namespace_in_the_selector_is_not_selected() {
    for key in [
        "k8s:io.kubernetes.pod.namespace",
        "io.kubernetes.pod.namespace",
    ] {
        let spec = json!({"endpointSelector": {"matchLabels": {key: "other"}}, "ingress": [{}]});
        only(
            &of_spec(&spec),
            Consequence::Ineffective,
            &format!("/spec/endpointSelector/matchLabels/{key}"),
            "the namespace `other` in `endpointSelector` is not selected",
        );
        let own = json!({"endpointSelector": {"matchLabels": {key: "shop"}}, "ingress": [{}]});
        takes(&of_spec(&own));
    }
    let spec = json!({"ingress": [{}], "endpointSelector": {"matchExpressions": [
        {"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["shop"]},
    ]}});
    only(
        &of_spec(&spec),
        Consequence::Ineffective,
        "/spec/endpointSelector/matchExpressions/0",
        "the namespaces in `endpointSelector` leave nothing to select",
    );
}

#[test]
fn labels_and_operators_have_their_form() {
    let subject = |selector| of_spec(&json!({"endpointSelector": selector, "ingress": [{}]}));
    refuses(
        &subject(
            json!({"matchExpressions": [{"key": "app", "operator": "Equals", "values": ["x"]}]}),
        ),
        "/spec/endpointSelector/matchExpressions/0/operator",
        "there is no operator `Equals`",
    );
    refuses(
        &subject(json!({"matchExpressions": [{"key": "app", "operator": "In"}]})),
        "/spec/endpointSelector/matchExpressions/0",
        "`In` without values",
    );
    refuses(
        &subject(
            json!({"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["x"]}]}),
        ),
        "/spec/endpointSelector/matchExpressions/0",
        "`Exists` with values",
    );
    refuses(
        &subject(json!({"matchLabels": {"app": "no spaces"}})),
        "/spec/endpointSelector/matchLabels/app",
        "`no spaces` is no label value",
    );
    refuses(
        &subject(json!({"matchLabels": {"k8s:a:b": "x"}})),
        "/spec/endpointSelector/matchLabels/k8s:a:b",
        "`a:b` is no label key",
    );
    takes(&subject(
        json!({"matchLabels": {"reserved:ingress": "", "any:example.com/app": "x"}}),
    ));
}

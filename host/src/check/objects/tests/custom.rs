//! Kinds that come with a schema of their own.

use serde_json::{Value, json};

use super::super::{ObjectSchemas, Scope};
use super::{NOTHING, problems, problems_in};

fn cilium_policy(spec: &Value) -> Value {
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "web-to-api", "namespace": "demo"},
        "spec": spec,
    })
}

fn gateway(listeners: &Value) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "edge", "namespace": "ingress"},
        "spec": {"gatewayClassName": "cilium", "listeners": listeners},
    })
}

/// Schemas with one namespaced kind, `Thing`, whose spec is this.
fn things(spec: &Value) -> ObjectSchemas {
    let mut schemas = ObjectSchemas::builtin();
    let schema = json!({"type": "object", "properties": {"spec": spec}});
    schemas.add_schema("example.com/v1", "Thing", Scope::Namespaced, schema);
    schemas
}

fn thing(spec: &Value) -> Value {
    json!({
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "one", "namespace": "demo"},
        "spec": spec,
    })
}

#[test]
fn a_valid_cilium_policy_has_no_violation() {
    let policy = cilium_policy(&json!({
        "endpointSelector": {"matchLabels": {"app": "api"}},
        "ingress": [{
            "fromEndpoints": [{"matchLabels": {"app": "web"}}],
            "toPorts": [{
                "ports": [{"port": "5000", "protocol": "TCP"}],
                "rules": {"http": [{"method": "GET", "path": "/get"}]},
            }],
        }],
    }));
    assert_eq!(problems(&policy), NOTHING);
}

#[test]
fn methods_in_a_rule_of_cilium_is_refused() {
    let policy = cilium_policy(&json!({
        "endpointSelector": {},
        "ingress": [{"toPorts": [{
            "ports": [{"port": "5000", "protocol": "TCP"}],
            "rules": {"http": [{"methods": ["GET"], "path": "/get"}]},
        }]}],
    }));
    assert_eq!(
        problems(&policy),
        [
            "/spec/ingress/0/toPorts/0/rules/http/0/methods: unknown field `methods` \
          (did you mean `method`?)"
        ]
    );
}

#[test]
fn a_cilium_port_must_be_quoted() {
    let policy = cilium_policy(&json!({
        "endpointSelector": {},
        "ingress": [{"toPorts": [{"ports": [{"port": 5000}]}]}],
    }));
    assert_eq!(
        problems(&policy),
        [
            "/spec/ingress/0/toPorts/0/ports/0/port: expected string, found integer `5000` \
          (write \"5000\" in quotes)"
        ]
    );
}

#[test]
fn a_valid_gateway_has_no_violation() {
    let listener = json!({"name": "https", "port": 443, "protocol": "HTTPS", "hostname": "*.example.net",
        "tls": {"certificateRefs": [{"name": "edge"}]}, "allowedRoutes": {"namespaces": {"from": "All"}}});
    assert_eq!(problems(&gateway(&json!([listener]))), NOTHING);
}

#[test]
fn a_gateway_is_held_to_bounds_and_values() {
    let listener = json!({"name": "https", "port": 70_000, "protocol": "HTTPS",
        "allowedRoutes": {"namespaces": {"from": "all"}}});
    assert_eq!(
        problems(&gateway(
            &json!([listener, {"name": "https", "port": 80, "protocol": "HTTP"}])
        )),
        [
            "/spec/listeners/0/allowedRoutes/namespaces/from: `\"all\"` is none of `\"All\"`, \
             `\"Selector\"`, `\"Same\"` (did you mean `All`?)",
            "/spec/listeners/0/port: 70000 is more than 65535",
            "/spec/listeners/1: `name: \"https\"` is already item 0",
        ]
    );
}

#[test]
fn every_served_version_of_a_definition_is_known_and_no_other() {
    let mut schemas = ObjectSchemas::builtin();
    let version = |name: &str, served: bool| json!({"name": name, "served": served, "schema": {"openAPIV3Schema": {"type": "object"}}});
    schemas.add_crd(&json!({"spec": {
        "group": "example.com",
        "scope": "Cluster",
        "names": {"kind": "Thing"},
        "versions": [version("v1", true), version("v1beta1", true), version("v1alpha1", false)],
    }}));
    let scopes = ["v1", "v1beta1", "v1alpha1"]
        .map(|version| schemas.scope(&format!("example.com/{version}"), "Thing"));
    assert_eq!(scopes, [Some(Scope::Cluster), Some(Scope::Cluster), None]);
}

#[test]
fn an_embedded_object_has_the_fields_of_every_object() {
    let schemas = things(&json!({
        "type": "object",
        "x-kubernetes-embedded-resource": true,
        "properties": {"spec": {"type": "object"}},
    }));
    let object = thing(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"nam": "one"}, "spec": {},
    }));
    assert_eq!(
        problems_in(&schemas, &object),
        ["/spec/metadata/nam: unknown field `nam` (did you mean `name`?)"]
    );
}

#[test]
fn unknown_fields_are_kept_where_the_schema_says_so() {
    let schemas = things(&json!({
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {"known": {"type": "integer"}},
    }));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"known": "one", "other": null}))),
        ["/spec/known: expected integer, found string \"one\""]
    );
}

#[test]
fn null_is_allowed_where_the_schema_says_so() {
    let schemas = things(&json!({
        "type": "object", "properties": {"backend": {"type": "object", "nullable": true}},
    }));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"backend": null}))),
        NOTHING
    );
}

#[test]
fn exactly_one_of_several_fields_is_demanded_by_name() {
    let choice = |field: &str| json!({"required": [field]});
    let schemas = things(&json!({
        "type": "object",
        "properties": {"http": {"type": "string"}, "dns": {"type": "string"}},
        "oneOf": [choice("http"), choice("dns")],
    }));
    assert_eq!(problems_in(&schemas, &thing(&json!({"dns": "a"}))), NOTHING);
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"dns": "a", "http": "b"}))),
        ["/spec: exactly one of `http`, `dns` is required, found `http` and `dns`"]
    );
    assert_eq!(
        problems_in(&schemas, &thing(&json!({}))),
        ["/spec: exactly one of `http`, `dns` is required, found none"]
    );
}

#[test]
fn alternatives_limit_values_without_naming_every_field() {
    let schemas = things(&json!({
        "type": "object",
        "properties": {"port": {"type": "integer"}, "name": {"type": "string"}},
        "anyOf": [
            {"properties": {"port": {"maximum": 10}}},
            {"properties": {"name": {"pattern": "^a"}}},
        ],
    }));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"port": 99, "name": "ab"}))),
        NOTHING
    );
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"port": 99, "name": "b"}))),
        ["/spec: at least one of 2 alternatives must match"]
    );
}

#[test]
fn what_not_excludes_is_refused() {
    let schemas = things(&json!({
        "type": "object",
        "properties": {"text": {"type": "string", "not": {"pattern": "^x"}}},
    }));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"text": "a"}))),
        NOTHING
    );
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"text": "xy"}))),
        ["/spec/text: this is what the schema excludes (`not`)"]
    );
}

#[test]
fn every_part_of_all_of_is_checked_at_its_own_place() {
    let schemas = things(&json!({
        "type": "object",
        "properties": {"text": {"type": "string"}},
        "allOf": [{"properties": {"text": {"minLength": 3}}}, {"required": ["text"]}],
    }));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"text": "ab"}))),
        ["/spec/text: at least 3 characters expected, found 2"]
    );
    assert_eq!(
        problems_in(&schemas, &thing(&json!({}))),
        ["/spec: required field `text` is missing"]
    );
}

#[test]
fn limits_of_counts_and_numbers_are_enforced() {
    let schemas = things(&json!({
        "type": "object",
        "properties": {
            "few": {"type": "array", "maxItems": 1, "items": {"type": "string"}},
            "map": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
            "half": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "multipleOf": 0.5},
            "small": {"type": "integer", "format": "int32"},
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        },
    }));
    let object = thing(&json!({
        "few": ["a", "b"], "map": {}, "half": 0, "small": 3_000_000_000_u32, "set": ["a", "b", "a"],
    }));
    assert_eq!(
        problems_in(&schemas, &object),
        [
            "/spec/few: at most 1 item expected, found 2",
            "/spec/half: 0 is not more than 0",
            "/spec/map: at least 1 field expected, found 0",
            "/spec/set/2: `\"a\"` is already item 0",
            "/spec/small: 3000000000 is not a 32-bit integer",
        ]
    );
}

#[test]
fn alternatives_see_what_the_api_server_fills_in() {
    let gateway = |address: Value| {
        let mut gateway = gateway(&json!([{"name": "http", "port": 80, "protocol": "HTTP"}]));
        gateway["spec"]["addresses"] = json!([address]);
        gateway
    };
    assert_eq!(problems(&gateway(json!({"value": "192.0.2.1"}))), NOTHING);
    assert_eq!(
        problems(&gateway(json!({"value": "example.net"}))),
        ["/spec/addresses/0: exactly one of 2 alternatives must match"]
    );
}

#[test]
fn a_required_field_with_a_default_may_be_absent() {
    let schemas = things(&json!({
        "type": "object",
        "properties": {"mode": {"type": "string", "default": "on"}, "name": {"type": "string"}},
        "required": ["mode", "name"],
    }));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({}))),
        ["/spec: required field `name` is missing"]
    );
}

#[test]
fn a_pattern_that_cannot_be_read_refuses_nothing() {
    let schemas = things(&json!({"type": "string", "pattern": "(unclosed"}));
    assert_eq!(problems_in(&schemas, &thing(&json!("text"))), NOTHING);
}

#[test]
fn a_pointer_escapes_names() {
    let schemas = things(&json!({"type": "object", "additionalProperties": {"type": "string"}}));
    assert_eq!(
        problems_in(&schemas, &thing(&json!({"a/b~c": []}))),
        ["/spec/a~1b~0c: expected string, found array"]
    );
}

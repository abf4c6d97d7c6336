//! What the API server is told to look after.

use serde_json::{Value, json};
use ztgit_plugin::Phase;
use ztgit_plugin::testing::Rendered;

use crate::stack::homelab;

const POLICIES: [&str; 2] = ["ztgit-namespace-mode", "ztgit-policies-by-flux"];

fn with_mode(mode: &str) -> Rendered {
    homelab()
        .config(json!({"admission": {"mode": mode}}))
        .render()
}

fn spec(rendered: &Rendered, name: &str) -> Value {
    rendered.object("ValidatingAdmissionPolicy", name)["spec"].clone()
}

fn conditions(spec: &Value) -> String {
    let conditions = spec["matchConditions"].as_array().expect("conditions");
    let texts = conditions
        .iter()
        .map(|one| one["expression"].as_str().expect("CEL"));
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn by_default_nobody_is_refused_and_everybody_is_told() {
    let rendered = homelab().render();
    for name in POLICIES {
        let binding = rendered.object("ValidatingAdmissionPolicyBinding", name);
        assert_eq!(binding["spec"]["policyName"], json!(name));
        assert_eq!(
            binding["spec"]["validationActions"],
            json!(["Warn", "Audit"])
        );
    }
}

#[test]
fn enforced_it_refuses_and_off_it_is_not_there() {
    for name in POLICIES {
        let binding = with_mode("enforce").object("ValidatingAdmissionPolicyBinding", name);
        assert_eq!(
            binding["spec"]["validationActions"],
            json!(["Deny", "Audit"])
        );
    }
    let names = with_mode("none").names();
    assert!(
        !names
            .iter()
            .any(|name| name.contains("ValidatingAdmission"))
    );
}

#[test]
fn it_comes_after_the_namespaces_have_their_labels() {
    for name in POLICIES {
        let rendered = with_mode("enforce");
        assert_eq!(
            rendered.phase("ValidatingAdmissionPolicy", name),
            Phase::Enforce
        );
        assert_eq!(
            rendered.phase("ValidatingAdmissionPolicyBinding", name),
            Phase::Enforce
        );
    }
}

#[test]
fn flux_and_what_cleans_up_are_never_asked() {
    let rendered = homelab()
        .patch_cluster(&json!({"flux": {"namespace": "gitops"}}))
        .render();
    for name in POLICIES {
        let conditions = conditions(&spec(&rendered, name));
        for user in [
            "system:serviceaccount:gitops:kustomize-controller",
            "system:serviceaccount:kube-system:generic-garbage-collector",
            "system:serviceaccount:kube-system:namespace-controller",
        ] {
            assert!(conditions.contains(&format!("'{user}'")), "{name}: {user}");
        }
        assert!(conditions.contains("request.dryRun"), "{name}");
    }
}

#[test]
fn creating_changing_and_deleting_policies_is_looked_at_and_no_subresource() {
    let spec = spec(&homelab().render(), "ztgit-policies-by-flux");
    let rules = spec["matchConstraints"]["resourceRules"]
        .as_array()
        .unwrap();
    for rule in rules {
        assert_eq!(rule["operations"], json!(["CREATE", "UPDATE", "DELETE"]));
        let resources = rule["resources"].as_array().unwrap();
        assert!(
            resources
                .iter()
                .all(|name| !name.as_str().unwrap().contains(['/', '*']))
        );
    }
    assert_eq!(rules[0]["resources"][1], json!("ciliumnetworkpolicies"));
    assert_eq!(rules[1]["resources"], json!(["networkpolicies"]));
}

#[test]
fn the_break_glass_group_is_the_configs() {
    let rendered = homelab()
        .config(json!({"admission": {"breakGlassGroup": "team's on-call"}}))
        .render();
    let conditions = conditions(&spec(&rendered, "ztgit-policies-by-flux"));
    assert!(conditions.contains(r"'team\'s on-call' in request.userInfo.groups"));
    let without = homelab()
        .config(json!({"admission": {"breakGlassGroup": ""}}))
        .render();
    assert!(!self::conditions(&spec(&without, "ztgit-policies-by-flux")).contains("groups"));
}

#[test]
fn exempt_and_built_in_namespaces_need_no_mode() {
    let exempt = json!({"undeclaredNamespaces": {"exempt": ["kube-system", "longhorn-system"]}});
    let rendered = homelab().patch_cluster(&exempt).render();
    let conditions = conditions(&spec(&rendered, "ztgit-namespace-mode"));
    assert!(conditions.contains(
        "['default', 'flux-system', 'kube-node-lease', 'kube-public', 'kube-system', 'longhorn-system']"
    ));
}

#[test]
fn the_label_of_every_declared_namespace_is_stated() {
    let stated: Vec<Value> = homelab()
        .facts()
        .facts
        .into_iter()
        .filter(|fact| fact.kind == "namespace")
        .map(|fact| fact.value)
        .collect();
    assert_eq!(
        stated,
        [json!({"name": "my-app", "labels": {"ztgit.dev/mode": "enforce"}})]
    );
    let off = homelab()
        .config(json!({"admission": {"mode": "none"}}))
        .facts();
    assert!(off.facts.iter().all(|fact| fact.kind != "namespace"));
}

#[test]
fn moving_a_namespace_changes_none_of_it() {
    let audit = homelab()
        .patch_cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
        .render();
    for name in POLICIES {
        assert_eq!(spec(&audit, name), spec(&homelab().render(), name));
    }
}

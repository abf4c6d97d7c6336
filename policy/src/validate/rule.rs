//! Rules of Cilium as a whole: subject, sections, default deny.

use super::Agent;
use super::entry::{self, Subject};
use super::selector::{self, Keys};
use super::violation::{ViolationKind, Violations};
use crate::model::{Direction, LabelKey, Policy, PolicyKind, Rule, Selector, Source, well_known};

pub(super) fn check(policy: &Policy, agent: &Agent, violations: &mut Violations) {
    let root = crate::Pointer::root();
    if !policy.has_body {
        violations
            .refused(&root, "neither `spec` nor `specs`")
            .hint("say what is allowed under `spec`");
    } else if policy.rules.is_empty() {
        violations.ineffective(&root, "a policy without any rule");
    }
    for rule in &policy.rules {
        check_rule(policy, rule, agent, violations);
    }
}

fn check_rule(policy: &Policy, rule: &Rule, agent: &Agent, violations: &mut Violations) {
    if rule.entries.is_empty() {
        violations
            .refused(&rule.pointer, "no rule under `ingress`, `ingressDeny`, `egress` or `egressDeny`")
            .kind(ViolationKind::NoSection)
            .hint("to deny everything write one empty rule, `ingress: [{}]`; an empty list is not one");
    }
    check_subject(policy, rule, violations);
    check_default_deny(rule, violations);
    let subject = match &rule.node_selector {
        Some(_) => Subject::Nodes,
        None => Subject::Endpoints,
    };
    for entry in &rule.entries {
        entry::check(entry, subject, agent, violations);
    }
}

fn check_subject(policy: &Policy, rule: &Rule, violations: &mut Violations) {
    match (&rule.endpoint_selector, &rule.node_selector) {
        (None, None) => violations
            .refused(
                &rule.pointer,
                "neither `endpointSelector` nor `nodeSelector`",
            )
            .hint("`endpointSelector: {}` is about every pod"),
        (Some(_), Some(nodes)) => violations
            .refused(&nodes.pointer, "both `endpointSelector` and `nodeSelector`")
            .hint("make two rules, under `specs`"),
        (None, Some(nodes)) if policy.kind == PolicyKind::CiliumNetworkPolicy => violations
            .refused(&nodes.pointer, "`nodeSelector` in a policy of a namespace")
            .hint("nodes are in no namespace: use a CiliumClusterwideNetworkPolicy"),
        _ => {}
    }
    for selector in rule.endpoint_selector.iter().chain(&rule.node_selector) {
        selector::check(selector, Keys::WithSource, violations);
    }
    if let (Some(selector), Some(own)) = (&rule.endpoint_selector, &policy.namespace) {
        check_namespace(selector, own, violations);
    }
}

/// The agent puts the policy's own namespace in the place of another
/// (`ParseToCiliumRule`), or adds it, and then nothing is selected.
fn check_namespace(selector: &Selector, own: &str, violations: &mut Violations) {
    let is_namespace = |key: &str| LabelKey::split(key, Source::K8s).1 == well_known::NAMESPACE;
    let hint =
        || format!("a policy in `{own}` is about pods in `{own}`; put it into the other namespace");
    for (key, value) in &selector.match_labels {
        if is_namespace(key) && value != own {
            let message = format!("the namespace `{value}` in `endpointSelector` is not selected");
            let pointer = selector.label_pointer(key);
            violations
                .ineffective(&pointer, message)
                .kind(ViolationKind::ForeignNamespace)
                .hint(hint());
        }
    }
    for expression in &selector.match_expressions {
        let allows_own = match expression.operator.as_str() {
            "In" => expression.values.iter().any(|value| value == own),
            "NotIn" => expression.values.iter().all(|value| value != own),
            operator => operator != "DoesNotExist",
        };
        if is_namespace(&expression.key) && !allows_own {
            let message = "the namespaces in `endpointSelector` leave nothing to select";
            violations
                .ineffective(&expression.pointer, message)
                .kind(ViolationKind::ForeignNamespace)
                .hint(hint());
        }
    }
}

fn check_default_deny(rule: &Rule, violations: &mut Violations) {
    let Some(pointer) = &rule.default_deny.pointer else {
        return;
    };
    for direction in Direction::BOTH {
        let demanded = rule.default_deny.written(direction) == Some(true);
        if demanded && rule.towards(direction).next().is_none() {
            let name = direction.name();
            violations
                .ineffective(
                    &pointer.key(name),
                    format!(
                        "`enableDefaultDeny.{name}` denies nothing without a rule under `{name}`"
                    ),
                )
                .hint(format!("add an empty rule, `{name}: [{{}}]`"));
        }
    }
}

//! Network policy, names, admission.

use std::collections::BTreeSet;

use ztgit_plugin::cluster::Labels;
use ztgit_policy::model::{Direction, LabelSet};

use super::{Evidence, Verdict};
use crate::json::{list, text};
use crate::spot::{self, RuleSpot};
use crate::subject::{Object, Subject};

pub(super) fn default_deny(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    let isolating = spot::rules(subject).filter(|rule| !rule.rule.isolates.is_empty());
    let isolating: Vec<RuleSpot<'_>> = isolating.collect();
    let namespaces = subject.cluster.namespaces.iter();
    let open = namespaces.filter(|(namespace, declared)| {
        let is_open = |labels: &Labels, account: Option<&str>| {
            let pod = subject.inventory().pod("pod", namespace, labels, account);
            !is_isolated(&isolating, namespace, &pod.labels)
        };
        let mut workloads = declared.workloads.values();
        workloads.any(|workload| is_open(&workload.labels, workload.service_account.as_deref()))
            || is_open(&Labels::new(), None)
    });
    let open: Vec<String> = open.map(|(name, _)| format!("`{name}`")).collect();
    if !open.is_empty() {
        return Verdict::fail(format!("nothing denies by default in {}", open.join(", ")));
    }
    let elsewhere = subject
        .inventory()
        .pod("pod", SOMEWHERE, &Labels::new(), None);
    if !is_isolated(&isolating, SOMEWHERE, &elsewhere.labels) {
        return Verdict::fail("nothing denies by default in namespaces that are not declared");
    }
    Verdict::pass("every namespace, declared or not, denies by default in both directions")
}

/// A namespace that nothing declares.
const SOMEWHERE: &str = "some-namespace";

/// Whether pods fall under a default deny of these rules in both directions.
fn is_isolated(isolating: &[RuleSpot<'_>], namespace: &str, labels: &LabelSet) -> bool {
    let mut directions: BTreeSet<Direction> = BTreeSet::new();
    for of in isolating {
        let here = of.policy.namespace.as_deref();
        let selects = || {
            let matcher = of.matchers.subject.as_ref();
            matcher.is_some_and(|matcher| matcher.matches(labels))
        };
        if here.is_none_or(|here| here == namespace) && selects() {
            directions.extend(&of.rule.isolates);
        }
    }
    directions.len() == 2
}

/// What keeps pods from asking for names.
const NO_DNS: [&str; 4] = [
    "deny-without-dns",
    "deny-without-dns-server",
    "dns-one-transport",
    "fqdn-without-lookup",
];

/// What lets pods ask for any name.
const ANY_NAME: [&str; 3] = ["dns-wide-lookup", "dns-shadowed", "fqdn-wide"];

pub(super) fn dns(evidence: Evidence<'_>) -> Verdict {
    if let Some(contradiction) = evidence.contradiction(&NO_DNS) {
        return contradiction;
    }
    if evidence.subject.policies.is_empty() {
        return Verdict::pass("no policy refuses anything");
    }
    Verdict::pass("every pod that a policy isolates reaches the cluster's DNS, by UDP and TCP")
}

pub(super) fn names(evidence: Evidence<'_>) -> Verdict {
    let watches = spot::entries(evidence.subject).any(|spot| {
        let mut ports = spot.entry.ports.iter();
        ports.any(|ports| {
            let rules = ports.l7.as_ref();
            rules.is_some_and(|rules| !rules.dns().is_empty())
        })
    });
    if !watches {
        return Verdict::fail("no policy looks at the names that pods ask for");
    }
    let codes = [&NO_DNS[..], &ANY_NAME].concat();
    evidence
        .contradiction(&codes)
        .unwrap_or_else(|| Verdict::pass("pods look up the names that they need, and no others"))
}

pub(super) fn admission(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    let group = "admissionregistration.k8s.io";
    let policies = subject.of_kind(group, "ValidatingAdmissionPolicy");
    let guarding = policies
        .map(|policy| policy.object)
        .find(|policy| guards(policy) && is_bound(subject, policy.name()));
    if let Some(policy) = guarding {
        return Verdict::pass(format!("{} guards namespaces or policies", policy.id()));
    }
    let mut others = subject.objects.iter();
    let engine = others.find(|object| {
        object.group() == "kyverno.io" || object.group() == "constraints.gatekeeper.sh"
    });
    match engine {
        Some(object) => Verdict::pass(format!("{} is one of an admission engine's", object.id())),
        None => Verdict::fail(
            "no admission policy refuses changes of namespaces or network policies; `admission` of the cilium plugin can",
        ),
    }
}

/// Whether it is about what the network policy rests on.
fn guards(policy: &Object<'_>) -> bool {
    let rules = list(policy.value, "/spec/matchConstraints/resourceRules");
    rules.iter().any(|rule| {
        let has = |field, value: &str| list(rule, field).iter().any(|one| one == value);
        has("/resources", "namespaces") || has("/apiGroups", "cilium.io")
    })
}

fn is_bound(subject: &Subject<'_>, policy: &str) -> bool {
    let group = "admissionregistration.k8s.io";
    let mut bindings = subject.of_kind(group, "ValidatingAdmissionPolicyBinding");
    bindings.any(|binding| {
        let binding = binding.object;
        let denies = list(binding.value, "/spec/validationActions");
        text(binding.value, "/spec/policyName") == policy
            && denies.iter().any(|action| action == "Deny")
    })
}

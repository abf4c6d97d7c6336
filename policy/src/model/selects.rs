//! Whom selectors select, with everything that the agent adds to them.
//!
//! A selector of a namespaced policy stays in its namespace unless it names another,
//! one of a clusterwide policy means pods unless it names an identity of Cilium's own,
//! and both mean this cluster (`pkg/k8s/apis/cilium.io/utils`, with
//! `policy-default-local-cluster` on, as it is by default).

use super::{
    Entity, LabelKey, Matcher, Peer, PeerSelector, Policy, Requirement, Rule, Selector, Source,
    Subject, well_known,
};

/// Which endpoints or nodes a rule is about; nothing where it names both or neither.
pub fn subject_matcher(policy: &Policy, rule: &Rule) -> Option<Matcher> {
    let selector = match rule.subject()? {
        Subject::Nodes(selector) => return Some(Matcher::of(selector, &Source::Any)),
        Subject::Endpoints(selector) => selector,
    };
    let source = if policy.kind.is_cilium() {
        Source::Any
    } else {
        Source::K8s
    };
    Some(match &policy.namespace {
        None => Matcher::of(selector, &source),
        Some(own) => within(own, selector, &source),
    })
}

/// A selector that stays in a namespace: another one, named with its full key, is
/// overwritten and not met.
fn within(own: &str, selector: &Selector, source: &Source) -> Matcher {
    let namespace = LabelKey::k8s(well_known::NAMESPACE);
    let matcher = Matcher::without(selector, source, Some(&namespace));
    matcher.and(Requirement::equals(namespace, own))
}

/// The matchers of a peer that is selected by labels: any of them. Empty for ranges,
/// names, services and groups, which are not labels of endpoints.
pub fn peer_matchers(policy: &Policy, rule: &Rule, peer: &Peer) -> Vec<Matcher> {
    match &peer.selector {
        PeerSelector::Endpoints(selector) => vec![endpoints(policy, rule, selector)],
        PeerSelector::Nodes(selector) => vec![nodes(selector)],
        PeerSelector::Entity(name) => Entity::parse(name).map(entity).unwrap_or_default(),
        PeerSelector::Pods { pods, namespaces } => {
            vec![kubernetes(policy, pods.as_ref(), namespaces.as_ref())]
        }
        PeerSelector::Cidr(_)
        | PeerSelector::CidrRule(_)
        | PeerSelector::Fqdn { .. }
        | PeerSelector::Service { .. }
        | PeerSelector::Group => Vec::new(),
    }
}

fn endpoints(policy: &Policy, rule: &Rule, selector: &Selector) -> Matcher {
    let matcher = Matcher::of(selector, &Source::Any);
    if names(&matcher, |key| *key.source() == Source::Reserved) {
        return matcher;
    }
    let names_namespace = names_k8s(&matcher, |key| key == well_known::NAMESPACE);
    let names_its_labels = names_k8s(&matcher, |key| {
        key.starts_with(well_known::NAMESPACE_LABELS)
    });
    let namespace = LabelKey::k8s(well_known::NAMESPACE);
    let matcher = match &policy.namespace {
        _ if names_namespace => matcher,
        None if is_about_unlabelled(rule) => matcher,
        None => matcher.and(Requirement::Exists(namespace)),
        Some(_) if names_its_labels => matcher,
        Some(own) => matcher.and(Requirement::equals(namespace, own)),
    };
    in_cluster(matcher)
}

/// An endpoint that has no labels yet carries `reserved:init`; its policy may name
/// peers that have no namespace either.
fn is_about_unlabelled(rule: &Rule) -> bool {
    let selector = rule.endpoint_selector.as_ref();
    selector.is_some_and(|selector| selector.keys().any(|key| key == "reserved:init"))
}

fn nodes(selector: &Selector) -> Matcher {
    let remote = Requirement::Exists(LabelKey::reserved("remote-node"));
    in_cluster(Matcher::of(selector, &Source::Any).and(remote))
}

fn kubernetes(policy: &Policy, pods: Option<&Selector>, namespaces: Option<&Selector>) -> Matcher {
    let of = |selector: &Selector| Matcher::of(selector, &Source::K8s);
    let pods = pods.map(of).unwrap_or_default();
    let key = LabelKey::k8s(well_known::NAMESPACE);
    let places = match namespaces {
        Some(selector) if selector.is_empty() => Matcher::new([Requirement::Exists(key)]),
        Some(selector) => of(&prefixed(selector)),
        None => {
            let own = policy.namespace.as_deref().unwrap_or_default();
            Matcher::new([Requirement::equals(key, own)])
        }
    };
    in_cluster(pods.join(places))
}

/// Labels of namespaces are labels of their pods under a prefix.
fn prefixed(selector: &Selector) -> Selector {
    let prefix = |key: &str| format!("{}.{key}", well_known::NAMESPACE_LABELS);
    let mut selector = selector.clone();
    selector.match_labels = selector
        .match_labels
        .iter()
        .map(|(key, value)| (prefix(key), value.clone()))
        .collect();
    for expression in &mut selector.match_expressions {
        expression.key = prefix(&expression.key);
    }
    selector
}

fn in_cluster(matcher: Matcher) -> Matcher {
    if names_k8s(&matcher, |key| key == well_known::CLUSTER) {
        return matcher;
    }
    matcher.and(Requirement::equals(
        LabelKey::k8s(well_known::CLUSTER),
        well_known::DEFAULT_CLUSTER,
    ))
}

fn names(matcher: &Matcher, is: impl Fn(&LabelKey) -> bool) -> bool {
    let mut requirements = matcher.requirements().iter();
    requirements.any(|requirement| is(requirement.key()))
}

fn names_k8s(matcher: &Matcher, is: impl Fn(&str) -> bool) -> bool {
    names(matcher, |key| {
        matches!(key.source(), Source::K8s | Source::Any) && is(key.key())
    })
}

/// The matchers of an entity (`pkg/policy/api/entity.go`).
fn entity(entity: Entity) -> Vec<Matcher> {
    let reserved = |name| Matcher::new([Requirement::Exists(LabelKey::reserved(name))]);
    let cluster = LabelKey::k8s(well_known::CLUSTER);
    let inside = || INSIDE.into_iter().map(reserved);
    match entity {
        Entity::All => vec![Matcher::default()],
        Entity::Cluster => {
            let name = well_known::DEFAULT_CLUSTER;
            let pods = Matcher::new([Requirement::equals(cluster, name)]);
            inside().chain([pods]).collect()
        }
        Entity::ClusterMesh => {
            let pods = Matcher::new([Requirement::Exists(cluster)]);
            inside().chain([pods]).collect()
        }
        Entity::World => ["world", "world-ipv4", "world-ipv6"].map(reserved).to_vec(),
        Entity::Health => vec![reserved("health")],
        Entity::Host => vec![reserved("host")],
        Entity::Ingress => vec![reserved("ingress")],
        Entity::Init => vec![reserved("init")],
        Entity::KubeApiserver => vec![reserved("kube-apiserver")],
        Entity::None => vec![reserved("none")],
        Entity::RemoteNode => vec![reserved("remote-node")],
        Entity::Unmanaged => vec![reserved("unmanaged")],
        Entity::WorldIpv4 => vec![reserved("world-ipv4")],
        Entity::WorldIpv6 => vec![reserved("world-ipv6")],
    }
}

/// What belongs to the cluster besides its pods.
const INSIDE: [&str; 7] = [
    "host",
    "remote-node",
    "init",
    "ingress",
    "health",
    "unmanaged",
    "kube-apiserver",
];

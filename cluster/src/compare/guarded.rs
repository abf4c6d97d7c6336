//! Kinds of which every field counts, whoever added it.

use crate::object::KUSTOMIZE_GROUP;
use crate::report::ObjectRef;

/// Kinds of policies: who may reach whom, and through what. One more, or one more
/// field in one, opens what the stack closes.
pub(crate) const POLICIES: [(&str, &str); 9] = [
    ("cilium.io", "CiliumCIDRGroup"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("cilium.io", "CiliumEgressGatewayPolicy"),
    ("cilium.io", "CiliumLocalRedirectPolicy"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"),
];

/// Whether an object is a policy.
pub(crate) fn is_policy(object: &ObjectRef) -> bool {
    POLICIES.contains(&(object.group.as_str(), object.kind.as_str()))
}

/// Whether an object is one of Flux's own, of which a field more (patches, another
/// source) changes what all others are.
pub(crate) fn is_unit(object: &ObjectRef) -> bool {
    object.group == KUSTOMIZE_GROUP && object.kind == "Kustomization"
}

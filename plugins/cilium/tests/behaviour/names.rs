//! The homelab as a whole.

use ztgit_plugin::Phase;

use crate::stack::homelab;

#[test]
fn the_homelab_gets_exactly_these_objects() {
    let rendered = homelab().render();
    assert!(
        rendered.0.diagnostics.is_empty(),
        "{:#?}",
        rendered.0.diagnostics
    );
    let objects: Vec<String> = rendered
        .manifests()
        .map(|manifest| {
            let object = &manifest.object;
            let namespace = object.namespace().unwrap_or("-");
            format!(
                "{} {} {namespace} {}",
                manifest.phase.name(),
                object.kind(),
                object.name()
            )
        })
        .collect();
    let expected = "\
network OCIRepository flux-system cilium
network HelmRelease flux-system cilium
network HelmChart kube-system cilium
allow CiliumClusterwideNetworkPolicy - zt-allow-dns
allow CiliumNetworkPolicy kube-system zt-allow-dns-server
allow CiliumClusterwideNetworkPolicy - zt-allow-health
allow CiliumNetworkPolicy kube-system zt-allow-kube-system
allow CiliumNetworkPolicy kube-system zt-allow-metrics-server
allow CiliumNetworkPolicy kube-system zt-allow-hubble-relay
allow CiliumNetworkPolicy flux-system zt-allow-flux
allow CiliumNetworkPolicy flux-system zt-allow-flux-sources
allow CiliumNetworkPolicy my-app frontend-to-api.egress
allow CiliumNetworkPolicy my-app frontend-to-api.ingress
enforce CiliumNetworkPolicy my-app zt-default-deny
enforce CiliumClusterwideNetworkPolicy - zt-deny-metadata
enforce ValidatingAdmissionPolicy - ztgit-namespace-mode
enforce ValidatingAdmissionPolicyBinding - ztgit-namespace-mode
enforce ValidatingAdmissionPolicy - ztgit-policies-by-flux
enforce ValidatingAdmissionPolicyBinding - ztgit-policies-by-flux";
    assert_eq!(objects.join("\n"), expected);
}

#[test]
fn a_policy_is_enforced_only_in_the_last_phase() {
    let rendered = homelab().render();
    let policies = rendered
        .manifests()
        .filter(|manifest| manifest.object.group() == "cilium.io");
    for manifest in policies {
        let denies = manifest.object.at("/spec/enableDefaultDeny/ingress") == Some(&true.into())
            || manifest.object.at("/spec/egressDeny").is_some();
        assert_eq!(
            denies,
            manifest.phase == Phase::Enforce,
            "{}",
            manifest.object.name()
        );
    }
}

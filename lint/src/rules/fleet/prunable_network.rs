//! Flux would delete the network or definitions together with their file.

use ztgit_plugin::{Phase, Severity};

use crate::finding::Found;
use crate::json::text;
use crate::rule::Rule;
use crate::subject::{Object, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "prunable-network",
    severity: Severity::Warning,
    text: include_str!("prunable_network.md"),
    find,
};

const PRUNE: &str = "/metadata/annotations/kustomize.toolkit.fluxcd.io~1prune";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    subject
        .spots()
        .filter(|spot| {
            // Nothing of these is pruned at all.
            !matches!(
                spot.object.phase,
                Phase::Namespaces | Phase::Crds | Phase::Network
            ) && text(spot.object.value, PRUNE) != "disabled"
        })
        .filter_map(|spot| {
            let loss = loss(subject, spot.object)?;
            Some(spot.finding(
                "/metadata",
                format!("once it leaves the stack, Flux deletes it, and with it {loss}"),
                "move it to phase `crds` or `network`, or annotate it with \
                 `kustomize.toolkit.fluxcd.io/prune: disabled`",
            ))
        })
        .collect()
}

/// What goes with an object.
fn loss(subject: &Subject<'_>, object: &Object<'_>) -> Option<&'static str> {
    let cni = subject.cluster.cni.name.as_str();
    let is_cni = || {
        let chart = text(object.value, "/spec/chart/spec/chart");
        [
            object.name(),
            text(object.value, "/spec/releaseName"),
            chart,
        ]
        .contains(&cni)
    };
    match object.kind() {
        "CustomResourceDefinition" => Some("every object of its kind"),
        "HelmRelease" | "HelmChart" if is_cni() => Some("the network of all pods"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use ztgit_plugin::Phase;

    use crate::testing::Lint;

    const RELEASE: &str = "HelmRelease/kube-system/cilium";

    fn release(annotations: &Value) -> Value {
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "cilium", "namespace": "kube-system", "annotations": annotations},
            "spec": {}
        })
    }

    #[test]
    fn the_network_in_a_phase_that_prunes_is_found() {
        let lint = Lint::homelab().object_in(Phase::Apps, release(&json!({})));
        lint.finds(super::RULE, RELEASE);
    }

    #[test]
    fn a_definition_in_a_phase_that_prunes_is_found() {
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "widgets.example.io"}
        });
        let lint = Lint::homelab().object_in(Phase::Platform, definition.clone());
        lint.finds(super::RULE, "CustomResourceDefinition/widgets.example.io");
        let lint = Lint::homelab().object_in(Phase::Crds, definition);
        lint.passes(super::RULE);
    }

    #[test]
    fn what_stays_by_annotation_or_phase_is_fine() {
        let kept = json!({"kustomize.toolkit.fluxcd.io/prune": "disabled"});
        let lint = Lint::homelab().object_in(Phase::Apps, release(&kept));
        lint.passes(super::RULE);
        let lint = Lint::homelab().object_in(Phase::Network, release(&json!({})));
        lint.passes(super::RULE);
    }
}

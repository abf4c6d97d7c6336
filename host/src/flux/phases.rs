//! The graph of phases.
//!
//! `namespaces -> crds -> network -> allow`, then `enforce` on one side and
//! `platform -> config -> ingress -> apps` on the other: what denies waits for
//! every allow set and for no application.

use std::collections::BTreeSet;

use ztgit_plugin::Phase;

use super::kustomization::UnitName;

/// The phase before, in the graph.
fn before(phase: Phase) -> Option<Phase> {
    match phase {
        Phase::Namespaces => None,
        Phase::Crds => Some(Phase::Namespaces),
        Phase::Network => Some(Phase::Crds),
        Phase::Allow => Some(Phase::Network),
        Phase::Enforce | Phase::Platform => Some(Phase::Allow),
        Phase::Config => Some(Phase::Platform),
        Phase::Ingress => Some(Phase::Config),
        Phase::Apps => Some(Phase::Ingress),
    }
}

/// The units that one of a phase waits for: all those of the nearest earlier
/// phase that has any.
pub fn dependencies(phase: Phase, units: &BTreeSet<UnitName>) -> Vec<&UnitName> {
    let mut earlier = before(phase);
    while let Some(phase) = earlier {
        let found: Vec<&UnitName> = units.iter().filter(|unit| unit.phase == phase).collect();
        if !found.is_empty() {
            return found;
        }
        earlier = before(phase);
    }
    Vec::new()
}

/// Whether Flux deletes what leaves a unit of this phase.
pub fn prunes(phase: Phase) -> bool {
    !matches!(phase, Phase::Namespaces | Phase::Crds | Phase::Network)
}

/// Whether Flux deletes the objects of a unit of this phase with the unit itself.
/// What allows stays behind: it must not go before what denies.
pub fn deletes_with_unit(phase: Phase) -> bool {
    prunes(phase) && phase != Phase::Allow
}

/// Whether `later` is applied after `earlier` in every cluster that has both.
pub(crate) fn is_after(later: Phase, earlier: Phase) -> bool {
    let mut phase = before(later);
    while let Some(found) = phase {
        if found == earlier {
            return true;
        }
        phase = before(found);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::PluginName;

    fn units(list: &[(Phase, &str)]) -> BTreeSet<UnitName> {
        list.iter()
            .map(|(phase, plugin)| UnitName {
                phase: *phase,
                plugin: PluginName::new(plugin).unwrap(),
            })
            .collect()
    }

    #[test]
    fn enforce_waits_for_every_allow_set_and_for_no_application() {
        let units = units(&[
            (Phase::Allow, "cilium"),
            (Phase::Allow, "metrics"),
            (Phase::Platform, "gateway-tls"),
            (Phase::Apps, "shop"),
        ]);
        let names: Vec<String> = dependencies(Phase::Enforce, &units)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(names, ["allow-cilium", "allow-metrics"]);
    }

    #[test]
    fn an_empty_phase_is_passed_over() {
        let units = units(&[(Phase::Crds, "gateway-tls"), (Phase::Allow, "cilium")]);
        let names: Vec<String> = dependencies(Phase::Apps, &units)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(names, ["allow-cilium"]);
        assert_eq!(
            dependencies(Phase::Allow, &units)[0].to_string(),
            "crds-gateway-tls"
        );
        assert!(dependencies(Phase::Crds, &units).is_empty());
    }
}

//! Peers that are named without their namespace, and live in another one.

use ztgit_policy::model::{LabelKey, Matcher, Peer, PeerSelector, Selector, Source, well_known};

use crate::inventory::Pod;
use crate::spot::Spot;

/// The first pod that a peer seems to mean: none of the policy's namespace is
/// selected, whose pods are all known, and this one has the labels.
pub(crate) fn meant<'s>(spot: &Spot<'s>, peer: &Peer, matchers: &[Matcher]) -> Option<&'s Pod> {
    let inventory = spot.of.subject.inventory();
    let namespace = spot.of.policy.namespace.as_deref()?;
    let selector = without_namespace(&peer.selector)?;
    if selector.is_empty() || !inventory.is_complete(namespace) {
        return None;
    }
    let here = |matcher: &Matcher| {
        let mut selected = inventory.selected(matcher, Some(namespace));
        selected.next().is_some()
    };
    if matchers.iter().any(here) {
        return None;
    }
    let anywhere = Matcher::of(selector, &Source::Any);
    let mut pods = inventory.pods().iter();
    pods.find(|pod| anywhere.matches(&pod.labels))
}

fn without_namespace(selector: &PeerSelector) -> Option<&Selector> {
    match selector {
        PeerSelector::Endpoints(selector) => {
            let names = |key: &str| {
                let (source, key) = LabelKey::split(key, Source::Any);
                source == Source::Reserved
                    || key == well_known::NAMESPACE
                    || key.starts_with(well_known::NAMESPACE_LABELS)
            };
            (!selector.keys().any(names)).then_some(selector)
        }
        PeerSelector::Pods {
            pods,
            namespaces: None,
        } => pods.as_ref(),
        _ => None,
    }
}

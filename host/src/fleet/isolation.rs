//! Which policies of a commit deny by default: what allows must not go before them.

use std::collections::BTreeMap;

use serde_json::Value;
use ztgit_plugin::Phase;
use ztgit_policy::Policy;

use super::changes::FleetError;
use crate::git::{Listed, Snapshot};
use crate::tree::TreePath;

/// Of these files those with a policy that puts pods under a default deny. What
/// cannot be read counts, because it may.
pub(super) fn denying<'a>(
    paths: impl Iterator<Item = &'a TreePath>,
    listed: &BTreeMap<String, Listed>,
    base: &Snapshot<'_>,
) -> Result<Vec<TreePath>, FleetError> {
    let mut denying = Vec::new();
    for path in paths.filter(|path| is_enforced(path)) {
        let Some(found) = listed.get(path.as_str()) else {
            continue;
        };
        if isolates(&base.read_blob(found.id)?) {
            denying.push(path.clone());
        }
    }
    Ok(denying)
}

fn is_enforced(path: &TreePath) -> bool {
    path.segments().nth(2) == Some(Phase::Enforce.name())
}

fn isolates(bytes: &[u8]) -> bool {
    match serde_saphyr::from_slice::<Value>(bytes) {
        Ok(object) => Policy::read(&object)
            .is_some_and(|policy| policy.rules.iter().any(|rule| !rule.isolates.is_empty())),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::isolates;

    #[test]
    fn a_default_deny_isolates() {
        assert!(isolates(
            b"{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: deny, namespace: demo},
              spec: {endpointSelector: {}, ingress: [{}]}}"
        ));
    }

    #[test]
    fn a_guardrail_without_a_default_deny_does_not() {
        assert!(!isolates(
            b"{apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: {name: metadata},
              spec: {endpointSelector: {}, enableDefaultDeny: {egress: false},
                     egressDeny: [{toCIDR: [169.254.169.254/32]}]}}"
        ));
    }

    #[test]
    fn what_cannot_be_read_may_isolate() {
        assert!(isolates(b"{"));
    }
}

//! Host firewalls, loaded by nft.

use std::path::Path;

use ztgit_test_support::{Sandbox, said};

use crate::rendered::Rendered;

/// The second time as the node's unit loads it.
#[test]
fn every_ruleset_loads_twice_and_leaves_other_tables_alone() {
    let Some(sandbox) = Sandbox::new("rendered_rulesets", &["nft"]) else {
        return;
    };
    let is_ruleset = |name: &str| Path::new(name).extension().is_some_and(|end| end == "nft");
    for ruleset in Rendered::stacks().files(is_ruleset) {
        let file = ruleset.shell();
        let output = sandbox.script(&format!(
            "set -o pipefail
            nft add table ip crowdsec
            nft add chain ip crowdsec input '{{ type filter hook input priority -10; }}'
            nft add rule ip crowdsec input ip saddr 192.0.2.1 drop
            nft -s list table ip crowdsec >before
            nft -f {file}
            nft -s list table inet ztgit >first
            root={file}; root=${{root%/etc/ztgit/*}}
            \"$root/usr/local/lib/ztgit/nft-load\" {file}
            nft -s list table inet ztgit >second
            cmp first second
            nft -s list table ip crowdsec | cmp before -
            grep 'policy drop' second"
        ));
        assert!(output.status.success(), "{ruleset}: {}", said(&output));
    }
}

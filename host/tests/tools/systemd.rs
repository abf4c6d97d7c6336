//! Units and drop-ins, verified by systemd beside the units that they change.

use std::collections::BTreeSet;

use ztgit_test_support::{Sandbox, said};

use crate::rendered::{Place, Rendered};

const UNITS: &str = "files/etc/systemd/system/";

/// The units that a node's files make or change: `x.service`, and
/// `y.service.d/z.conf` for `y.service`.
fn units(node: &Place) -> BTreeSet<String> {
    let files = node.files_below();
    let below = files.iter().filter_map(|file| file.strip_prefix(UNITS));
    let first = below.map(|file| file.split('/').next().unwrap());
    first
        .map(|name| name.strip_suffix(".d").unwrap_or(name).to_owned())
        .collect()
}

#[test]
fn systemd_accepts_every_unit_and_drop_in() {
    let Some(sandbox) = Sandbox::new("rendered_units", &["systemd-analyze", "wg-quick"]) else {
        return;
    };
    let rendered = Rendered::stacks();
    let mut seen = BTreeSet::new();
    for node in rendered.nodes() {
        let units = units(&node);
        for unit in &units {
            let output = sandbox.script(&format!(
                "mount -t tmpfs none /usr/local/lib
                mount -t tmpfs none /etc/systemd/system
                cp -r {node}/files/usr/local/lib/. /usr/local/lib
                cp -r {node}/files/etc/systemd/system/. /etc/systemd/system
                systemd-analyze verify --man=no {unit} 2>&1",
                node = node.shell()
            ));
            assert!(output.status.success(), "{node}, {unit}: {}", said(&output));
            assert_eq!(said(&output), "", "{node}, {unit}");
        }
        seen.extend(units);
    }
    assert!(!seen.is_empty(), "no stack renders a unit");
}

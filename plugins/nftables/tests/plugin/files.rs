//! Files of a node.

use ztgit_plugin::{Activation, Plugin};
use ztgit_plugin_nftables::Nftables;

use crate::{RULESET, sound};

const UNIT: &str = "/etc/systemd/system/ztgit-nftables.service";

#[test]
fn the_unit_never_takes_the_firewall_away() {
    let rendered = sound().render();
    let unit = rendered.file("pi-1", UNIT);
    assert!(unit.contains("\nBefore=network-pre.target "));
    assert!(!unit.lines().any(|line| line.starts_with("ExecStop")));
    let loads = |key: &str| {
        unit.contains(&format!(
            "\n{key}=/usr/local/lib/ztgit/nft-load /etc/ztgit/nftables.nft\n"
        ))
    };
    assert!(loads("ExecStart") && loads("ExecReload"));
}

#[test]
fn files_have_their_modes_and_take_effect() {
    let rendered = sound().render();
    let files: Vec<_> = rendered
        .files()
        .map(|file| (file.path.as_str(), file.mode, file.activation.as_slice()))
        .collect();
    let enable = Activation::Enable("ztgit-nftables.service".to_owned());
    assert_eq!(
        files,
        [
            ("/usr/local/lib/ztgit/nft-load", 0o755, [].as_slice()),
            (
                "/usr/local/lib/ztgit/install.d/25-nftables.sh",
                0o755,
                [].as_slice()
            ),
            (RULESET, 0o600, [Activation::LoadNftables].as_slice()),
            (UNIT, 0o644, [Activation::DaemonReload, enable].as_slice()),
        ]
    );
    let declared = Nftables::describe().grants.host_paths;
    assert!(rendered.files().all(|file| declared.contains(&file.path)));
}

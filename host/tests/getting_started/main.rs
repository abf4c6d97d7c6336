//! `docs/getting-started.md`, done as it says.
//!
//! Its marked commands are run in order on three Debian systems: rendering,
//! applying over SSH with a firewall that is loaded, the VPN, drift. What needs
//! the internet or a cluster is not: k3s is a stand-in that says it is ready.

mod home;
mod machine;
mod page;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use ztgit_test_support::{Sandbox, said};

use crate::home::Home;

/// The timer that takes back an unconfirmed apply elapses by systemd's monotonic
/// clock alone, so setting the machine's clock neither fires nor delays it.
const COUNTS_NO_TIME_OF_DAY: &str = "
    timer=$(systemctl list-units --plain --no-legend 'ztgit-host-rollback-*.timer' | cut -d ' ' -f 1)
    systemctl show --property=TimersMonotonic --value \"$timer\" | grep OnActiveUSec
    test -z \"$(systemctl show --property=TimersCalendar --value \"$timer\")\"";

#[test]
#[ignore = "installs Debian first, which takes some minutes"]
fn the_page_leads_to_a_node_without_drift() {
    let tools = ["debootstrap", "nsenter", "setpriv", "/dev/net/tun"];
    if Sandbox::new("getting_started", &tools).is_none() {
        return;
    }
    let mut home = Home::new();
    let mut transcript = String::new();
    for block in page::commands() {
        if block.text.contains("ztgit host confirm") {
            home.machine("node").run(COUNTS_NO_TIME_OF_DAY);
        }
        println!(
            "\ndocs/getting-started.md:{}, {}:",
            block.line, block.machine
        );
        let said = home.machine(block.machine).run(&block.text);
        println!("{said}");
        transcript += &said;
    }
    for result in ["apply 1 stays", "ztgit_host_clean 1", "exit code 1"] {
        assert!(transcript.contains(result), "no block said `{result}`");
    }
    home.machine("node").run(
        "ztgit host drift
        test \"$(systemctl is-active ztgit-nftables wg-quick@wg0 crowdsec k3s | uniq)\" = active
        # The laptop and the phone.
        test \"$(wg show wg0 peers | wc -l)\" = 2",
    );
    home.machine("node").run(
        "chmod 0640 /etc/ztgit/nftables.nft
        if systemctl start ztgit-drift; then exit 1; fi
        journalctl --sync
        journalctl --unit=ztgit-drift | grep 'mode  *.*/etc/ztgit/nftables.nft'
        grep '^ztgit_host_clean 0$' /var/lib/prometheus/node-exporter/ztgit.prom",
    );
}

#[test]
fn the_objects_for_flux_are_valid_and_lead_to_what_is_rendered() {
    let directory = tempfile::tempdir().unwrap();
    let stack = directory.path().join("stack");
    fs::create_dir_all(stack.join("manifests")).unwrap();
    fs::write(stack.join("manifests/flux.yaml"), page::objects()).unwrap();
    let homelab = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/homelab/stack.yaml");
    let homelab = fs::read_to_string(homelab).unwrap();
    let manifests = "      manifests: {flux: {path: manifests/flux.yaml, phase: config}}\n";
    let with_objects =
        homelab.replacen("      config:\n", &format!("{manifests}      config:\n"), 1);
    fs::write(stack.join("stack.yaml"), with_objects).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ztgit"))
        .args(["render", "stack", "--out", "tree"])
        .current_dir(directory.path())
        .env("HOME", directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));

    let objects: Vec<Value> = serde_saphyr::from_multiple(&page::objects()).unwrap();
    let [source, kustomization] = &objects[..] else {
        panic!("a source and a Kustomization");
    };
    let unit = directory
        .path()
        .join("tree/clusters/home/ztgit/allow-cilium.yaml");
    let unit: Value = serde_saphyr::from_str(&fs::read_to_string(unit).unwrap()).unwrap();
    assert_eq!(unit["spec"]["sourceRef"]["kind"], source["kind"]);
    for object in [&unit, kustomization] {
        assert_eq!(
            object["spec"]["sourceRef"]["name"],
            source["metadata"]["name"]
        );
        assert_eq!(
            object["metadata"]["namespace"],
            source["metadata"]["namespace"]
        );
    }
    let path = kustomization["spec"]["path"].as_str().unwrap();
    let units = directory
        .path()
        .join("tree")
        .join(path)
        .join("ztgit/kustomization.yaml");
    assert!(units.exists(), "{}", units.display());
}

#[test]
fn systemd_accepts_the_units_of_the_example() {
    let Some(sandbox) = Sandbox::new("drift_units", &["systemd-analyze"]) else {
        return;
    };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/systemd");
    for unit in ["ztgit-drift.service", "ztgit-drift.timer"] {
        let text = fs::read_to_string(examples.join(unit)).unwrap();
        sandbox.write(unit, &text);
    }
    let said = sandbox.run(
        "mount -t tmpfs none /usr/local/bin
        install -m 0755 /dev/null /usr/local/bin/ztgit
        systemd-analyze verify --man=no ./ztgit-drift.service ./ztgit-drift.timer 2>&1",
    );
    assert_eq!(said, "");
}

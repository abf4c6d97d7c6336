//! What a node runs: scripts free of the usual mistakes, a unit that systemd
//! takes, and the step of the installer.

use serde_json::json;
use ztgit_plugin::FileTarget;
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin_wireguard::Wireguard;
use ztgit_test_support::Sandbox;

const SCRIPTS: &str = "/usr/local/lib/ztgit";

fn rendered() -> Rendered {
    let second = json!({"cidr": "10.102.0.0/24", "port": 51822});
    Harness::<Wireguard>::homelab()
        .config(json!({"podAccess": true, "endpoint": "vpn.example.net", "interfaces": {"wg1": second}}))
        .render()
}

#[test]
fn shellcheck_finds_nothing() {
    let Some(sandbox) = Sandbox::new("wireguard_shellcheck", &["shellcheck"]) else {
        return;
    };
    let rendered = rendered();
    let on_node = rendered
        .files()
        .filter(|file| matches!(file.target, FileTarget::Node(_)));
    let scripts: Vec<_> = on_node.filter(|file| file.mode == 0o755).collect();
    assert_eq!(scripts.len(), 3);
    for script in scripts {
        sandbox.write(
            "script",
            std::str::from_utf8(&script.content).expect("text"),
        );
        sandbox.run("bash -n script && shellcheck script");
    }
}

#[test]
fn the_unit_with_its_settings_is_valid() {
    let tools = ["systemd-analyze", "wg-quick"];
    let Some(sandbox) = Sandbox::new("wireguard_unit", &tools) else {
        return;
    };
    let rendered = rendered();
    let drop_in = "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf";
    sandbox.write("ztgit.conf", rendered.file("pi-1", drop_in));
    for script in ["wg-key", "wg-sync"] {
        sandbox.write(
            script,
            rendered.file("pi-1", &format!("{SCRIPTS}/{script}")),
        );
    }
    let said = sandbox.run(
        "mount -t tmpfs none /usr/local/lib
        mkdir -p /usr/local/lib/ztgit wg-quick@wg0.service.d
        install -m 0755 wg-key wg-sync /usr/local/lib/ztgit
        cp ztgit.conf wg-quick@wg0.service.d
        for directory in /usr/lib/systemd/system /lib/systemd/system; do
            if test -e $directory/wg-quick@.service; then
                cp $directory/wg-quick@.service $directory/wg-quick.target .
            fi
        done
        export SYSTEMD_UNIT_PATH=$PWD:
        systemd-analyze verify --man=no wg-quick@wg0.service 2>&1",
    );
    assert_eq!(said, "");
}

/// Programs that write down how they were called. Packages, units and the
/// kernel's settings are the machine's, which a test leaves alone.
const STAND_INS: &str = "
    mount -t tmpfs none /etc/systemd/system
    mkdir -p /etc/wireguard /etc/sysctl.d bin
    mount -t tmpfs none /etc/wireguard
    mount -t tmpfs none /etc/sysctl.d
    mount -t tmpfs none /usr/local/lib
    mkdir -p /usr/local/lib/ztgit
    install -m 0755 wg-key /usr/local/lib/ztgit
    for interface in wg0 wg1; do
        mkdir -p /etc/systemd/system/wg-quick@$interface.service.d
        cp ztgit.conf /etc/systemd/system/wg-quick@$interface.service.d
        install -m 0644 $interface.conf /etc/wireguard
    done
    cp 60-ztgit-wireguard.conf /etc/sysctl.d
    for program in apt-get systemctl sysctl; do
        printf '#!/bin/sh\\necho \"%s $*\"\\n' $program >bin/$program
        chmod +x bin/$program
    done
    export PATH=$PWD/bin:$PATH
";

#[test]
fn the_installers_step_makes_keys_once_and_prints_only_the_public_half() {
    let tools = ["wg", "wg-quick", "mount", "systemd-analyze"];
    let Some(sandbox) = Sandbox::new("wireguard_step", &tools) else {
        return;
    };
    let rendered = rendered();
    for path in [
        "/usr/local/lib/ztgit/wg-key",
        "/usr/local/lib/ztgit/install.d/20-wireguard.sh",
        "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf",
        "/etc/wireguard/wg0.conf",
        "/etc/wireguard/wg1.conf",
        "/etc/sysctl.d/60-ztgit-wireguard.conf",
    ] {
        let (_, name) = path.rsplit_once('/').expect("paths are absolute");
        sandbox.write(name, rendered.file("pi-1", path));
    }
    let said = sandbox.run(&format!(
        "{STAND_INS}
        umask 000
        bash 20-wireguard.sh
        cp /etc/wireguard/wg1.key first
        bash 20-wireguard.sh >again
        cmp first /etc/wireguard/wg1.key
        stat --format '%a %n' /etc/wireguard/*
        if grep -F -f /etc/wireguard/wg0.key -f /etc/wireguard/wg1.key again; then exit 1; fi
        wg pubkey </etc/wireguard/wg1.key"
    ));
    let (first, rest) = said
        .split_once("600 /etc/wireguard/wg0.conf\n")
        .expect("modes are shown");
    assert!(rest.starts_with(
        "600 /etc/wireguard/wg0.key\n600 /etc/wireguard/wg1.conf\n600 /etc/wireguard/wg1.key\n"
    ));
    let public = rest.lines().last().expect("the key is shown");
    let expected = format!(
        "systemctl enable --now wg-quick@wg1.service\n\
         systemctl reload wg-quick@wg1.service\n\
         wireguard: wg1 is up; its public key, for the stack, is {public}\n"
    );
    assert!(first.ends_with(&expected), "{said}");
    assert!(first.starts_with(
        "sysctl --quiet --load /etc/sysctl.d/60-ztgit-wireguard.conf\nsystemctl daemon-reload\n"
    ));
}

//! The scripts that a node runs: free of the usual mistakes, and the step of the
//! installer on a node that has nothing yet, and on one that has everything.

use serde_json::json;
use ztgit_plugin::testing::Harness;
use ztgit_plugin_nftables::Nftables;
use ztgit_test_support::Sandbox;

const STEP: &str = "/usr/local/lib/ztgit/install.d/25-nftables.sh";

/// Programs that write down how they were called. Packages and units are the
/// machine's, which a test leaves alone.
const STAND_INS: &str = "
    mkdir -p bin
    for program in apt-get systemctl systemd-run chmod; do
        printf '#!/bin/sh\\necho \"%s $*\" >>calls\\n' $program >bin/$program
        /bin/chmod +x bin/$program
    done
    export PATH=$PWD/bin:$PATH
";

fn rendered(backend: &str) -> ztgit_plugin::testing::Rendered {
    Harness::<Nftables>::homelab()
        .config(json!({"backend": backend}))
        .render()
}

#[test]
fn shellcheck_finds_nothing() {
    let Some(sandbox) = Sandbox::new("nftables_shellcheck", &["shellcheck"]) else {
        return;
    };
    for backend in ["nftables", "iptables"] {
        let rendered = rendered(backend);
        let scripts: Vec<_> = rendered.files().filter(|file| file.mode == 0o755).collect();
        assert_eq!(scripts.len(), 2);
        for script in scripts {
            let text = std::str::from_utf8(&script.content).expect("text");
            sandbox.write("script", text);
            sandbox.run("bash -n script && shellcheck script");
        }
    }
}

#[test]
fn the_first_time_somebody_has_to_say_that_the_firewall_may_stay() {
    let tools = ["nft", "iptables-restore", "mount"];
    let Some(sandbox) = Sandbox::new("nftables_step", &tools) else {
        return;
    };
    for (backend, there) in [
        ("nftables", "nft add table inet ztgit"),
        (
            "iptables",
            "iptables -N ZTGIT-INPUT && iptables -A INPUT -j ZTGIT-INPUT",
        ),
    ] {
        sandbox.write("step", rendered(backend).file("pi-1", STEP));
        let calls = sandbox.run(&format!(
            "mount -t tmpfs none /run
            {STAND_INS}
            rm -f calls
            bash step
            {there}
            echo again >>calls
            bash step
            cat calls"
        ));
        let (first, again) = calls.split_once("again\n").expect("both runs are there");
        let unit = format!("ztgit-{backend}.service");
        let enable = format!("systemctl enable --now {unit}\nsystemctl reload {unit}\n");
        assert!(first.contains("systemd-run --quiet --collect --unit=ztgit-firewall-undo"));
        assert!(first.contains("systemctl stop ztgit-firewall-undo.timer"));
        assert!(first.contains(&enable), "{first}");
        assert!(!again.contains("systemd-run"), "{again}");
        assert!(again.ends_with(&enable), "{again}");
        assert!(
            !calls.contains("apt-get"),
            "what is installed is not installed again"
        );
    }
}

#[test]
fn the_iptables_step_takes_back_what_the_loader_hooked_in() {
    let tools = ["iptables", "ip6tables", "mount"];
    let Some(sandbox) = Sandbox::new("nftables_undo", &tools) else {
        return;
    };
    let rendered = rendered("iptables");
    sandbox.write("step", rendered.file("pi-1", STEP));
    for name in ["iptables-load", "iptables.rules", "ip6tables.rules"] {
        let directory = if name.ends_with("load") {
            "/usr/local/lib/ztgit"
        } else {
            "/etc/ztgit"
        };
        sandbox.write(name, rendered.file("pi-1", &format!("{directory}/{name}")));
    }
    let calls = sandbox.run(&format!(
        "mount -t tmpfs none /run
        {STAND_INS}
        mkdir -p /etc/ztgit
        mount -t tmpfs none /etc/ztgit
        cp *.rules /etc/ztgit
        bash iptables-load
        iptables --check INPUT --jump ZTGIT-INPUT
        bash step undo
        bash iptables-load
        iptables --delete INPUT --jump ZTGIT-INPUT
        bash step undo
        for tool in iptables ip6tables; do
            if $tool-save | grep -q -e '-j ZTGIT'; then exit 1; fi
        done
        cat calls"
    ));
    assert!(calls.contains("systemctl disable --now ztgit-iptables.service\n"));
}

#[test]
fn the_nftables_step_takes_back_the_table_and_its_loading_at_boot() {
    let Some(sandbox) = Sandbox::new("nftables_undo_table", &["nft"]) else {
        return;
    };
    sandbox.write("step", rendered("nftables").file("pi-1", STEP));
    let calls = sandbox.run(&format!(
        "{STAND_INS}
        nft add table inet ztgit
        bash step undo
        if nft list table inet ztgit; then exit 1; fi
        bash step undo
        cat calls"
    ));
    let disable = "systemctl disable --now ztgit-nftables.service\n";
    assert_eq!(calls.matches(disable).count(), 2, "{calls}");
}

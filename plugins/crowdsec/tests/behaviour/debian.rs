//! The step on a Debian that has just been installed, with all files in place:
//! packages, hub, key and both programs' own checks are real.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use ztgit_plugin::testing::Rendered;
use ztgit_test_support::{require_tool, said, scratch};

use crate::render::homelab;

/// A root directory with Debian 12 and the files of a node. Services do not
/// start there.
fn installed(rendered: &Rendered) -> Option<PathBuf> {
    require_tool("debootstrap")?;
    let directory = scratch("crowdsec_debian");
    run(
        "
        test -e base/.complete || {
            rm -rf base
            debootstrap --variant=minbase --include=systemd bookworm base
            touch base/.complete
        }
        rm -rf root
        cp -a base root",
        &directory,
    );
    let root = directory.join("root");
    for file in rendered.files() {
        let path = root.join(file.path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("files are in directories")).expect("a place");
        fs::write(&path, &file.content).expect("the file is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(file.mode)).expect("its mode");
    }
    Some(root)
}

/// Runs a script that must succeed, and gives what it prints.
fn run(script: &str, directory: &Path) -> String {
    let output = Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "--kill-child", "bash", "-euc"])
        .arg(script)
        .current_dir(directory)
        .output()
        .expect("unshare is everywhere");
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[ignore = "installs a Debian and packages from its mirrors"]
fn the_step_sets_up_a_new_debian_and_may_run_again() {
    let rendered = homelab()
        .config(json!({"communityBlocklist": "decline"}))
        .render();
    let Some(root) = installed(&rendered) else {
        return;
    };
    let shown = run(
        r#"
        cp -L /etc/resolv.conf etc/
        printf '#!/bin/sh\nexit 101\n' > usr/sbin/policy-rc.d
        printf '#!/bin/sh\necho "systemctl $*" >> /calls\n' > usr/local/bin/systemctl
        chmod 755 usr/sbin/policy-rc.d usr/local/bin/systemctl
        mount -t proc none proc
        mount --bind /dev dev
        inside() { chroot . env -i PATH=/usr/local/bin:/usr/bin:/usr/sbin bash -euc "$1"; }
        key=/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml.local
        state="find /etc/crowdsec -type f -exec sha256sum {} + | sort -k2"
        step=/usr/local/lib/ztgit/install.d/40-crowdsec.sh

        inside "$step" > shown 2>&1 || { cat shown; exit 1; }
        inside "$state" > first
        inside "$step" >> shown 2>&1 || { cat shown; exit 1; }
        inside "$state" > second
        diff first second
        stat -c '%a %u' ".$key"
        secret=$(sed -n 's/^api_key: *"\?\([^"]*\)"\?$/\1/p' ".$key")
        test ${#secret} -ge 32
        grep -c -- "$secret" shown || true
        test ! -e etc/crowdsec/parsers/s02-enrich/whitelists.yaml
        grep restart calls"#,
        &root,
    );
    let restarts =
        "systemctl restart crowdsec.service\nsystemctl restart crowdsec-firewall-bouncer.service\n";
    assert_eq!(shown, format!("600 0\n0\n{restarts}{restarts}"));
    for file in rendered.files() {
        let text = fs::read(root.join(file.path.trim_start_matches('/'))).expect("it is there");
        assert!(text == file.content, "{} was changed", file.path);
    }
}

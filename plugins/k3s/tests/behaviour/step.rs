//! The step, run on a node that has files in place of `curl` and `systemctl`.

use std::process::Output;

use ztgit_test_support::{Sandbox, said};

use crate::support::{FRAGMENT, STEP, everything};

/// What the release has, and its SHA-256.
const RELEASED: &str = "#!/bin/sh\necho k3s\n";
const SHA256: &str = "43acdf7de3937356da8a1992eb67860b55156f937385bab22b8c5e19f28cf35c";

/// A node whose state is lost with each script. `calls` is what `curl` and
/// `systemctl` were called with.
const NODE: &str = r#"
    for directory in /etc /usr/local/bin /var/lib; do mount -t tmpfs none $directory; done
    mkdir -p /etc/rancher/k3s/config.yaml.d /etc/systemd/system
    cp fragment /etc/rancher/k3s/config.yaml.d/50-ztgit.yaml
    touch /etc/rancher/k3s/ztgit-{audit-policy,admission}.yaml
    touch /etc/systemd/system/k3s{,-agent}.service
    rm -rf bin calls active
    mkdir bin
    cat >bin/curl <<'END'
#!/bin/bash
echo "curl ${*: -1}" >>calls
while [[ $1 != --output ]]; do shift; done
cp released "$2"
END
    cat >bin/systemctl <<'END'
#!/bin/bash
echo "systemctl $*" >>calls
case $1 in
    restart) touch active ;;
    is-active) test -e active ;;
esac
END
    chmod 755 bin/* step
    export PATH=$PWD/bin:$PATH
"#;

/// Runs a script on a node of the sandbox.
fn on(node: &str, test: &str, released: &str, script: &str) -> Option<Output> {
    let sandbox = Sandbox::new(test, &["dpkg", "sha256sum"])?;
    let rendered = everything(SHA256).render();
    sandbox.write("fragment", rendered.file(node, FRAGMENT));
    sandbox.write("step", rendered.file(node, STEP));
    sandbox.write("released", released);
    Some(sandbox.script(&format!("{NODE}\n{script}")))
}

#[test]
fn a_second_run_neither_downloads_nor_restarts() {
    let script =
        "./step && ./step && stat -c '%a %u' /usr/local/bin/k3s && cmp released /usr/local/bin/k3s
        readlink /usr/local/bin/ctr; ls /usr/local/bin | grep -c '^k3s'; cat calls";
    let Some(output) = on("pi-1", "k3s_step_twice", RELEASED, script) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        said(&output),
        "\
755 0
k3s
1
curl https://github.com/k3s-io/k3s/releases/download/v1.36.2%2Bk3s1/k3s
systemctl daemon-reload
systemctl enable k3s.service
systemctl is-active --quiet k3s.service
systemctl restart k3s.service
systemctl daemon-reload
systemctl enable k3s.service
systemctl is-active --quiet k3s.service
"
    );
}

#[test]
fn changed_configuration_is_a_reason_to_restart() {
    let script =
        "./step; echo >>/etc/rancher/k3s/ztgit-admission.yaml; ./step; grep -c restart calls";
    let Some(output) = on("pi-1", "k3s_step_changed", RELEASED, script) else {
        return;
    };
    assert_eq!(said(&output), "2\n");
}

#[test]
fn a_program_that_is_not_the_pinned_one_gets_no_name_and_is_not_started() {
    let script = "./step || echo failed; ls -A /usr/local/bin; cat calls";
    let Some(output) = on("pi-1", "k3s_step_other", "#!/bin/sh\nreboot\n", script) else {
        return;
    };
    assert_eq!(
        said(&output),
        "\
failed
curl https://github.com/k3s-io/k3s/releases/download/v1.36.2%2Bk3s1/k3s
30-k3s: k3s of v1.36.2+k3s1 is not what the stack pins, so it is thrown away
"
    );
}

#[test]
fn a_program_that_is_in_place_is_taken_if_it_is_the_pinned_one() {
    let script = "cp released /usr/local/bin/k3s; ./step; grep -c curl calls || true";
    let Some(output) = on("pi-1", "k3s_step_offline", RELEASED, script) else {
        return;
    };
    assert_eq!(said(&output), "0\n");
}

#[test]
fn a_node_that_joins_does_nothing_before_it_has_its_token() {
    let script = "./step || echo failed; ls -A /usr/local/bin; test ! -e calls";
    let Some(output) = on("pi-2", "k3s_step_no_token", RELEASED, script) else {
        return;
    };
    assert_eq!(
        said(&output),
        "\
failed
30-k3s: /etc/rancher/k3s/ztgit-join-token is missing or empty: put the token there with which this node joins, mode 0600
"
    );
}

#[test]
fn the_join_token_is_for_root_alone_and_is_never_shown() {
    let script = "token=/etc/rancher/k3s/ztgit-join-token
        echo K10secret >$token; chmod 644 $token; bash -x ./step 2>trace
        stat -c %a $token; grep -c K10secret trace calls || true";
    let Some(output) = on("pi-2", "k3s_step_token", RELEASED, script) else {
        return;
    };
    assert_eq!(said(&output), "600\ntrace:0\ncalls:0\n");
}

//! The step in the eyes of the shell and of shellcheck, and run on a node with
//! Debian's packages.

use std::process::{Command, Output};

use serde_json::{Value, json};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_crowdsec::Crowdsec;
use ztgit_test_support::{Sandbox, require_tool, said};

const STEP: &str = "/usr/local/lib/ztgit/install.d/40-crowdsec.sh";

/// A node as the packages leave it where there is no network: the hub that they
/// bring, no account anywhere. `systemctl` only says what it was called with.
const NODE: &str = r#"
    rm -rf packaged bin calls
    cp -r /etc/crowdsec packaged
    for directory in /etc/crowdsec /var/lib/crowdsec /var/log; do
        mount -t tmpfs none $directory
    done
    mkdir -p /var/lib/crowdsec/data /etc/crowdsec/{acquis.d,bouncers,collections}
    mkdir -p /etc/crowdsec/parsers/{s00-raw,s01-parse,s02-enrich}
    ln -s /usr/share/crowdsec/hub /var/lib/crowdsec/hub
    for kept in config.yaml profiles.yaml simulation.yaml patterns; do
        mv packaged/$kept /etc/crowdsec
    done
    hub=/usr/share/crowdsec/hub
    ln -s $hub/collections/crowdsecurity/{linux,sshd}.yaml /etc/crowdsec/collections
    for parser in s00-raw/syslog-logs s01-parse/sshd-logs s02-enrich/dateparse-enrich s02-enrich/whitelists; do
        ln -s $hub/parsers/${parser%/*}/crowdsecurity/${parser#*/}.yaml /etc/crowdsec/parsers/${parser%/*}
    done
    printf 'common: {log_media: stdout}\n' >/etc/crowdsec/config.yaml.local
    touch /etc/crowdsec/{local,online}_api_credentials.yaml
    cscli --error machines add --force test --password test-password
    cp bouncer /etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml
    cp acquisition /etc/crowdsec/acquis.d/ztgit-ssh.yaml
    touch /etc/crowdsec/acquis.yaml
    mkdir bin
    cat >bin/systemctl <<'END'
#!/bin/bash
echo "systemctl $*" >>calls
END
    chmod 755 bin/systemctl step
    export PATH=$PWD/bin:$PATH
    key=/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml.local
"#;

/// Runs a script on a node of its own.
fn on_node(test: &str, script: &str) -> Option<Output> {
    let tools = ["crowdsec", "cscli", "crowdsec-firewall-bouncer", "dpkg"];
    let sandbox = Sandbox::new(test, &tools)?;
    let rendered = Harness::<Crowdsec>::homelab()
        .config(json!({"communityBlocklist": "decline"}))
        .render();
    for (name, path) in [
        ("step", STEP),
        (
            "bouncer",
            "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml",
        ),
        ("acquisition", "/etc/crowdsec/acquis.d/ztgit-ssh.yaml"),
    ] {
        sandbox.write(name, rendered.file("pi-1", path));
    }
    Some(sandbox.script(&format!("{NODE}\n{script}")))
}

#[test]
fn a_second_run_keeps_the_key_and_makes_no_second_bouncer() {
    let script = "./step >first 2>&1; sha256sum $key >keys; ./step >second 2>&1; sha256sum --check --quiet keys
        cscli bouncers list -o raw | grep -c ztgit-firewall-bouncer; cat calls";
    let Some(output) = on_node("crowdsec_step_twice", script) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    let starts = "\
systemctl enable crowdsec.service crowdsec-firewall-bouncer.service
systemctl restart crowdsec.service
systemctl restart crowdsec-firewall-bouncer.service
";
    let expected = format!("1\n{starts}{starts}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn the_key_is_for_root_alone_and_is_never_shown() {
    let script = r#"umask 000; bash -x ./step >shown 2>trace; stat -c %a $key
        secret=$(sed -n 's/^api_key: "\(.*\)"$/\1/p' $key); test ${#secret} -ge 32
        grep -c -- "$secret" shown calls || true"#;
    let Some(output) = on_node("crowdsec_step_key", script) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "600\nshown:0\ncalls:0\n");
}

#[test]
fn the_stock_list_of_private_ranges_goes_and_nothing_of_ours() {
    let script = "./step >shown 2>&1; ls /etc/crowdsec/parsers/s02-enrich";
    let Some(output) = on_node("crowdsec_step_whitelist", script) else {
        return;
    };
    assert_eq!(said(&output), "dateparse-enrich.yaml\n");
}

#[test]
fn the_other_generation_of_the_bouncer_is_refused_before_anything_starts() {
    let script = "sed -i 's/^readonly bouncer_version_relation=lt/readonly bouncer_version_relation=ge/' step
        ./step >shown 2>&1 || echo failed; grep -c 'is not of the bouncer generation' shown; test ! -e calls";
    let Some(output) = on_node("crowdsec_step_generation", script) else {
        return;
    };
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "failed\n1\n");
}

fn accepted_by(program: &str, arguments: &[&str], config: Value) {
    let Some(program) = require_tool(program) else {
        return;
    };
    let rendered = Harness::<Crowdsec>::homelab().config(config).render();
    let script = tempfile::NamedTempFile::new().expect("there is a place for the script");
    std::fs::write(script.path(), rendered.file("pi-1", STEP)).expect("the script is written");
    let output = Command::new(program)
        .args(arguments)
        .arg(script.path())
        .output()
        .expect("it was found");
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn bash_can_read_the_step() {
    accepted_by("bash", &["-n"], json!({}));
}

#[test]
fn shellcheck_finds_nothing_in_the_step() {
    accepted_by("shellcheck", &[], json!({}));
}

#[test]
fn shellcheck_finds_nothing_in_a_step_without_collections() {
    let collections = json!({"crowdsecurity/linux": false, "crowdsecurity/sshd": false});
    accepted_by(
        "shellcheck",
        &[],
        json!({"bouncer": "current", "privateRanges": "trust", "communityBlocklist": "decline", "collections": collections}),
    );
}

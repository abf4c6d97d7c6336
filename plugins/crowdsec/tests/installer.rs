//! The installer in the eyes of the shell and of shellcheck.

use std::io::Write as _;
use std::process::Command;

use serde_json::{Value, json};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_crowdsec::Crowdsec;
use ztgit_test_support::{require_tool, said};

fn accepted_by(program: &str, arguments: &[&str], config: Value) {
    let Some(program) = require_tool(program) else {
        return;
    };
    let rendered = Harness::<Crowdsec>::homelab().config(config).render();
    let mut script = tempfile::NamedTempFile::new().expect("there is a place for the script");
    let text = rendered.file("pi-1", "/usr/local/lib/ztgit/crowdsec-install");
    script
        .write_all(text.as_bytes())
        .expect("the script is written");
    let path = script.path().to_str().expect("the path is text");
    let output = Command::new(program)
        .args(arguments)
        .arg(path)
        .output()
        .expect("it was found");
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn bash_can_read_the_installer() {
    accepted_by("bash", &["-n"], json!({}));
}

#[test]
fn shellcheck_finds_nothing_in_the_installer() {
    accepted_by("shellcheck", &[], json!({}));
}

#[test]
fn shellcheck_finds_nothing_in_an_installer_without_collections() {
    let collections = json!({"crowdsecurity/linux": false, "crowdsecurity/sshd": false});
    accepted_by(
        "shellcheck",
        &[],
        json!({"bouncer": "current", "privateRanges": "trust", "communityBlocklist": "decline", "collections": collections}),
    );
}

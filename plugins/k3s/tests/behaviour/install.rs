//! What is rendered where the stack pins a release.

use serde_json::{Value, json};
use ztgit_plugin::{Activation, Place};

use crate::support::{FRAGMENT, STEP, everything, homelab};
use ztgit_plugin_k3s::Config;
use ztgit_test_support::{Sandbox, require_tool, said};

const SHA256: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SERVER: &str = "/etc/systemd/system/k3s.service";
const AGENT: &str = "/etc/systemd/system/k3s-agent.service";

#[test]
fn nothing_is_installed_without_a_pinned_release() {
    let rendered = homelab().render();
    let paths: Vec<&str> = rendered.files().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [FRAGMENT]);
}

#[test]
fn the_step_has_what_the_stack_pins() {
    let rendered = everything(SHA256).render();
    let step = rendered.file("pi-1", STEP);
    let constants = step.split("\n\n").nth(1).unwrap();
    assert_eq!(
        constants,
        format!(
            "\
readonly version=v1.36.2+k3s1
readonly unit=k3s.service
readonly program=/usr/local/bin/k3s
readonly join_token=
readonly -A programs=(
    [amd64]=k3s
    [arm64]=k3s-arm64
)
readonly -A digests=(
    [amd64]={SHA256}
    [arm64]={SHA256}
)
readonly configuration=(
    /etc/rancher/k3s/config.yaml.d/50-ztgit.yaml
    /etc/rancher/k3s/ztgit-audit-policy.yaml
    /etc/rancher/k3s/ztgit-admission.yaml
    /etc/systemd/system/k3s.service
)"
        )
    );
}

#[test]
fn a_node_that_joins_reads_its_token_from_a_file_that_is_not_rendered() {
    const TOKEN: &str = "/etc/rancher/k3s/ztgit-join-token";
    let rendered = everything(SHA256).render();
    assert!(
        rendered
            .file("pi-2", FRAGMENT)
            .contains(&format!("token-file: \"{TOKEN}\"\n"))
    );
    assert!(!rendered.file("pi-1", FRAGMENT).contains("token"));
    assert!(
        rendered
            .file("pi-2", AGENT)
            .contains(&format!("ConditionPathExists={TOKEN}\n"))
    );
    assert!(rendered.files().all(|file| file.path != TOKEN));
}

#[test]
fn the_step_is_for_people_and_the_unit_is_started() {
    let rendered = everything(SHA256).render();
    let file = |path: &str| rendered.files().find(|file| file.path == path).unwrap();
    assert_eq!((file(STEP).mode, file(STEP).activation.len()), (0o755, 0));
    let unit = "k3s.service".to_owned();
    assert_eq!(
        file(SERVER).activation,
        [
            Activation::DaemonReload,
            Activation::Enable(unit.clone()),
            Activation::Restart(unit)
        ]
    );
}

#[test]
fn no_file_has_a_secret() {
    let rendered = everything(SHA256).render();
    for file in rendered.files() {
        let text = std::str::from_utf8(&file.content).unwrap();
        for secret in ["-----BEGIN", "PrivateKey", "K10", "token:", "password"] {
            assert!(!text.contains(secret), "{} has {secret}", file.path);
        }
    }
}

#[test]
fn a_release_without_any_digest_is_an_error_where_it_stands() {
    let install = json!({"version": "v1.36.2+k3s1", "sha256": {}});
    let rendered = homelab().config(json!({"install": install})).render();
    assert_eq!(rendered.errors(), ["no-checksum"]);
    assert_eq!(
        rendered.0.diagnostics[0].place,
        Place::Config("/install/sha256".to_owned())
    );
}

#[test]
fn releases_and_digests_that_are_none_are_refused() {
    let accepted = |version: Value, digest: Value| {
        let install = json!({"version": version, "sha256": {"amd64": digest}});
        serde_json::from_value::<Config>(json!({"install": install})).is_ok()
    };
    assert!(accepted(json!("v1.36.2+k3s1"), json!(SHA256)));
    assert!(accepted(json!("v1.37.0-rc1+k3s1"), json!(SHA256)));
    for version in [
        "1.36.2+k3s1",
        "v1.36.2",
        "v1.36+k3s1",
        "latest",
        "v1.36.2+k3s1\n",
        "v1.36.2+k3s$(id)",
        "v1.36.2+k3s1/../x",
    ] {
        assert!(!accepted(json!(version), json!(SHA256)), "{version:?}");
    }
    for digest in [&SHA256[1..], &SHA256.to_uppercase(), "", "sha256:0123"] {
        assert!(
            !accepted(json!("v1.36.2+k3s1"), json!(digest)),
            "{digest:?}"
        );
    }
}

#[test]
fn systemd_accepts_the_units() {
    let Some(sandbox) = Sandbox::new("k3s_units", &["systemd-analyze"]) else {
        return;
    };
    let rendered = everything(SHA256).render();
    for (node, path) in [("pi-1", SERVER), ("pi-2", AGENT)] {
        let name = path.rsplit('/').next().unwrap();
        sandbox.write(name, rendered.file(node, path));
        let said = sandbox.run(&format!(
            "mount -t tmpfs none /usr/local/bin
            mount -t tmpfs none /etc/systemd/system
            ln -s /bin/true /usr/local/bin/k3s
            cp {name} /etc/systemd/system
            systemd-analyze verify --man=no {name} 2>&1"
        ));
        // An unknown setting is a warning, and ignored.
        assert!(!said.contains(name), "{said}");
    }
}

#[test]
fn bash_and_shellcheck_find_nothing_in_the_step() {
    for (tool, arguments) in [("bash", &["-n"][..]), ("shellcheck", &[])] {
        let Some(program) = require_tool(tool) else {
            return;
        };
        let rendered = everything(SHA256).render();
        for node in ["pi-1", "pi-2"] {
            let script = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(script.path(), rendered.file(node, STEP)).unwrap();
            let output = std::process::Command::new(&program)
                .args(arguments)
                .arg(script.path())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", said(&output));
        }
    }
}

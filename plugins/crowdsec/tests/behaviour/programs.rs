//! The rendered files in the eyes of the programs that read them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;
use ztgit_plugin::FactScope;
use ztgit_plugin::fact::{LogSource, TrustedCidr};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin_crowdsec::Crowdsec;
use ztgit_test_support::{require_tool, said};

const HUB: &str = "/usr/share/crowdsec/hub";

/// A node's root directory with CrowdSec's own configuration and the rendered
/// files.
struct Node {
    root: TempDir,
}

impl Node {
    fn with(rendered: &Rendered) -> Self {
        let node = Self {
            root: tempfile::tempdir().expect("there is a place for the node"),
        };
        node.write("/etc/crowdsec/config.yaml", &node.engine_config());
        node.write(
            "/etc/crowdsec/local_api_credentials.yaml",
            "url: http://127.0.0.1:8080\nlogin: test\npassword: test\n",
        );
        node.write("/etc/crowdsec/simulation.yaml", "simulation: false\n");
        let packaged = fs::read_to_string("/etc/crowdsec/profiles.yaml").expect("it is packaged");
        node.write("/etc/crowdsec/profiles.yaml", &packaged);
        node.write("/var/lib/crowdsec/data/.keep", "");
        node.link("/etc/crowdsec/patterns", "/etc/crowdsec/patterns");
        for stage in [
            "s00-raw/syslog-logs",
            "s01-parse/sshd-logs",
            "s02-enrich/dateparse-enrich",
        ] {
            let (stage, name) = stage.split_once('/').expect("a stage and a name");
            node.link(
                &format!("/etc/crowdsec/parsers/{stage}/{name}.yaml"),
                &format!("{HUB}/parsers/{stage}/crowdsecurity/{name}.yaml"),
            );
        }
        for file in rendered.files() {
            let text = std::str::from_utf8(&file.content).expect("all files are text");
            node.write(&file.path, text);
        }
        node
    }

    fn engine_config(&self) -> String {
        let root = self.root.path().display();
        format!(
            "\
common:
  daemonize: false
  log_media: stdout
  log_level: info
config_paths:
  config_dir: {root}/etc/crowdsec/
  data_dir: {root}/var/lib/crowdsec/data/
  simulation_path: {root}/etc/crowdsec/simulation.yaml
  hub_dir: {HUB}/
  index_path: {HUB}/.index.json
crowdsec_service:
  acquisition_path: {root}/etc/crowdsec/acquis.yaml
  acquisition_dir: {root}/etc/crowdsec/acquis.d
db_config:
  type: sqlite
  db_path: {root}/var/lib/crowdsec/data/crowdsec.db
  use_wal: true
api:
  client:
    credentials_path: {root}/etc/crowdsec/local_api_credentials.yaml
  server:
    listen_uri: 127.0.0.1:8080
    profiles_path: {root}/etc/crowdsec/profiles.yaml
"
        )
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.root.path().display())
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(Path::new(&path).parent().expect("files are in directories"))
            .expect("the directory is made");
        fs::write(path, text).expect("the file is written");
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(Path::new(&path).parent().expect("links are in directories"))
            .expect("the directory is made");
        symlink(target, path).expect("the link is made");
    }

    fn engine(&self) -> Output {
        let config = self.path("/etc/crowdsec/config.yaml");
        run("crowdsec", &["-c", &config, "-t"])
    }

    /// The bouncer with the file that the installer makes beside its own.
    fn bouncer(&self) -> Output {
        const CONFIG: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";
        self.write(
            &format!("{CONFIG}.local"),
            "api_key: \"0123456789abcdef\"\n",
        );
        run(
            "crowdsec-firewall-bouncer",
            &["-c", &self.path(CONFIG), "-t"],
        )
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .output()
        .expect("the program is there")
}

fn rendered(config: Value) -> Rendered {
    let vpn = TrustedCidr {
        range: "10.100.0.0/24".parse().expect("a range"),
        purpose: "VPN".to_owned(),
    };
    let log = LogSource::File {
        path: "/var/log/envoy.log".to_owned(),
        format: "envoy".to_owned(),
    };
    let unit = LogSource::Journal {
        unit: "k3s.service".to_owned(),
        format: "syslog".to_owned(),
    };
    Harness::<Crowdsec>::homelab()
        .config(config)
        .patch_cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]}}))
        .fact("wireguard", FactScope::Cluster, &vpn)
        .fact("gateway-tls", FactScope::Cluster, &log)
        .fact("k3s", FactScope::Cluster, &unit)
        .render()
}

#[test]
fn the_engine_accepts_all_of_its_files() {
    if require_tool("crowdsec").is_none() {
        return;
    }
    let output = Node::with(&rendered(json!({"banDuration": "30m"}))).engine();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for file in [
        "ztgit-ssh.yaml",
        "ztgit-from-gateway-tls.yaml",
        "ztgit-from-k3s.yaml",
    ] {
        assert!(
            said.contains(&format!("acquis.d/{file}")),
            "{file} is not read:\n{said}"
        );
    }
    assert!(
        said.contains("profiles.yaml.local"),
        "the profiles are not read:\n{said}"
    );
    assert!(
        said.contains("ztgit-whitelist.yaml"),
        "the whitelist is not read:\n{said}"
    );
}

/// Were it not so, the test above would show nothing.
#[test]
fn the_engine_refuses_broken_files_in_the_same_places() {
    if require_tool("crowdsec").is_none() {
        return;
    }
    for (path, from, to) in [
        (
            "/etc/crowdsec/parsers/s02-enrich/ztgit-whitelist.yaml",
            "10.100.0.0/24",
            "10.100.0.0/33",
        ),
        (
            "/etc/crowdsec/profiles.yaml.local",
            "duration: 4h",
            "duration: 4d",
        ),
        (
            "/etc/crowdsec/acquis.d/ztgit-ssh.yaml",
            "source: journalctl",
            "source: journal\nx: 1",
        ),
    ] {
        let rendered = rendered(json!({}));
        let node = Node::with(&rendered);
        let text = rendered.file("pi-1", path);
        let broken = text.replace(from, to);
        assert_ne!(text, broken, "{path} has no `{from}`");
        node.write(path, &broken);
        let output = node.engine();
        assert!(!output.status.success(), "{path}: {}", said(&output));
    }
}

#[test]
fn the_bouncer_accepts_the_configuration_of_either_generation() {
    if require_tool("crowdsec-firewall-bouncer").is_none() {
        return;
    }
    for generation in ["debian12", "current"] {
        let output = Node::with(&rendered(json!({"bouncer": generation}))).bouncer();
        let said = said(&output);
        assert!(output.status.success(), "{generation}: {said}");
        // An unknown mode is only a warning, "unexpected nftable mode".
        assert!(!said.contains("unexpected"), "{generation}: {said}");
    }
}

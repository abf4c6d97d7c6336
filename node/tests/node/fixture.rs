//! Folders of nodes, directories that stand for nodes, and programs that only
//! pretend.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use ztgit_node::{
    Applied, Command, CommandError, Commands, Confirmation, Error, Host, Root, Sha256, Source,
    apply,
};

pub(crate) const WG_CONF: &str = "/etc/wireguard/wg0.conf";
pub(crate) const DROP_IN: &str = "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf";
pub(crate) const SYSCTL: &str = "/etc/sysctl.d/60-ztgit-wireguard.conf";
pub(crate) const RULESET: &str = "/etc/ztgit/nftables.nft";
pub(crate) const UNIT: &str = "/etc/systemd/system/ztgit-nftables.service";
pub(crate) const LOADER: &str = "/usr/local/lib/ztgit/nft-load";
pub(crate) const MANIFEST: &str = "/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml";

/// A ruleset as the renderer gives it, with SSH open for a network.
pub(crate) const RULES: &str = include_str!("../../src/format/data/nftables.nft");

/// A peer's public key, for tests.
const PEER: &str = "3tHPhgV9bEXFQGP2Xz3WIYwPj0sNaWDXFaLl8JnO0Qk=";

/// What a file of a folder is besides its path.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) content: String,
    pub(crate) mode: &'static str,
    pub(crate) lifecycle: &'static str,
    pub(crate) activation: Value,
}

/// A node's folder in the making.
#[derive(Clone, Default)]
pub(crate) struct Folder(pub(crate) BTreeMap<String, File>);

impl Folder {
    /// Five files, as a small node has them; the number makes each another.
    pub(crate) fn small(version: u16) -> Self {
        let port = 51820 + version;
        let wg = format!(
            "[Interface]\nAddress = 10.100.0.1/24\nListenPort = {port}\n\
            PostUp = wg set %i private-key /etc/wireguard/%i.key\n\n\
            [Peer]\nPublicKey = {PEER}\nAllowedIPs = 10.100.0.2/32\n"
        );
        let drop_in =
            format!("# {version}\n[Service]\nExecReload=/usr/local/lib/ztgit/wg-sync %i\n");
        let unit = format!(
            "# {version}\n[Service]\nExecStart=/usr/local/lib/ztgit/nft-load /etc/ztgit/nftables.nft\n"
        );
        let rules = RULES.replace("51820", &port.to_string());
        Self::default()
            .file(
                DROP_IN,
                &drop_in,
                "0644",
                json!([{"step": "daemon-reload"}]),
            )
            .file(
                WG_CONF,
                &wg,
                "0600",
                json!([
                    {"step": "enable", "argument": "wg-quick@wg0.service"},
                    {"step": "sync-wireguard", "argument": "wg0"},
                ]),
            )
            .file(
                SYSCTL,
                &format!("# {version}\nnet.ipv4.ip_forward = 1\n"),
                "0644",
                json!([{"step": "apply-sysctl"}]),
            )
            .file(RULESET, &rules, "0600", json!([{"step": "load-nftables"}]))
            .file(
                UNIT,
                &unit,
                "0644",
                json!([
                    {"step": "daemon-reload"},
                    {"step": "enable", "argument": "ztgit-nftables.service"},
                ]),
            )
    }

    pub(crate) fn file(
        mut self,
        path: &str,
        content: &str,
        mode: &'static str,
        activation: Value,
    ) -> Self {
        let file = File {
            content: content.to_owned(),
            mode,
            lifecycle: "managed",
            activation,
        };
        self.0.insert(path.to_owned(), file);
        self
    }

    pub(crate) fn without(mut self, path: &str) -> Self {
        self.0.remove(path).expect("it is there");
        self
    }

    pub(crate) fn manifest(&self) -> Value {
        let files: Vec<_> = self
            .0
            .iter()
            .map(|(path, file)| {
                json!({
                    "path": path,
                    "sha256": Sha256::of(file.content.as_bytes()).to_string(),
                    "mode": file.mode,
                    "user": "root",
                    "group": "root",
                    "lifecycle": file.lifecycle,
                    "activation": file.activation,
                    "plugin": "test",
                })
            })
            .collect();
        json!({
            "apiVersion": "ztgit.dev/v1alpha1",
            "kind": "HostManifest",
            "cluster": "home",
            "node": "pi-1",
            "files": files,
        })
    }

    /// Writes it somewhere.
    pub(crate) fn write(&self) -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (path, file) in &self.0 {
            let target = directory.path().join("files").join(&path[1..]);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, &file.content).unwrap();
        }
        let manifest = serde_json::to_vec(&self.manifest()).unwrap();
        fs::write(directory.path().join("manifest.json"), manifest).unwrap();
        directory
    }

    pub(crate) fn source(&self) -> Source {
        Source::read(self.write().path()).unwrap()
    }
}

/// Programs that answer from a list, fail where told to, and are remembered.
#[derive(Default)]
pub(crate) struct Pretend {
    pub(crate) run: Vec<String>,
    /// A command that holds this fails.
    pub(crate) fails: Option<&'static str>,
    /// What commands that hold a text print.
    pub(crate) answers: Vec<(&'static str, String)>,
    /// Fails only so often.
    pub(crate) fails_once: bool,
}

impl Commands for Pretend {
    fn run(&mut self, command: &Command, _: &Root) -> Result<Vec<u8>, CommandError> {
        let line = command.line().join(" ");
        if self.fails.is_some_and(|part| line.contains(part)) {
            if self.fails_once {
                self.fails = None;
            }
            return Err(CommandError::Start {
                command: line,
                source: std::io::Error::other("told to fail"),
            });
        }
        let answer = self.answers.iter().find(|(part, _)| line.contains(part));
        if !command.is_question() {
            self.run.push(line);
        }
        Ok(answer.map_or_else(Vec::new, |(_, text)| text.clone().into_bytes()))
    }
}

/// A node whose units are all there, enabled and active.
pub(crate) fn running() -> Pretend {
    units("active", "enabled")
}

/// A node on which nothing of ours runs yet.
pub(crate) fn bare() -> Pretend {
    units("inactive", "disabled")
}

/// A node whose units are all in these states.
pub(crate) fn units(active: &str, file: &str) -> Pretend {
    let status = format!(
        "LoadState=loaded\nActiveState={active}\nUnitFileState={file}\nNeedDaemonReload=no\n"
    );
    Pretend {
        answers: vec![("systemctl show", status)],
        ..Pretend::default()
    }
}

/// A directory that stands for a node.
pub(crate) struct Node(pub(crate) TempDir);

/// Bytes, mode, owner of every file but ztgit's own record.
pub(crate) type Snapshot = BTreeMap<String, (Vec<u8>, u32, u32, u32)>;

impl Node {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    pub(crate) fn write(&self, path: &str, content: &str, mode: u32) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.path(path)).unwrap().mode() & 0o7777
    }

    pub(crate) fn apply(&self, folder: &Folder, commands: &mut Pretend) -> Result<Applied, Error> {
        let mut host = Host::open(self.0.path(), commands)?;
        apply(&mut host, &folder.source(), &Confirmation::NotNeeded)
    }

    /// Everything on the node, directories by their names.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut found = Snapshot::new();
        collect(self.0.path(), self.0.path(), &mut found);
        found.retain(|path, _| !path.starts_with("var/lib/ztgit"));
        // The record's own directory and those above it.
        found.retain(|path, _| !matches!(path.as_str(), "var/" | "var/lib/"));
        found
    }
}

fn collect(root: &Path, directory: &Path, found: &mut Snapshot) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let (mode, uid, gid) = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
        if metadata.is_dir() {
            found.insert(format!("{name}/"), (Vec::new(), mode, uid, gid));
            collect(root, &path, found);
        } else {
            found.insert(name, (fs::read(&path).unwrap(), mode, uid, gid));
        }
    }
}

//! The three machines of the page, as they are before its first step.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ztgit_test_support::{said, scratch};

use crate::machine::{Blueprint, Machine, Wire};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const DEBIAN: &str = include_str!("debian.sh");

/// What the internet says of k3s's releases.
const CURL: &str = r#"#!/bin/bash
digest=$(sha256sum </srv/k3s)
case ${*: -1} in
*/sha256sum-amd64.txt) echo "${digest%-}k3s" ;;
*/sha256sum-arm64.txt) echo "${digest%-}k3s-arm64" ;;
*/k3s | */k3s-arm64)
    while [[ $1 != --output ]]; do shift; done
    cp /srv/k3s "$2"
    ;;
*) echo "there is no internet: ${*: -1}" >&2; exit 6 ;;
esac
"#;
/// As much of k3s as systemd sees.
const K3S: &str = "#!/bin/sh\nsystemd-notify --ready\nexec sleep infinity\n";
/// The reader compares fingerprints when he connects for the first time.
const FINGERPRINTS: &str = "StrictHostKeyChecking accept-new\n";

/// The machines.
pub(crate) struct Home {
    laptop: Machine,
    nas: Machine,
    node: Machine,
    _wire: Wire,
}

impl Home {
    /// Three of one Debian. Nothing is installed or configured but what the page
    /// takes for granted: the laptop logs in to the others, `ztgit` is built,
    /// its sources are there, and the router's name leads to the node.
    pub(crate) fn new() -> Self {
        let debian = debian();
        let wire = Wire::new();
        let start = |name, address, program| {
            let directory = scratch("getting-started").join(name);
            if directory.exists() {
                fs::remove_dir_all(&directory).expect("the last run's files can be removed");
            }
            let upper = directory.join("upper");
            furnish(&upper, name);
            Machine::start(
                &wire,
                &Blueprint {
                    name,
                    address,
                    program,
                    debian: &debian,
                    directory: &directory,
                },
            )
        };
        let mut home = Self {
            laptop: start("laptop", "192.168.1.30", &["sleep", "infinity"]),
            nas: start("nas", "192.168.1.20", &["/usr/sbin/sshd", "-D"]),
            node: start("pi-1", "192.168.1.10", &["/lib/systemd/systemd"]),
            _wire: wire,
        };
        home.connect();
        home
    }

    /// The machine of this name.
    pub(crate) fn machine(&mut self, name: &str) -> &mut Machine {
        match name {
            "laptop" => &mut self.laptop,
            "nas" => &mut self.nas,
            "node" => &mut self.node,
            _ => panic!("the page knows no machine `{name}`"),
        }
    }

    fn connect(&mut self) {
        self.node.run(
            "until [[ $(systemctl is-system-running --wait 2>/dev/null) =~ running|degraded ]]
            do sleep 0.2; done
            # Where this kernel accounts for memory by control groups of version 1.
            echo memory >/run/controllers
            mount --bind /run/controllers /sys/fs/cgroup/cgroup.controllers",
        );
        let key = self.laptop.run(
            "echo '192.168.1.10 vpn.example.net' >>/etc/hosts
            ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
            cat ~/.ssh/id_ed25519.pub",
        );
        for machine in [&mut self.nas, &mut self.node] {
            machine.run(&format!("echo '{}' >~/.ssh/authorized_keys", key.trim()));
        }
    }
}

/// Made once, because that takes minutes, and again when its recipe changes.
fn debian() -> PathBuf {
    let directory = scratch("debian-12");
    let (root, recipe) = (directory.join("root"), directory.join("recipe"));
    if fs::read_to_string(&recipe).is_ok_and(|recipe| recipe == DEBIAN) {
        return root;
    }
    let output = Command::new("bash")
        .args(["-c", DEBIAN, "debian.sh"])
        .arg(&root)
        .output()
        .expect("there is a shell");
    assert!(output.status.success(), "{}", said(&output));
    fs::write(recipe, DEBIAN).expect("the target directory is writable");
    root
}

/// Files that lie over a machine's Debian.
fn furnish(upper: &Path, name: &str) {
    let put = |path: &str, mode: u32, content: &[u8]| {
        let path = upper.join(path);
        fs::create_dir_all(path.parent().expect("it is below")).expect("it is writable");
        fs::write(&path, content).expect("it is writable");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(&path, mode).expect("it is ours");
    };
    put(
        "etc/ssh/ssh_config.d/test.conf",
        0o644,
        FINGERPRINTS.as_bytes(),
    );
    put("usr/local/bin/curl", 0o755, CURL.as_bytes());
    put("srv/k3s", 0o755, K3S.as_bytes());
    fs::create_dir_all(upper.join("root/.ssh")).expect("it is writable");
    if name == "laptop" {
        let program = fs::read(env!("CARGO_BIN_EXE_ztgit")).expect("cargo has built it");
        put("usr/local/bin/ztgit", 0o755, &program);
        for part in [
            "stacks/homelab/stack.yaml",
            "examples/systemd/ztgit-drift.service",
            "examples/systemd/ztgit-drift.timer",
        ] {
            let content =
                fs::read(Path::new(REPOSITORY).join(part)).expect("it is in the repository");
            put(&format!("root/ztgit/{part}"), 0o644, &content);
        }
    }
}

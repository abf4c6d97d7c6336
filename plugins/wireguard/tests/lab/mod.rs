//! Machines with rendered files, in network namespaces.

use std::collections::BTreeMap;

use ztgit_plugin::FileTarget;
use ztgit_plugin::testing::Rendered;
use ztgit_test_support::Sandbox;

const MACHINES: &str = include_str!("machines.sh");

const TOOLS: [&str; 8] = [
    "wg",
    "wg-quick",
    "wireguard-go",
    "ip",
    "awk",
    "ping",
    "nsenter",
    "/dev/net/tun",
];

/// Machines, and the keys that they have made.
pub(crate) struct Lab {
    sandbox: Sandbox,
    public_keys: BTreeMap<(String, String), String>,
}

impl Lab {
    /// Makes a key for each machine and interface; `None` where tools are
    /// missing.
    pub(crate) fn new(test: &str, keys: &[(&str, &str)]) -> Option<Self> {
        let sandbox = Sandbox::new(test, &TOOLS)?;
        let public_keys = keys
            .iter()
            .map(|(machine, interface)| {
                let key = sandbox.run(&format!(
                    "umask 077; wg genkey >{machine}:{interface}.key
                    wg pubkey <{machine}:{interface}.key"
                ));
                let owner = ((*machine).to_owned(), (*interface).to_owned());
                (owner, key.trim().to_owned())
            })
            .collect();
        Some(Self {
            sandbox,
            public_keys,
        })
    }

    /// The public half of a key.
    pub(crate) fn public_key(&self, machine: &str, interface: &str) -> &str {
        &self.public_keys[&(machine.to_owned(), interface.to_owned())]
    }

    /// Puts everything that was rendered where the script finds it, by the
    /// name of the rendering.
    pub(crate) fn write(&self, name: &str, rendered: &Rendered) {
        for file in rendered.files() {
            let (FileTarget::Node(machine) | FileTarget::Client(machine)) = &file.target;
            let base = file.path.rsplit('/').next().expect("a path has a name");
            let content = std::str::from_utf8(&file.content).expect("text");
            self.sandbox
                .write(&format!("{name}:{machine}:{base}"), content);
            if base.starts_with("wg-") {
                self.sandbox.write(base, content);
            }
        }
    }

    /// Runs a script that may use the functions of `machines.sh`.
    pub(crate) fn run(&self, script: &str) -> String {
        self.sandbox.run(&format!("{MACHINES}\n{script}"))
    }
}

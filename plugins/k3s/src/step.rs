//! The step that installs k3s on a node.
//!
//! It may run any number of times. What depends on the stack is a block of
//! constants on top; the rest is the same for everybody. The first server's
//! token is made by k3s itself, in a file that root alone may read; a node that
//! joins has one put there by a person. Neither is ever printed.

use std::fmt::Write as _;

use ztgit_plugin::cluster::NodeRole;

use crate::paths;
use crate::release::Install;
use crate::topology::Membership;

const BODY: &str = include_str!("step/install.sh");

/// The script. `files` are those that k3s is restarted for. All constants are
/// digests, versions and paths of ours: nothing in them is special to a shell.
pub(crate) fn render(
    install: &Install,
    role: NodeRole,
    membership: &Membership,
    files: &[&str],
) -> String {
    let mut programs = String::new();
    let mut digests = String::new();
    for (architecture, program, digest) in install.sha256.programs() {
        item(&mut programs, &format!("[{architecture}]={program}"));
        item(&mut digests, &format!("[{architecture}]={digest}"));
    }
    let mut configuration = String::new();
    for file in files {
        item(&mut configuration, file);
    }
    let join_token = match membership {
        Membership::Alone | Membership::Founds => "",
        Membership::Joins(_) => paths::JOIN_TOKEN,
    };
    format!(
        "\
#!/bin/bash
# Rendered by ztgit. Installs k3s as this stack pins it; may be run again at any
# time. Prints no secret.
set -euo pipefail

readonly version={version}
readonly unit={unit}
readonly program={program}
readonly join_token={join_token}
readonly -A programs=({programs}
)
readonly -A digests=({digests}
)
readonly configuration=({configuration}
)

{BODY}",
        version = install.version,
        unit = paths::unit_name(role),
        program = paths::PROGRAM,
    )
}

fn item(list: &mut String, text: &str) {
    write!(list, "\n    {text}").expect("a string takes all text");
}

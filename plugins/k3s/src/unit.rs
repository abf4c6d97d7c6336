//! The systemd unit that runs k3s.
//!
//! The settings are those of k3s's own installer
//! (<https://github.com/k3s-io/k3s/blob/main/install.sh>): pods outlive the
//! unit, which is why only the main process is stopped, and k3s does the
//! accounting of resources itself. As there, the environment may come from
//! `/etc/default` for proxies.

use ztgit_plugin::cluster::NodeRole;

use crate::paths;
use crate::topology::Membership;

/// The text of the unit. It does not start before the program is there, nor,
/// on a node that joins, before the token is: a first apply on a new node puts
/// the files in place and breaks nothing.
pub(crate) fn render(role: NodeRole, membership: &Membership) -> String {
    let (command, kind) = match role {
        // A server says when it is ready, an agent does not.
        NodeRole::Server => ("server", "notify"),
        NodeRole::Agent => ("agent", "exec"),
    };
    let token = match membership {
        Membership::Alone | Membership::Founds => String::new(),
        Membership::Joins(_) => format!("ConditionPathExists={}\n", paths::JOIN_TOKEN),
    };
    format!(
        "\
# Rendered by ztgit.
[Unit]
Description=Lightweight Kubernetes ({command})
Documentation=https://docs.k3s.io
Wants=network-online.target
After=network-online.target wg-quick.target
ConditionPathExists={program}
{token}
[Service]
Type={kind}
EnvironmentFile=-/etc/default/%N
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart={program} {command}
Delegate=yes
KillMode=process
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=infinity
Restart=always
RestartSec=5s

[Install]
WantedBy=multi-user.target
",
        program = paths::PROGRAM,
    )
}

//! Where the plugin's files go on a node, and what is there beside them.

use ztgit_plugin::cluster::NodeRole;

/// k3s reads every `*.yaml` here, in alphabetical order, after `config.yaml`.
pub(crate) const FRAGMENT: &str = "/etc/rancher/k3s/config.yaml.d/50-ztgit.yaml";

/// What the API server writes to its audit log.
pub(crate) const AUDIT_POLICY: &str = "/etc/rancher/k3s/ztgit-audit-policy.yaml";

/// The API server's admission configuration.
pub(crate) const ADMISSION: &str = "/etc/rancher/k3s/ztgit-admission.yaml";

/// The step that installs k3s.
pub(crate) const STEP: &str = "/usr/local/lib/ztgit/install.d/30-k3s.sh";

/// k3s itself, put there by the step.
pub(crate) const PROGRAM: &str = "/usr/local/bin/k3s";

/// With what a node joins: put there by a person, on that node only.
pub(crate) const JOIN_TOKEN: &str = "/etc/rancher/k3s/ztgit-join-token";

/// The units of k3s, under the names that its own installer has for them.
const SERVER_UNIT: &str = "/etc/systemd/system/k3s.service";
const AGENT_UNIT: &str = "/etc/systemd/system/k3s-agent.service";

/// What the plugin writes, for its grants.
pub(crate) const WRITTEN: [&str; 6] = [
    FRAGMENT,
    AUDIT_POLICY,
    ADMISSION,
    STEP,
    SERVER_UNIT,
    AGENT_UNIT,
];

/// Where the unit of a role is.
pub(crate) fn unit(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Server => SERVER_UNIT,
        NodeRole::Agent => AGENT_UNIT,
    }
}

/// What the unit of a role is called.
pub(crate) fn unit_name(role: NodeRole) -> &'static str {
    match role {
        NodeRole::Server => "k3s.service",
        NodeRole::Agent => "k3s-agent.service",
    }
}

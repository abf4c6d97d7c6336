//! Where the plugin's files go on a node.

/// k3s reads every `*.yaml` here, in alphabetical order, after `config.yaml`.
pub(crate) const FRAGMENT: &str = "/etc/rancher/k3s/config.yaml.d/50-ztgit.yaml";

/// What the API server writes to its audit log.
pub(crate) const AUDIT_POLICY: &str = "/etc/rancher/k3s/ztgit-audit-policy.yaml";

/// The API server's admission configuration.
pub(crate) const ADMISSION: &str = "/etc/rancher/k3s/ztgit-admission.yaml";

//! The API server's audit log: what it holds, and the arguments that turn it
//! on.

use crate::config::Audit;
use crate::paths;

/// k3s's own directory; the API server creates it, readable by root alone.
const LOG: &str = "/var/lib/rancher/k3s/server/logs/audit.log";

/// The audit policy. Rules are tried in order: what would fill the log comes
/// first, then what must never appear with its body.
pub(crate) fn policy(audit: &Audit) -> String {
    format!(
        "\
# Rendered by ztgit. What the API server writes to {LOG}.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages:
  - RequestReceived
rules:
  # Health checks and discovery: many, and nobody's doing.
  - level: None
    nonResourceURLs:
      - /healthz*
      - /livez*
      - /openapi/*
      - /readyz*
      - /version
  # Leader election and heartbeats.
  - level: None
    verbs:
      - get
      - update
    resources:
      - group: coordination.k8s.io
        resources:
          - leases
  # Bodies of these are secrets.
  - level: Metadata
    resources:
      - group: \"\"
        resources:
          - configmaps
          - secrets
          - serviceaccounts/token
      - group: authentication.k8s.io
        resources:
          - tokenreviews
  - level: {level}
",
        level = audit.level.name()
    )
}

/// Arguments of the API server.
pub(crate) fn arguments(audit: &Audit) -> Vec<String> {
    vec![
        format!("audit-policy-file={}", paths::AUDIT_POLICY),
        format!("audit-log-path={LOG}"),
        format!("audit-log-maxage={}", audit.max_age_days),
        format!("audit-log-maxbackup={}", audit.max_backups),
        format!("audit-log-maxsize={}", audit.max_size_megabytes),
    ]
}

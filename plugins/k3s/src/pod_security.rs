//! Pod Security admission: what pods may ask for in namespaces whose labels do
//! not say.

use std::fmt::Write as _;

use crate::config::PodSecurity;
use crate::paths;
use ztgit_plugin::yaml::{one_line, quoted};

/// The API server's admission configuration.
pub(crate) fn admission(settings: &PodSecurity) -> String {
    let mut text = format!(
        "\
# Rendered by ztgit. Holds where a namespace has no pod-security.kubernetes.io labels.
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
      defaults:
        enforce: {enforce}
        enforce-version: latest
        audit: {audit}
        audit-version: latest
        warn: {warn}
        warn-version: latest
      exemptions:
        namespaces:
",
        enforce = settings.enforce.name(),
        audit = settings.audit.name(),
        warn = settings.warn.name(),
    );
    let mut exempt = settings.exempt.clone();
    exempt.insert(
        "kube-system".to_owned(),
        "the CNI needs the node's network".to_owned(),
    );
    for (namespace, reason) in &exempt {
        writeln!(
            text,
            "          - {} # {}",
            quoted(namespace),
            one_line(reason)
        )
        .expect("a string takes all text");
    }
    text
}

/// Arguments of the API server.
pub(crate) fn arguments() -> Vec<String> {
    vec![format!(
        "admission-control-config-file={}",
        paths::ADMISSION
    )]
}

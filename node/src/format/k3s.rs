//! What k3s reads.

use super::wireguard::network;
use super::yaml::Shape;

const WORD: Shape = Shape::Text(is_word, "a name");
const NETWORKS: Shape = Shape::Text(are_networks, "addresses or ranges");
const LEVEL: Shape = Shape::OneOf(&["privileged", "baseline", "restricted"]);

/// A fragment of `config.yaml.d`.
pub(super) const CONFIG: Shape = Shape::Map(&[
    ("node-name", WORD),
    ("node-ip", NETWORKS),
    (
        "node-label+",
        Shape::List(&Shape::Text(is_label, "a label")),
    ),
    ("cluster-init", Shape::Flag),
    ("server", Shape::Text(is_server, "the URL of a server")),
    (
        "token-file",
        Shape::OneOf(&["/etc/rancher/k3s/ztgit-join-token"]),
    ),
    ("cluster-cidr", NETWORKS),
    ("service-cidr", NETWORKS),
    ("flannel-backend", Shape::OneOf(&["none"])),
    ("disable-network-policy", Shape::Flag),
    ("disable-kube-proxy", Shape::Flag),
    ("disable+", Shape::List(&WORD)),
    ("tls-san+", Shape::List(&WORD)),
    ("write-kubeconfig-mode", Shape::OneOf(&["0600"])),
    ("secrets-encryption", Shape::Flag),
    (
        "kube-apiserver-arg+",
        Shape::List(&Shape::Text(is_api_argument, "an argument of ours")),
    ),
]);

/// The API server's audit policy.
pub(super) const AUDIT_POLICY: Shape = Shape::Map(&[
    ("apiVersion", Shape::OneOf(&["audit.k8s.io/v1"])),
    ("kind", Shape::OneOf(&["Policy"])),
    ("omitStages", Shape::List(&WORD)),
    ("rules", Shape::List(&AUDIT_RULE)),
]);

const AUDIT_RULE: Shape = Shape::Map(&[
    (
        "level",
        Shape::OneOf(&["None", "Metadata", "Request", "RequestResponse"]),
    ),
    (
        "nonResourceURLs",
        Shape::List(&Shape::Text(is_url, "a path")),
    ),
    ("verbs", Shape::List(&WORD)),
    ("users", Shape::List(&WORD)),
    ("userGroups", Shape::List(&WORD)),
    ("namespaces", Shape::List(&WORD)),
    ("omitStages", Shape::List(&WORD)),
    (
        "resources",
        Shape::List(&Shape::Map(&[
            ("group", Shape::Text(is_group, "an API group")),
            ("resources", Shape::List(&Shape::Text(is_url, "a resource"))),
        ])),
    ),
]);

/// The API server's admission configuration.
pub(super) const ADMISSION: Shape = Shape::Map(&[
    ("apiVersion", Shape::OneOf(&["apiserver.config.k8s.io/v1"])),
    ("kind", Shape::OneOf(&["AdmissionConfiguration"])),
    (
        "plugins",
        Shape::List(&Shape::Map(&[
            ("name", Shape::OneOf(&["PodSecurity"])),
            ("configuration", POD_SECURITY),
        ])),
    ),
]);

const POD_SECURITY: Shape = Shape::Map(&[
    (
        "apiVersion",
        Shape::OneOf(&["pod-security.admission.config.k8s.io/v1"]),
    ),
    ("kind", Shape::OneOf(&["PodSecurityConfiguration"])),
    (
        "defaults",
        Shape::Map(&[
            ("enforce", LEVEL),
            ("enforce-version", Shape::OneOf(&["latest"])),
            ("audit", LEVEL),
            ("audit-version", Shape::OneOf(&["latest"])),
            ("warn", LEVEL),
            ("warn-version", Shape::OneOf(&["latest"])),
        ]),
    ),
    (
        "exemptions",
        Shape::Map(&[("namespaces", Shape::List(&WORD))]),
    ),
]);

/// The chart that brings the first network. Its values are the cluster's own
/// affair, as they are in the HelmRelease that takes over.
pub(super) const CILIUM: Shape = Shape::Map(&[
    ("apiVersion", Shape::OneOf(&["helm.cattle.io/v1"])),
    ("kind", Shape::OneOf(&["HelmChart"])),
    (
        "metadata",
        Shape::Map(&[
            ("name", Shape::OneOf(&["cilium"])),
            ("namespace", Shape::OneOf(&["kube-system"])),
        ]),
    ),
    (
        "spec",
        Shape::Map(&[
            ("bootstrap", Shape::Flag),
            (
                "chart",
                Shape::OneOf(&["oci://quay.io/cilium/charts/cilium"]),
            ),
            ("version", WORD),
            ("targetNamespace", Shape::OneOf(&["kube-system"])),
            ("valuesContent", Shape::Json),
        ]),
    ),
]);

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == ':')
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".:_*-".contains(&byte))
}

fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"./_-".contains(&byte);
    text.split_once('=')
        .is_some_and(|(key, value)| !key.is_empty() && key.bytes().chain(value.bytes()).all(plain))
}

fn is_server(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:[]-".contains(&byte);
    let host = text.strip_prefix("https://");
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(plain))
}

fn is_group(text: &str) -> bool {
    text.is_empty() || is_word(text)
}

fn is_url(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"./*_-".contains(&byte))
}

fn are_networks(text: &str) -> bool {
    text.split(',').all(|part| network(part).is_some())
}

/// Arguments of the API server turn authentication off as well as on, so they
/// are listed too.
fn is_api_argument(text: &str) -> bool {
    let is_number = |value: &str| value.parse::<u16>().is_ok();
    match text.split_once('=') {
        Some(("audit-policy-file", file)) => file == "/etc/rancher/k3s/ztgit-audit-policy.yaml",
        Some(("audit-log-path", file)) => file == "/var/lib/rancher/k3s/server/logs/audit.log",
        Some(("audit-log-maxage" | "audit-log-maxbackup" | "audit-log-maxsize", value)) => {
            is_number(value)
        }
        Some(("admission-control-config-file", file)) => {
            file == "/etc/rancher/k3s/ztgit-admission.yaml"
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml::check;
    use super::*;

    #[test]
    fn a_token_or_an_open_api_server_is_refused() {
        for text in [
            "token: K10abc\n",
            "agent-token: K10abc\n",
            "kube-apiserver-arg+:\n  - anonymous-auth=true\n",
            "kube-apiserver-arg+:\n  - authorization-mode=AlwaysAllow\n",
            "kube-apiserver-arg+:\n  - audit-log-path=/etc/cron.d/x\n",
            "write-kubeconfig-mode: \"0644\"\n",
            "data-dir: /tmp\n",
        ] {
            assert_eq!(check(text, &CONFIG).len(), 1, "{text}");
        }
        assert_eq!(
            check("tls-san+:\n  - \"10.100.0.1\" # wireguard\n", &CONFIG),
            []
        );
    }

    #[test]
    fn another_chart_is_refused() {
        assert_eq!(check("kind: Pod\n", &CILIUM).len(), 1);
        assert_eq!(
            check("spec:\n  chart: oci://example.net/x\n", &CILIUM).len(),
            1
        );
    }
}

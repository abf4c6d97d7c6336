//! etcd, the API server, and the two controllers of Kubernetes without which
//! namespaces would never go: no nodes, no scheduler, no admission webhooks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::audit;
use super::identity::{self, Identity, Server};
use super::ports::free_port;
use super::process::Process;
use crate::api::Api;
use crate::installation::Installation;
use crate::wait::{ensure, wait_for};

/// A running control plane from an empty state.
pub(super) struct ControlPlane {
    // Dropped in this order: clients before servers.
    processes: Vec<Process>,
    pub(super) api: Api,
    pub(super) kubeconfigs: BTreeMap<Identity, PathBuf>,
    pub(super) audit_log: PathBuf,
}

impl ControlPlane {
    /// Starts it in an empty directory, and waits until it answers.
    pub(super) fn start(installation: &Installation, directory: &Path) -> Self {
        let [etcd, api, proxy] = [free_port(), free_port(), free_port()];
        let run = |name: &str, arguments: &[String]| {
            Process::start(&installation.program(name), arguments, directory, |_| {})
        };
        make_service_account_key(directory);
        let audit_log = audit::write_policy(directory);
        let tokens = identity::write_tokens(directory);
        let mut processes = vec![
            run("etcd", &etcd_arguments(directory, etcd)),
            run(
                "kube-apiserver",
                &api_server_arguments(directory, etcd, api),
            ),
        ];
        // The API server makes a certificate for itself.
        let certificate = directory.join("tls/apiserver.crt");
        await_start("its certificate", &mut processes, || certificate.exists());
        let server = Server {
            url: format!("https://127.0.0.1:{api}"),
            certificate,
        };
        let kubeconfigs = identity::write_kubeconfigs(directory, &server, &tokens);
        let administrator = &kubeconfigs[&Identity::Administrator];
        processes.push(run("kubectl", &proxy_arguments(administrator, proxy)));
        let api = Api::new(proxy);
        await_start("the API server", &mut processes, || {
            matches!(api.get("/readyz"), Ok(Some(_)))
        });
        let arguments = controller_manager_arguments(administrator);
        processes.push(run("kube-controller-manager", &arguments));
        processes.reverse();
        Self {
            processes,
            api,
            kubeconfigs,
            audit_log,
        }
    }

    /// The ends of all logs.
    pub(super) fn tails(&self) -> String {
        self.processes.iter().map(Process::tail).collect()
    }
}

/// Waits, but not for one that has ended.
fn await_start(what: &str, processes: &mut [Process], mut is_there: impl FnMut() -> bool) {
    wait_for(what, || {
        if let Some(end) = processes.iter_mut().find_map(Process::ended) {
            panic!("{end}");
        }
        ensure(is_there(), || "it is starting".to_owned())
    });
}

fn flags(list: &[(&str, String)]) -> Vec<String> {
    list.iter()
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
}

fn etcd_arguments(directory: &Path, port: u16) -> Vec<String> {
    let client = format!("http://127.0.0.1:{port}");
    let peer = format!("http://127.0.0.1:{}", free_port());
    let data = directory.join("etcd").display().to_string();
    let mut arguments = flags(&[
        ("data-dir", data),
        ("log-level", "warn".to_owned()),
        ("listen-client-urls", client.clone()),
        ("advertise-client-urls", client),
        ("listen-peer-urls", peer.clone()),
        ("initial-advertise-peer-urls", peer.clone()),
        ("initial-cluster", format!("default={peer}")),
    ]);
    // The state is thrown away, so it need not survive the machine.
    arguments.push("--unsafe-no-fsync".to_owned());
    arguments
}

fn api_server_arguments(directory: &Path, etcd: u16, port: u16) -> Vec<String> {
    let file = |name: &str| directory.join(name).display().to_string();
    flags(&[
        ("etcd-servers", format!("http://127.0.0.1:{etcd}")),
        ("bind-address", "127.0.0.1".to_owned()),
        ("advertise-address", "127.0.0.1".to_owned()),
        ("secure-port", port.to_string()),
        ("cert-dir", file("tls")),
        ("token-auth-file", file(identity::TOKENS)),
        ("authorization-mode", "RBAC".to_owned()),
        ("audit-policy-file", file(audit::POLICY)),
        ("audit-log-path", file(audit::LOG)),
        (
            "service-account-issuer",
            "https://kubernetes.default.svc".to_owned(),
        ),
        ("service-account-key-file", file("service-accounts.pem")),
        (
            "service-account-signing-key-file",
            file("service-accounts.pem"),
        ),
        ("service-cluster-ip-range", "10.43.0.0/16".to_owned()),
        // Nothing listens inside the cluster, and no pod runs that would need
        // a token.
        ("endpoint-reconciler-type", "none".to_owned()),
        ("disable-admission-plugins", "ServiceAccount".to_owned()),
        ("allow-privileged", "true".to_owned()),
    ])
}

fn controller_manager_arguments(kubeconfig: &Path) -> Vec<String> {
    flags(&[
        ("kubeconfig", kubeconfig.display().to_string()),
        (
            "controllers",
            "namespace-controller,garbage-collector-controller".to_owned(),
        ),
        ("leader-elect", "false".to_owned()),
        // Each as the service account that policies know it by.
        ("use-service-account-credentials", "true".to_owned()),
        ("secure-port", "0".to_owned()),
    ])
}

fn proxy_arguments(kubeconfig: &Path, port: u16) -> Vec<String> {
    let mut arguments = vec!["proxy".to_owned()];
    arguments.extend(flags(&[
        ("kubeconfig", kubeconfig.display().to_string()),
        ("port", port.to_string()),
    ]));
    arguments
}

/// One file is enough: of a private key the server derives the public one.
fn make_service_account_key(directory: &Path) {
    let output = Command::new("ssh-keygen")
        .args(["-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f"])
        .arg(directory.join("service-accounts.pem"))
        .output()
        .unwrap_or_else(|error| panic!("ssh-keygen (of openssh-client): {error}"));
    assert!(output.status.success(), "ssh-keygen: {output:?}");
}

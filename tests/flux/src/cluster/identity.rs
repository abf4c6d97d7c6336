//! Who asks: whoever administers the cluster, and Flux's controllers as the
//! service accounts that they run as in a real one, because admission policies
//! tell them apart.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::FLUX;

pub(super) const TOKENS: &str = "tokens.csv";

/// Somebody who may ask the API server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// May do everything.
    Administrator,
    /// A controller of Flux's.
    SourceController,
    /// The one that applies.
    KustomizeController,
}

/// The API server, as its clients find it.
pub(super) struct Server {
    pub(super) url: String,
    pub(super) certificate: PathBuf,
}

impl Identity {
    const ALL: [Self; 3] = [
        Self::Administrator,
        Self::SourceController,
        Self::KustomizeController,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::SourceController => "source-controller",
            Self::KustomizeController => "kustomize-controller",
        }
    }

    fn user(self) -> String {
        match self {
            Self::Administrator => self.name().to_owned(),
            _ => format!("system:serviceaccount:{FLUX}:{}", self.name()),
        }
    }

    fn groups(self) -> String {
        match self {
            Self::Administrator => "system:masters".to_owned(),
            _ => format!("system:serviceaccounts,system:serviceaccounts:{FLUX}"),
        }
    }
}

/// Flux's own installation binds its controllers to this role, too.
pub(super) fn role_binding() -> Value {
    let subject = |identity: Identity| json!({"kind": "ServiceAccount", "name": identity.name(), "namespace": FLUX});
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "flux"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "cluster-admin",
        },
        "subjects": [
            subject(Identity::SourceController),
            subject(Identity::KustomizeController),
        ],
    })
}

/// Makes a token for everybody, for the API server to know them by.
pub(super) fn write_tokens(directory: &Path) -> BTreeMap<Identity, String> {
    let tokens: BTreeMap<Identity, String> = Identity::ALL
        .into_iter()
        .map(|identity| (identity, random_token()))
        .collect();
    let line = |(identity, token): (&Identity, &String)| {
        let (user, groups) = (identity.user(), identity.groups());
        format!("{token},{user},{user},\"{groups}\"\n")
    };
    let lines: String = tokens.iter().map(line).collect();
    fs::write(directory.join(TOKENS), lines).expect("the state directory is writable");
    tokens
}

/// Who else is on this machine should not be able to guess it.
fn random_token() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/uuid").expect("this is Linux");
    text.trim_end().to_owned()
}

/// Writes a client's configuration for each.
pub(super) fn write_kubeconfigs(
    directory: &Path,
    server: &Server,
    tokens: &BTreeMap<Identity, String>,
) -> BTreeMap<Identity, PathBuf> {
    let write = |(identity, token): (&Identity, &String)| {
        let path = directory.join(format!("{}.kubeconfig", identity.name()));
        let config = kubeconfig(server, token);
        fs::write(&path, config.to_string()).expect("the state directory is writable");
        (*identity, path)
    };
    tokens.iter().map(write).collect()
}

fn kubeconfig(server: &Server, token: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {
            "server": server.url,
            "certificate-authority": server.certificate,
        }}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
    })
}

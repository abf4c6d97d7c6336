//! The `ClusterIssuers`: who signs certificates, and how a name is proven.
//!
//! Both of Let's Encrypt's are always there, so that a host moves from staging
//! to production by one word in the stack.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use ztgit_plugin::{Health, Manifest, Object, Phase};

use crate::config::Config;
use crate::gateway;

/// Who signs certificates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Issuer {
    /// Let's Encrypt's staging environment: generous limits, untrusted root.
    #[default]
    #[serde(rename = "letsencrypt-staging")]
    Staging,
    /// Let's Encrypt.
    #[serde(rename = "letsencrypt-prod")]
    Production,
}

/// A new ACME account takes seconds, but the controller backs off by minutes
/// when its first try meets a network that is still coming up.
const ISSUER_TIMEOUT_SECONDS: u32 = 600;

impl Issuer {
    pub(crate) const ALL: [Self; 2] = [Self::Staging, Self::Production];

    /// The `ClusterIssuer`'s name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Staging => "letsencrypt-staging",
            Self::Production => "letsencrypt-prod",
        }
    }

    /// The host of its ACME server; every URL of the protocol is on it.
    pub(crate) fn acme_host(self) -> &'static str {
        match self {
            Self::Staging => "acme-staging-v02.api.letsencrypt.org",
            Self::Production => "acme-v02.api.letsencrypt.org",
        }
    }
}

/// All `ClusterIssuers`.
pub(crate) fn manifests(config: &Config) -> impl Iterator<Item = Manifest> {
    Issuer::ALL
        .into_iter()
        .map(|issuer| manifest(issuer, config))
}

fn manifest(issuer: Issuer, config: &Config) -> Manifest {
    // The solver's Service is reached from inside alone; left out, its type is
    // NodePort, which opens a port on every node past the host firewall.
    let solver = json!({
        "serviceType": "ClusterIP",
        "parentRefs": [gateway::reference(config, gateway::HTTP_LISTENER)],
    });
    let object =
        Object::cluster_scoped("cert-manager.io/v1", "ClusterIssuer", issuer.name()).spec(json!({
            "acme": {
                "server": format!("https://{}/directory", issuer.acme_host()),
                "email": config.email,
                "privateKeySecretRef": {"name": format!("{}-account-key", issuer.name())},
                "solvers": [{"http01": {"gatewayHTTPRoute": solver}}],
            }
        }));
    Manifest::new(Phase::Config, object).health(Health::condition("Ready", ISSUER_TIMEOUT_SECONDS))
}

//! The issuers: who signs certificates, and how a name is proven.
//!
//! Both of Let's Encrypt's are there as soon as there is an address for their
//! accounts, so that a host moves from staging to production by one word in the
//! stack.

mod solver;

use serde_json::{Value, json};
use ztgit_plugin::{Health, Manifest, Object, Phase};

use crate::certificate::{Certificate, Environment, IssuerName};
use crate::config::IssuerSettings;
use crate::plan::Plan;

/// A new ACME account takes seconds, but the controller backs off by minutes
/// when its first try meets a network that is still coming up.
const ISSUER_TIMEOUT_SECONDS: u32 = 600;

/// All `ClusterIssuers`, and the certificates of CAs made in the cluster.
pub(crate) fn manifests(plan: &Plan<'_>) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    if let Some(email) = &plan.config.email {
        let solvers = solver::all(plan);
        let public = Environment::ALL.into_iter();
        manifests.extend(public.map(|environment| acme(environment, email, &solvers)));
    }
    for (name, settings) in &plan.config.issuers {
        manifests.extend(own(plan, name, settings));
    }
    manifests
}

/// The Certificates that no listener makes.
///
/// They come with the Gateway, through which their names are proven, and like
/// it nothing waits for them.
pub(crate) fn certificates(plan: &Plan<'_>) -> Vec<Manifest> {
    let explicit = plan
        .sites
        .iter()
        .filter_map(|site| match &site.certificate {
            Some(Certificate::Explicit(issuance)) => Some((site, issuance)),
            _ => None,
        });
    explicit
        .filter_map(|(site, issuance)| {
            let issuer = issuance.issuer.object_name()?;
            let name = site.host.object_name("tls");
            let object = certificate(
                site.gateway.namespace(),
                &name,
                json!({
                    "dnsNames": [site.host.as_str()],
                    "secretName": name,
                    "issuerRef": {"kind": "ClusterIssuer", "name": issuer},
                }),
            );
            Some(Manifest::new(Phase::Ingress, object).health(requested()))
        })
        .collect()
}

fn acme(environment: Environment, email: &str, solvers: &[Value]) -> Manifest {
    let name = environment.name();
    issuer(
        name,
        json!({
            "acme": {
                "server": format!("https://{}/directory", environment.acme_host()),
                "email": email,
                "privateKeySecretRef": {"name": format!("{name}-account-key")},
                "solvers": solvers,
            }
        }),
    )
}

fn own(plan: &Plan<'_>, name: &str, settings: &IssuerSettings) -> Vec<Manifest> {
    match settings {
        IssuerSettings::SelfSigned => vec![issuer(name, json!({"selfSigned": {}}))],
        IssuerSettings::Ca { secret } => vec![issuer(name, json!({"ca": {"secretName": secret}}))],
        IssuerSettings::InternalCa { common_name } => internal_ca(plan, name, common_name),
    }
}

/// A certificate that signs itself and may sign others. The key of a CA that
/// people trust is not made anew with each certificate.
fn internal_ca(plan: &Plan<'_>, name: &str, common_name: &str) -> Vec<Manifest> {
    let root = format!("{name}-root");
    let spec = json!({
        "isCA": true,
        "commonName": common_name,
        "secretName": root,
        "duration": "87600h",
        "renewBefore": "8760h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "issuerRef": {"kind": "ClusterIssuer", "name": root},
    });
    // A cluster-wide issuer's Secret is in cert-manager's own namespace.
    let namespace = &plan.config.cert_manager.namespace;
    vec![
        issuer(&root, json!({"selfSigned": {}})),
        Manifest::new(Phase::Config, certificate(namespace, &root, spec)),
        issuer(name, json!({"ca": {"secretName": root}})),
    ]
}

fn issuer(name: &str, spec: Value) -> Manifest {
    let object = Object::cluster_scoped("cert-manager.io/v1", "ClusterIssuer", name).spec(spec);
    Manifest::new(Phase::Config, object).health(Health::condition("Ready", ISSUER_TIMEOUT_SECONDS))
}

fn certificate(namespace: &str, name: &str, spec: Value) -> Object {
    Object::namespaced("cert-manager.io/v1", "Certificate", namespace, name).spec(spec)
}

/// cert-manager has seen it. Flux's own rule would wait for the Secret, which
/// may take a host's owner days.
fn requested() -> Health {
    let current = "has(status.conditions) && size(status.conditions) > 0";
    Health {
        current: current.to_owned(),
        in_progress: None,
        failed: None,
        timeout_seconds: ISSUER_TIMEOUT_SECONDS,
    }
}

/// The names of all `ClusterIssuers` that a config may refer to.
pub(crate) fn names<'a>(plan: &Plan<'a>) -> Vec<&'a str> {
    let own = plan.config.issuers.keys().map(String::as_str);
    let public = Environment::ALL
        .into_iter()
        .map(|each| -> &'a str { each.name() });
    public.chain(own).collect()
}

/// Whether an issuer of that name is rendered.
pub(crate) fn exists(plan: &Plan<'_>, issuer: IssuerName<'_>) -> bool {
    match issuer {
        IssuerName::LetsEncrypt(_) => plan.config.email.is_some(),
        IssuerName::Own(name) => plan.config.issuers.contains_key(name),
        IssuerName::Nobody => true,
    }
}

//! What has to be in a cluster before Flux pulls anything: the source, whom it
//! trusts, and the Kustomization at the cluster's folder.

use serde_json::{Value, json};
use ztgit_plugin::cluster::Flux;

use crate::stack::flux::{Reference, Source};

const SOURCE: &str = "source.toolkit.fluxcd.io/v1";

/// The objects, in the order in which they are applied; none where another
/// controller makes the source.
pub fn bootstrap(cluster: &str, flux: &Flux, source: &Source) -> Option<Vec<Value>> {
    let mut objects = Vec::new();
    let signers = format!("{}-signers", flux.source.name);
    if !source.keys.is_empty() {
        objects.push(object(
            "v1",
            "Secret",
            &signers,
            flux,
            ("stringData", json!(source.keys)),
        ));
    }
    let signers = (!source.keys.is_empty()).then_some(signers.as_str());
    let (kind, mut spec) = match &source.reference {
        Reference::Branch(branch) => ("GitRepository", git_repository(flux, branch, signers)),
        Reference::Artifact { url, tag } => ("OCIRepository", oci_repository(url, tag, signers)),
        Reference::Elsewhere => return None,
    };
    if let Some(secret) = &source.secret {
        spec["secretRef"] = json!({"name": secret});
    }
    let name = &flux.source.name;
    objects.push(object(SOURCE, kind, name, flux, ("spec", spec)));
    let kustomization = json!({
        "interval": "10m",
        "path": format!("./clusters/{cluster}"),
        "prune": true,
        "retryInterval": "1m",
        "sourceRef": {"kind": kind, "name": name},
    });
    let api_version = "kustomize.toolkit.fluxcd.io/v1";
    objects.push(object(
        api_version,
        "Kustomization",
        name,
        flux,
        ("spec", kustomization),
    ));
    Some(objects)
}

fn git_repository(flux: &Flux, branch: &str, signers: Option<&str>) -> Value {
    let mut spec = json!({
        "interval": "5m",
        "ref": {"branch": branch},
        "url": flux.source.url,
    });
    if let Some(signers) = signers {
        spec["verify"] = json!({"mode": "HEAD", "secretRef": {"name": signers}});
    }
    spec
}

fn oci_repository(url: &str, tag: &str, signers: Option<&str>) -> Value {
    let mut spec = json!({
        "interval": "5m",
        "ref": {"tag": tag},
        "url": url,
    });
    if let Some(signers) = signers {
        spec["verify"] = json!({"provider": "cosign", "secretRef": {"name": signers}});
    }
    spec
}

fn object(
    api_version: &str,
    kind: &str,
    name: &str,
    flux: &Flux,
    (key, content): (&str, Value),
) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": flux.namespace},
        key: content,
    })
}

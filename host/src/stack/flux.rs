//! What a source of Flux's may say, by its kind.

use std::collections::BTreeMap;

use ztgit_plugin::cluster::SourceKind;

use super::node::Node;
use super::schema::{FluxLayout, FluxSourceSpec};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::ClusterName;

/// The folder of branches that clusters' slices are on.
pub const SLICES: &str = "deploy";

/// What Flux in one cluster pulls, and whom it trusts.
#[derive(Debug)]
pub struct Source {
    /// What is fetched.
    pub reference: Reference,
    /// The Secret with credentials.
    pub secret: Option<String>,
    /// Public keys by the names of their files in a Secret, which say what kind
    /// they are of; none where nothing is verified.
    pub keys: BTreeMap<String, String>,
}

/// What is fetched.
#[derive(Debug)]
pub enum Reference {
    /// A branch of the repository.
    Branch(String),
    /// A tag of the artifact at this URL.
    Artifact {
        /// Where it is.
        url: String,
        /// Its tag.
        tag: String,
    },
    /// What another controller makes.
    Elsewhere,
}

/// The branch of a cluster's slice.
pub fn slice_branch(cluster: &ClusterName) -> String {
    format!("{SLICES}/{cluster}")
}

/// Makes sense of a source. What does not belong to its kind is reported.
pub(super) fn resolve(
    cluster: &ClusterName,
    spec: &FluxSourceSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> Source {
    let mut refuse = |key: &str, problem: &str, hint: &str| {
        diagnostics.push(
            Diagnostic::error("invalid-value", format!("`{key}` {problem}"))
                .at(merged.place(["flux", "source", key]))
                .hint(hint),
        );
    };
    let is_git = spec.kind == SourceKind::GitRepository;
    let is_slice = spec.layout == Some(FluxLayout::Slice);
    if spec.layout.is_some() && !is_git {
        refuse(
            "layout",
            "is for a GitRepository",
            "an artifact is a slice always: leave it out",
        );
    }
    if spec.branch.is_some() && (!is_git || is_slice) {
        refuse(
            "branch",
            "is for a GitRepository with the layout `fleet`",
            "leave it out",
        );
    }
    if spec.tag.is_some() && spec.kind != SourceKind::OCIRepository {
        refuse("tag", "is for an OCIRepository", "leave it out");
    }
    let is_oci = spec.url.starts_with("oci://");
    if is_git && is_oci || spec.kind == SourceKind::OCIRepository && !is_oci {
        refuse(
            "url",
            "is not of the source's kind",
            "a GitRepository has `https://` or `ssh://`, an OCIRepository `oci://`",
        );
    }
    let reference = match spec.kind {
        SourceKind::GitRepository if is_slice => Reference::Branch(slice_branch(cluster)),
        SourceKind::GitRepository => {
            Reference::Branch(spec.branch.clone().unwrap_or_else(|| "main".to_owned()))
        }
        SourceKind::OCIRepository => Reference::Artifact {
            url: format!("{}/{cluster}", spec.url.trim_end_matches('/')),
            tag: spec.tag.clone().unwrap_or_else(|| "latest".to_owned()),
        },
        SourceKind::ExternalArtifact => Reference::Elsewhere,
    };
    Source {
        reference,
        secret: spec.secret_ref.clone(),
        keys: keys(spec, merged, diagnostics),
    }
}

/// Each key in a file whose name says what kind it is of.
fn keys(
    spec: &FluxSourceSpec,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for (name, key) in spec.verify.iter().flat_map(|verify| &verify.keys) {
        let extension = extension(key);
        let fits = match spec.kind {
            SourceKind::GitRepository => matches!(extension, Some("sshpub" | "asc")),
            SourceKind::OCIRepository => extension == Some("pub"),
            SourceKind::ExternalArtifact => false,
        };
        if let (true, Some(extension)) = (fits, extension) {
            files.insert(
                format!("{name}.{extension}"),
                key.trim_end().to_owned() + "\n",
            );
            continue;
        }
        let expected = match spec.kind {
            SourceKind::GitRepository => "an SSH or OpenPGP public key",
            SourceKind::OCIRepository => "a public key of cosign's",
            SourceKind::ExternalArtifact => {
                "verified by Flux: whoever makes the artifact does that"
            }
        };
        diagnostics.push(
            Diagnostic::error("invalid-value", format!("key `{name}` is not {expected}"))
                .at(merged.place(["flux", "source", "verify", "keys", name]))
                .hint("give the text of `id_ed25519.pub`, of `gpg --armor --export KEY`, or of `cosign.pub`"),
        );
    }
    files
}

/// What Flux tells kinds of keys by.
fn extension(key: &str) -> Option<&'static str> {
    const SSH: [&str; 4] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];
    let key = key.trim_start();
    if SSH.iter().any(|start| key.starts_with(start)) {
        Some("sshpub")
    } else if key.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
        Some("asc")
    } else if key.starts_with("-----BEGIN PUBLIC KEY-----") {
        Some("pub")
    } else {
        None
    }
}

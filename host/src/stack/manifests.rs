//! Hand-written objects of a stack.

use serde_json::Value;
use ztgit_plugin::Phase;

use super::files::StackFiles;
use super::node::Node;
use super::outline::Outline;
use super::parse;
use super::schema::{ClusterSpec, ManifestPhase};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};

/// An object that the stack brings along.
#[derive(Debug, Clone, PartialEq)]
pub struct HandWritten {
    /// When Flux applies it.
    pub phase: Phase,
    /// The object.
    pub object: Value,
    /// The same with the place of every part.
    pub node: Node,
}

/// Reads the files that the cluster's `manifests` name.
pub(super) fn read(
    spec: &ClusterSpec,
    merged: &Node,
    files: &StackFiles,
    outline: &Outline,
    diagnostics: &mut Diagnostics,
) -> Vec<HandWritten> {
    let mut objects = Vec::new();
    for (name, manifest) in &spec.manifests {
        let (Some(bytes), Some(file)) = (files.get(&manifest.path), outline.file(&manifest.path))
        else {
            let mut diagnostic = Diagnostic::error(
                "unknown-reference",
                format!("there is no file {}", manifest.path),
            )
            .at(merged.place(["manifests", name, "path"]));
            let known = files
                .iter()
                .map(|(path, _)| path)
                .filter(|p| p.starts_with("manifests/"));
            if let Some(hint) = did_you_mean(&manifest.path, known) {
                diagnostic = diagnostic.hint(hint);
            }
            diagnostics.push(diagnostic);
            continue;
        };
        for document in documents(bytes) {
            if let Some(node) = parse::parse(&outline.sources, file, &document, diagnostics) {
                let object = node.to_json();
                if !object.is_null() {
                    objects.push(HandWritten {
                        phase: phase(manifest.phase),
                        object,
                        node,
                    });
                }
            }
        }
    }
    objects
}

/// Documents of a file, each with blanks in the place of what is before it, so that
/// its places are those of the file.
fn documents(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut documents = vec![Vec::new()];
    let mut before = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let is_separator = line
            .strip_prefix(b"---")
            .is_some_and(|rest| rest.trim_ascii().is_empty());
        let blank = |byte: &u8| if *byte == b'\n' { b'\n' } else { b' ' };
        before.extend(line.iter().map(blank));
        if is_separator {
            documents.push(before.clone());
        } else if let Some(current) = documents.last_mut() {
            current.extend_from_slice(line);
        }
    }
    documents.retain(|document| !document.iter().all(u8::is_ascii_whitespace));
    documents
}

fn phase(phase: ManifestPhase) -> Phase {
    match phase {
        ManifestPhase::Crds => Phase::Crds,
        ManifestPhase::Allow => Phase::Allow,
        ManifestPhase::Enforce => Phase::Enforce,
        ManifestPhase::Platform => Phase::Platform,
        ManifestPhase::Config => Phase::Config,
        ManifestPhase::Ingress => Phase::Ingress,
        ManifestPhase::Apps => Phase::Apps,
    }
}

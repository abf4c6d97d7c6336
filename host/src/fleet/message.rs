//! The message of a commit.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::changes::ChangeSet;
use super::provenance::Provenance;
use crate::git::Change;
use crate::tree::TreePath;

/// Clusters that a message lists one by one.
const LISTED: usize = 20;

/// Subject, what changed where, trailers.
pub fn message(
    stack: &str,
    set: &ChangeSet,
    changes: &BTreeMap<TreePath, Change>,
    provenance: &Provenance,
) -> String {
    let mut text = match set.clusters.iter().collect::<Vec<_>>().as_slice() {
        [one] => format!("Render cluster {one} of {stack}\n"),
        several => format!("Render {} clusters of {stack}\n", several.len()),
    };
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (path, change) in changes {
        let cluster = cluster_of(path.as_str()).unwrap_or("(root)");
        let (written, removed) = counts.entry(cluster).or_default();
        match change {
            Change::Write { .. } | Change::Stored { .. } => *written += 1,
            Change::Remove => *removed += 1,
        }
    }
    text.push('\n');
    for (cluster, (written, removed)) in counts.iter().take(LISTED) {
        let _ = writeln!(text, "{cluster}: {written} written, {removed} removed");
    }
    if counts.len() > LISTED {
        let _ = writeln!(text, "and {} more", counts.len() - LISTED);
    }
    if !set.restored.is_empty() {
        text.push_str("\nChanged by hand and restored:\n");
        for path in &set.restored {
            let _ = writeln!(text, "- {path}");
        }
    }
    text.push('\n');
    text.push_str(&provenance.to_trailers());
    text
}

/// The cluster that a path belongs to; none at the root.
pub(super) fn cluster_of(path: &str) -> Option<&str> {
    let mut segments = path.split('/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some("clusters" | "rendered" | "hosts"), Some(cluster), _) => Some(cluster),
        (Some(".ztgit"), Some("inventory"), Some(file)) => Some(file.trim_end_matches(".json")),
        _ => None,
    }
}

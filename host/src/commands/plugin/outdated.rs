//! `ztgit plugin list --outdated`: what registries have that is newer than what
//! is pinned.

use serde_json::{Value, json};
use ztgit_registry::{Client, Reference, Tag};

use super::downgrade::Downgrade;
use crate::commands::pipeline::sound_outline;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::plan::{Artifact, Lock, LockedArtifact, LockedPlugin, Source};
use crate::registry::{FetchError, version};
use crate::stack::StackFiles;

/// What became of an artifact since it was pinned.
struct Outdated {
    /// A tag with a higher version.
    newer: Option<Tag>,
    /// Whether the tag stands for something else now.
    moved: bool,
    /// That it is an older version.
    downgrade: Option<Downgrade>,
}

pub(super) fn run(context: &Context, files: &StackFiles) -> Result<Exit, CommandError> {
    let outline = sound_outline(context, files)?;
    let lock = Lock::of(files)?;
    let registries = context.registries();
    let mut entries = Vec::new();
    for (name, declared) in &outline.plugins {
        let Ok(Some(Source::Artifact(Artifact { reference, .. }))) = Source::of(&declared.spec)
        else {
            continue;
        };
        let locked = match lock.plugins.get(name) {
            Some(LockedPlugin::Artifact(locked)) if locked.oci == reference => locked,
            _ => {
                context
                    .ui
                    .line(&format!("{name}: {reference} is not pinned"));
                entries.push(json!({
                    "name": name,
                    "reference": reference.to_string(),
                    "pinned": false,
                }));
                continue;
            }
        };
        let outdated = ask(registries.client(&locked.oci)?, locked)?;
        if let Some(newer) = &outdated.newer {
            context
                .ui
                .line(&format!("{name}: {} -> {newer}", locked.oci));
        }
        if let Some(Downgrade { pinned, offered }) = &outdated.downgrade {
            context.ui.line(&format!(
                "{name}: {} stands for {offered} now, older than {pinned}, which is pinned",
                locked.oci
            ));
        } else if outdated.moved {
            context.ui.line(&format!(
                "{name}: {} stands for another artifact now",
                locked.oci
            ));
        }
        if outdated.newer.is_some() || outdated.moved {
            entries.push(entry(name.as_str(), locked, &outdated));
        }
    }
    let exit = if entries.is_empty() {
        context.ui.line("every pinned artifact is the newest");
        Exit::Clean
    } else {
        Exit::Findings
    };
    context
        .ui
        .report("PluginOutdated", &json!({"plugins": entries}));
    Ok(exit)
}

fn ask(client: &Client, locked: &LockedArtifact) -> Result<Outdated, FetchError> {
    let now = client.manifest(&locked.oci)?;
    let moved = now.digest != locked.manifest;
    let offered = LockedArtifact {
        version: version(&now.manifest).map(|version| version.to_string()),
        ..locked.clone()
    };
    Ok(Outdated {
        newer: newest(&locked.oci, client.tags(locked.oci.repository())?),
        moved,
        downgrade: Downgrade::between(locked, &offered),
    })
}

/// The tag with the highest version, where that is higher than the reference's.
/// Versions that lead to a release do not count.
fn newest(reference: &Reference, tags: Vec<Tag>) -> Option<Tag> {
    let current = super::version(reference.tag()?.as_str())?;
    let versions = tags
        .into_iter()
        .filter_map(|tag| Some((super::version(tag.as_str())?, tag)));
    let (version, tag) = versions
        .filter(|(version, _)| version.pre.is_empty())
        .max_by(|a, b| a.0.cmp(&b.0))?;
    (version > current).then_some(tag)
}

fn entry(name: &str, locked: &LockedArtifact, outdated: &Outdated) -> Value {
    json!({
        "name": name,
        "reference": locked.oci.to_string(),
        "pinned": true,
        "newer": outdated.newer.as_ref().map(Tag::as_str),
        "moved": outdated.moved,
        "older": outdated.downgrade.as_ref().map(|downgrade| downgrade.offered.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest_of(reference: &str, tags: &[&str]) -> Option<String> {
        let tags = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        newest(&reference.parse().unwrap(), tags).map(|tag| tag.to_string())
    }

    #[test]
    fn the_highest_release_counts() {
        let tags = ["1.2.0", "v1.10.0", "2.0.0-rc.1", "latest", "sha256-00.sig"];
        assert_eq!(newest_of("r.example/p:1.2.0", &tags).unwrap(), "v1.10.0");
        assert_eq!(newest_of("r.example/p:1.10.0", &tags), None);
        assert_eq!(newest_of("r.example/p:latest", &tags), None);
    }
}

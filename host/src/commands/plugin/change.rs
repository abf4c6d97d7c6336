//! What a registry has now in the place of what is pinned.

use ztgit_registry::Reference;

use super::downgrade::Downgrade;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::{Lock, LockedArtifact, LockedPlugin};

/// What is accepted all the same.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Consent {
    /// Accept that the tag of a version stands for another artifact now
    #[arg(long)]
    allow_moved_tag: bool,
    /// Accept an older version than the one that is pinned
    #[arg(long)]
    allow_downgrade: bool,
}

/// Whether what a registry has now may take the place of what is pinned, under this name
/// or, from the same place, under another.
pub(super) fn check(
    name: &PluginName,
    lock: &Lock,
    after: &LockedPlugin,
    consent: Consent,
) -> Result<(), CommandError> {
    let LockedPlugin::Artifact(after) = after else {
        return Ok(());
    };
    lock.plugins
        .iter()
        .try_for_each(|(pinned, before)| match before {
            LockedPlugin::Artifact(before) if pinned == name || before.oci == after.oci => {
                check_artifact(name, before, after, consent)
            }
            _ => Ok(()),
        })
}

fn check_artifact(
    name: &PluginName,
    before: &LockedArtifact,
    after: &LockedArtifact,
    consent: Consent,
) -> Result<(), CommandError> {
    let reference = &after.oci;
    // `latest` is there to be moved, `1.2.0` is not.
    let is_moved = before.oci == *reference && before.manifest != after.manifest;
    if is_moved && is_version(reference) && !consent.allow_moved_tag {
        let (before, after) = (before.manifest, after.manifest);
        let message = format!("plugin `{name}`: {reference} was {before} and is {after} now");
        return Err(CommandError::new(Exit::Trust, message).hint(
            "a version does not change by itself: ask its publisher; `--allow-moved-tag` accepts it",
        ));
    }
    // An older version is signed too, and has the faults that somebody knows how to use.
    if let Some(Downgrade { pinned, offered }) = Downgrade::between(before, after)
        && !consent.allow_downgrade
    {
        let message = format!(
            "plugin `{name}`: {reference} is version {offered}, older than {pinned}, which ztgit.lock pins"
        );
        return Err(CommandError::new(Exit::Trust, message)
            .hint("`ztgit plugin list --outdated` names newer versions; `--allow-downgrade` accepts this one"));
    }
    Ok(())
}

fn is_version(reference: &Reference) -> bool {
    reference
        .tag()
        .is_some_and(|tag| super::version(tag.as_str()).is_some())
}

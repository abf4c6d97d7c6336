//! Whether an artifact is an older version than the one that is pinned.

use semver::Version;

use crate::plan::LockedArtifact;

/// From a version back to an older one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Downgrade {
    /// What the lock pins.
    pub(super) pinned: Version,
    /// What is there.
    pub(super) offered: Version,
}

impl Downgrade {
    /// Compares what tags name and what the artifacts say of themselves, each where
    /// both are versions: a registry can put any artifact under any tag. Versions of
    /// two repositories have nothing to do with each other.
    pub(super) fn between(before: &LockedArtifact, after: &LockedArtifact) -> Option<Self> {
        if before.oci.repository() != after.oci.repository() {
            return None;
        }
        let older = |(pinned, offered): (Version, Version)| {
            offered
                .cmp_precedence(&pinned)
                .is_lt()
                .then_some(Self { pinned, offered })
        };
        let tags = tagged(before).zip(tagged(after));
        let own = stated(before).zip(stated(after));
        tags.and_then(older).or_else(|| own.and_then(older))
    }
}

fn tagged(artifact: &LockedArtifact) -> Option<Version> {
    super::version(artifact.oci.tag()?.as_str())
}

fn stated(artifact: &LockedArtifact) -> Option<Version> {
    super::version(artifact.version.as_ref()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::WIT_VERSION;
    use crate::tree::Sha256;

    fn artifact(reference: &str, version: &str) -> LockedArtifact {
        let digest = format!("sha256:{}", "0".repeat(64));
        LockedArtifact {
            oci: reference.parse().unwrap(),
            manifest: digest.parse().unwrap(),
            digest: Sha256::of(b""),
            version: (!version.is_empty()).then(|| version.to_owned()),
            wit: WIT_VERSION.to_owned(),
            signature: None,
        }
    }

    fn is_downgrade(before: (&str, &str), after: (&str, &str)) -> bool {
        let [before, after] = [before, after].map(|(tag, own)| artifact(tag, own));
        Downgrade::between(&before, &after).is_some()
    }

    #[test]
    fn an_older_tag_is_a_downgrade() {
        assert!(is_downgrade(
            ("r.example/p:1.10.0", ""),
            ("r.example/p:v1.9.0", "")
        ));
        assert!(is_downgrade(
            ("r.example/p:1.0.0", ""),
            ("r.example/p:1.0.0-rc.1", "")
        ));
        assert!(!is_downgrade(
            ("r.example/p:1.9.0", ""),
            ("r.example/p:1.10.0", "")
        ));
    }

    #[test]
    fn an_older_artifact_is_a_downgrade_whatever_its_tag() {
        assert!(is_downgrade(
            ("r.example/p:latest", "1.2.0"),
            ("r.example/p:latest", "1.1.0")
        ));
        assert!(is_downgrade(
            ("r.example/p:1.2.0", "1.2.0"),
            ("r.example/p:1.3.0", "1.1.0")
        ));
    }

    #[test]
    fn what_has_no_version_or_is_another_repository_s_cannot_be_compared() {
        assert!(!is_downgrade(
            ("r.example/p:1.2.0", ""),
            ("r.example/p:latest", "")
        ));
        assert!(!is_downgrade(
            ("r.example/p:1.2.0", "1.2.0"),
            ("r.example/q:1.0.0", "1.0.0")
        ));
    }
}

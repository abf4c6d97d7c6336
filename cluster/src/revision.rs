//! What Flux calls a revision.

use std::fmt;

/// A revision that Flux has fetched or applied: `main@sha1:<commit>` of a
/// GitRepository, `latest@sha256:<digest>` of an `OCIRepository`, which also says
/// what commit it was made of.
/// <https://fluxcd.io/flux/components/source/gitrepositories/#artifact>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision {
    artifact: String,
    origin: Option<String>,
}

impl Revision {
    /// A revision as a status has it, with that of its origin where there is one.
    pub fn new(artifact: impl Into<String>, origin: Option<&str>) -> Self {
        Self {
            artifact: artifact.into(),
            origin: origin
                .filter(|origin| !origin.is_empty())
                .map(str::to_owned),
        }
    }

    /// The commit that it stands for, in hexadecimal.
    pub fn commit(&self) -> Option<&str> {
        let text = self.origin.as_deref().unwrap_or(&self.artifact);
        let digest = text.rsplit_once('@').map_or(text, |(_, digest)| digest);
        let (_, commit) = digest.split_once(':')?;
        let is_hash =
            matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit());
        is_hash.then_some(commit)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.artifact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789012345678901234567890123456789";

    fn commit(artifact: &str, origin: Option<&str>) -> Option<String> {
        Revision::new(artifact, origin).commit().map(str::to_owned)
    }

    #[test]
    fn a_branch_names_its_commit() {
        let revision = format!("deploy/home@sha1:{COMMIT}");
        assert_eq!(commit(&revision, None).as_deref(), Some(COMMIT));
    }

    #[test]
    fn an_artifact_of_a_registry_stands_for_what_it_was_made_of() {
        let digest = format!("latest@sha256:{}", "a".repeat(64));
        let origin = format!("main@sha1:{COMMIT}");
        assert_eq!(commit(&digest, Some(&origin)).as_deref(), Some(COMMIT));
    }

    #[test]
    fn other_text_names_no_commit() {
        assert_eq!(commit("v1.2.3", None), None);
        assert_eq!(commit("main@sha1:0123", None), None);
    }
}

//! Which directories a sparse checkout in cone mode leaves out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use git2::Repository;

use crate::git::damage;
use crate::git::error::{Error, Feature};

/// What of the repository the work tree is to have.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sparse {
    /// Everything.
    Full,
    /// Whole directories, and of the directories above them only the files.
    Cone {
        /// Directories with everything below.
        whole: BTreeSet<PathBuf>,
        /// Directories of which only the files count; the root is always one.
        files_only: BTreeSet<PathBuf>,
    },
}

impl Sparse {
    pub(super) fn of(repository: &Repository) -> Result<Self, Error> {
        let config = repository
            .config()
            .map_err(|source| damage::explain(repository, "read the configuration", source))?;
        if !config.get_bool("core.sparseCheckout").unwrap_or(false) {
            return Ok(Self::Full);
        }
        let patterns = fs::read_to_string(repository.path().join("info/sparse-checkout"));
        let cone = config.get_bool("core.sparseCheckoutCone").unwrap_or(true);
        patterns
            .ok()
            .filter(|_| cone)
            .and_then(|patterns| Self::parse(&patterns))
            .ok_or_else(|| Error::Unsupported {
                path: repository.path().to_owned(),
                feature: Feature::SparsePatterns,
            })
    }

    pub(super) fn excludes(&self, path: &Path) -> bool {
        let Self::Cone { whole, files_only } = self else {
            return false;
        };
        let Some(directory) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        else {
            return false;
        };
        !files_only.contains(directory)
            && !directory
                .ancestors()
                .any(|ancestor| whole.contains(ancestor))
    }

    /// Reads what `git sparse-checkout set --cone` writes, or nothing if it is something else.
    fn parse(patterns: &str) -> Option<Self> {
        let mut lines = patterns
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        if lines.next()? != "/*" {
            return None;
        }
        let mut lines = lines.peekable();
        if lines.next_if_eq(&"!/*/").is_none() {
            return lines.next().is_none().then_some(Self::Full);
        }
        let (mut whole, mut files_only) = (BTreeSet::new(), BTreeSet::new());
        for line in lines {
            if let Some(above) = line
                .strip_prefix("!/")
                .and_then(|line| line.strip_suffix("/*/"))
            {
                let above = unescape(above);
                whole.remove(&above);
                files_only.insert(above);
            } else {
                let directory = line.strip_prefix('/')?.strip_suffix('/')?;
                whole.insert(unescape(directory));
            }
        }
        Some(Self::Cone { whole, files_only })
    }
}

/// Takes away the backslashes before characters that a pattern gives a meaning.
fn unescape(pattern: &str) -> PathBuf {
    let mut plain = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let literal = if character == '\\' {
            characters.next()
        } else {
            Some(character)
        };
        plain.extend(literal);
    }
    PathBuf::from(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cone_has_whole_directories_and_the_files_on_the_way() {
        let sparse = Sparse::parse("/*\n!/*/\n/a/\n!/a/*/\n/a/b/\n").unwrap();
        let excluded: Vec<&str> = ["x", "a/x", "a/b/x", "a/b/c/x", "a/c/x", "b/x"]
            .into_iter()
            .filter(|path| sparse.excludes(Path::new(path)))
            .collect();
        assert_eq!(excluded, ["a/c/x", "b/x"]);
    }

    #[test]
    fn patterns_that_are_no_cone_are_not_understood() {
        assert_eq!(Sparse::parse("*.yaml\n"), None);
        assert_eq!(Sparse::parse("/*\n!/*/\n*.md\n"), None);
    }
}

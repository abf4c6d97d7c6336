//! Whether a cluster's Cilium may go from one version to another.
//!
//! Enters: the version that the fleet repository holds and the one that is
//! about to be written. Leaves: nothing, or why not and by which way instead.
//! Upstream tests only the step from one minor version to the next
//! (`Documentation/operations/upgrade-warning.rst`), and agents of two versions
//! that are further apart may not understand each other's state.

use std::fmt;

/// Why a step is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UpgradeProblem {
    /// It leaves out minor versions.
    Skips {
        /// Those that lie between, such as `1.19`, in order; none where the
        /// major version changes.
        between: Vec<String>,
    },
    /// It goes back.
    Downgrade,
}

/// Judges a step. Texts that are no versions are for others to refuse.
pub(crate) fn upgrade(from: &str, to: &str) -> Result<(), UpgradeProblem> {
    let (Some(old), Some(new)) = (Version::parse(from), Version::parse(to)) else {
        return Ok(());
    };
    if new < old {
        return Err(UpgradeProblem::Downgrade);
    }
    if new.major == old.major && new.minor <= old.minor + 1 {
        return Ok(());
    }
    let between = if new.major == old.major {
        (old.minor + 1..new.minor)
            .map(|minor| format!("{}.{minor}", old.major))
            .collect()
    } else {
        Vec::new()
    };
    Err(UpgradeProblem::Skips { between })
}

impl UpgradeProblem {
    /// One thing to do instead.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Skips { between } => match between.first() {
                Some(next) => format!(
                    "set the newest {next}.x first, let Flux roll it out, and go on one minor version at a time"
                ),
                None => "follow Cilium's upgrade guide to the last release before it".to_owned(),
            },
            Self::Downgrade => {
                "leave the version as it is: a newer agent's state may be unreadable to an older one".to_owned()
            }
        }
    }
}

impl fmt::Display for UpgradeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skips { between } if between.is_empty() => {
                f.write_str("goes to another major version")
            }
            Self::Skips { between } => write!(f, "skips {}", between.join(" and ")),
            Self::Downgrade => f.write_str("is a downgrade"),
        }
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
    patch: u32,
    /// Candidates come before their release.
    released: bool,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, _build) = text.split_once('+').unwrap_or((text, ""));
        let (numbers, candidate) = match text.split_once('-') {
            Some((numbers, _)) => (numbers, true),
            None => (text, false),
        };
        let mut numbers = numbers.split('.').map(|number| number.parse().ok());
        let version = Self {
            major: numbers.next()??,
            minor: numbers.next()??,
            patch: numbers.next()??,
            released: !candidate,
        };
        numbers.next().is_none().then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use super::{UpgradeProblem, upgrade};

    fn skips(between: &[&str]) -> Result<(), UpgradeProblem> {
        let between = between.iter().map(|&line| line.to_owned()).collect();
        Err(UpgradeProblem::Skips { between })
    }

    #[test]
    fn the_next_minor_version_and_any_later_patch_are_fine() {
        for (from, to) in [
            ("1.19.7", "1.19.7"),
            ("1.19.2", "1.19.7"),
            ("1.19.7", "1.20.0"),
            ("1.20.0-rc.1", "1.20.0"),
            ("v1.19.7", "1.20.2"),
        ] {
            assert_eq!(upgrade(from, to), Ok(()), "{from} to {to}");
        }
    }

    #[test]
    fn a_skipped_minor_version_is_refused_with_all_that_lie_between() {
        assert_eq!(upgrade("1.18.4", "1.20.2"), skips(&["1.19"]));
        assert_eq!(
            upgrade("1.16.0", "1.20.2"),
            skips(&["1.17", "1.18", "1.19"])
        );
        let problem = upgrade("1.16.0", "1.20.2").expect_err("it skips three");
        assert_eq!(problem.to_string(), "skips 1.17 and 1.18 and 1.19");
        assert!(problem.hint().contains("newest 1.17.x"));
    }

    #[test]
    fn another_major_version_is_refused() {
        assert_eq!(upgrade("1.20.2", "2.0.0"), skips(&[]));
    }

    #[test]
    fn going_back_is_refused_also_by_a_patch_or_to_a_candidate() {
        for (from, to) in [
            ("1.20.2", "1.19.7"),
            ("1.20.2", "1.20.1"),
            ("2.0.0", "1.20.2"),
            ("1.20.0", "1.20.0-rc.1"),
        ] {
            assert_eq!(
                upgrade(from, to),
                Err(UpgradeProblem::Downgrade),
                "{from} to {to}"
            );
        }
    }

    #[test]
    fn what_is_no_version_is_not_judged() {
        for (from, to) in [("latest", "1.20.2"), ("1.20.2", "1.20"), ("", "")] {
            assert_eq!(upgrade(from, to), Ok(()));
        }
    }
}

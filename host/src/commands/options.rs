//! Arguments that several commands have.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use super::shard::Shard;
use crate::error::{CommandError, Exit};
use crate::fleet::Selection;
use crate::git::{FleetRepository, Opened};
use crate::name::ClusterName;
use crate::stack::{Stack, StackCluster};

/// Which stack.
#[derive(Debug, clap::Args)]
pub(crate) struct StackOption {
    /// The stack: its directory, or its stack.yaml
    #[arg(default_value = ".")]
    pub(crate) stack: PathBuf,
}

/// Which fleet repository.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RepositoryOption {
    /// The fleet repository
    #[arg(long, value_name = "DIR", env = "ZTGIT_REPO", default_value = "fleet")]
    pub(crate) repo: PathBuf,
    /// The branch that Flux pulls
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) branch: String,
}

impl RepositoryOption {
    /// The repository, which has to be there.
    pub(crate) fn open(&self) -> Result<FleetRepository, CommandError> {
        FleetRepository::open(&self.repo, &self.branch).map_err(|error| {
            CommandError::from(error).hint("name the fleet repository with `--repo DIR`")
        })
    }

    /// The repository, where there is one: one that is not there yet is empty.
    pub(crate) fn open_existing(&self) -> Result<Option<FleetRepository>, CommandError> {
        self.repo.exists().then(|| self.open()).transpose()
    }

    /// The repository, made where there is none.
    pub(crate) fn open_or_create(&self) -> Result<(FleetRepository, Opened), CommandError> {
        Ok(FleetRepository::open_or_create(&self.repo, &self.branch)?)
    }
}

/// Whether commits are signed, and with what.
#[derive(Debug, clap::Args)]
pub(crate) struct SignOption {
    /// Sign the commit as git is configured to (`gpg.format`,
    /// `user.signingKey`), or with an SSH key in a file. Without it, git's
    /// `commit.gpgSign` decides
    #[arg(long, value_name = "KEYFILE", num_args = 0..=1, require_equals = true)]
    #[expect(
        clippy::option_option,
        reason = "clap's shape of a flag that may have a value"
    )]
    pub(crate) sign: Option<Option<PathBuf>>,
    /// Do not sign, whatever git's `commit.gpgSign` says
    #[arg(long, conflicts_with = "sign")]
    pub(crate) no_sign: bool,
}

impl SignOption {
    /// Has the repository sign what is committed from now on, if that is wanted.
    pub(crate) fn apply(&self, repository: &mut FleetRepository) -> Result<(), CommandError> {
        let signer = match &self.sign {
            Some(Some(key)) => repository.ssh_signer(key.clone())?,
            Some(None) => repository.configured_signer()?,
            None if !self.no_sign && repository.signs_by_default()? => {
                repository.configured_signer()?
            }
            None => return Ok(()),
        };
        repository.sign_with(signer);
        Ok(())
    }
}

/// Which clusters, by name alone.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct NameOption {
    /// Only clusters whose name matches (`*` and `?` stand for anything);
    /// repeatable. The others stay as they are
    #[arg(long, value_name = "GLOB")]
    cluster: Vec<String>,
    /// Only a stable share of the clusters: share I of N, from 0
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

/// Which clusters of a stack.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ClusterOption {
    #[command(flatten)]
    names: NameOption,
    /// Only clusters with the label `wave: NAME`; repeatable. The others stay as they
    /// are
    #[arg(long, value_name = "NAME")]
    wave: Vec<String>,
}

/// A choice of clusters.
pub(crate) struct Chosen {
    globs: Vec<(String, Regex)>,
    waves: Vec<String>,
    shard: Option<Shard>,
}

impl NameOption {
    /// The choice.
    pub(crate) fn chosen(&self) -> Chosen {
        Chosen {
            globs: self
                .cluster
                .iter()
                .map(|glob| (glob.clone(), pattern(glob)))
                .collect(),
            waves: Vec::new(),
            shard: self.shard,
        }
    }
}

impl ClusterOption {
    /// These clusters, by name.
    pub(crate) fn named(names: impl IntoIterator<Item = String>) -> Self {
        let names = NameOption {
            cluster: names.into_iter().collect(),
            ..NameOption::default()
        };
        Self {
            names,
            ..Self::default()
        }
    }

    /// The choice among the clusters of a stack.
    pub(crate) fn of(&self, stack: &Stack) -> Result<BTreeSet<ClusterName>, CommandError> {
        let chosen = self.chosen();
        let has = |cluster: &&StackCluster| chosen.has(cluster.name.as_str(), cluster.wave());
        let names: BTreeSet<ClusterName> = stack
            .clusters
            .iter()
            .filter(has)
            .map(|cluster| cluster.name.clone())
            .collect();
        let known = stack.clusters.iter().map(|cluster| cluster.name.as_str());
        let waves = stack.clusters.iter().filter_map(StackCluster::wave);
        chosen.check(known, waves, !names.is_empty())?;
        Ok(names)
    }

    /// The choice where nobody knows of waves.
    pub(crate) fn by_name(&self) -> Result<Chosen, CommandError> {
        if self.wave.is_empty() {
            return Ok(self.names.chosen());
        }
        let message = "only the stack knows which cluster is in which wave";
        Err(CommandError::new(Exit::Usage, message).hint("name the stack too"))
    }

    /// The choice.
    pub(crate) fn chosen(&self) -> Chosen {
        Chosen {
            waves: self.wave.clone(),
            ..self.names.chosen()
        }
    }
}

impl Chosen {
    /// Whether the choice has a cluster.
    pub(crate) fn has(&self, name: &str, wave: Option<&str>) -> bool {
        let by_name =
            self.globs.is_empty() || self.globs.iter().any(|(_, glob)| glob.is_match(name));
        let by_wave = self.waves.is_empty()
            || self
                .waves
                .iter()
                .any(|chosen| wave == Some(chosen.as_str()));
        by_name && by_wave && self.shard.is_none_or(|shard| shard.has(name))
    }

    /// All, or some.
    pub(crate) fn selection(&self) -> Selection {
        if self.globs.is_empty() && self.waves.is_empty() && self.shard.is_none() {
            Selection::All
        } else {
            Selection::Some
        }
    }

    /// A name that no cluster of the stack or the fleet has is most likely a typo.
    pub(crate) fn check_names<'n>(
        &self,
        known: impl Iterator<Item = &'n str> + Clone,
        of: &str,
    ) -> Result<(), CommandError> {
        let unknown = |pattern: &Regex| !known.clone().any(|name| pattern.is_match(name));
        let Some((glob, _)) = self.globs.iter().find(|(_, pattern)| unknown(pattern)) else {
            return Ok(());
        };
        let message = format!("no cluster of the {of} matches `{glob}`");
        let error = CommandError::new(Exit::Usage, message);
        Err(match crate::diagnostic::did_you_mean(glob, known) {
            Some(hint) => error.hint(hint),
            None => error,
        })
    }

    /// A choice that means nothing is most likely a typo. A share may be empty.
    pub(crate) fn check<'n>(
        &self,
        known: impl Iterator<Item = &'n str> + Clone,
        known_waves: impl Iterator<Item = &'n str> + Clone,
        any: bool,
    ) -> Result<(), CommandError> {
        self.check_names(known, "stack")?;
        let none = |message: String| CommandError::new(Exit::Usage, message);
        let is_unknown = |wave: &&String| !known_waves.clone().any(|known| known == **wave);
        if let Some(wave) = self.waves.iter().find(is_unknown) {
            let error = none(format!(
                "no cluster of the stack has the label `wave: {wave}`"
            ));
            return Err(match crate::diagnostic::did_you_mean(wave, known_waves) {
                Some(hint) => error.hint(hint),
                None => error.hint("`ztgit show CLUSTER labels` prints the labels of a cluster"),
            });
        }
        if !any && !self.waves.is_empty() && self.shard.is_none() {
            let waves = self.waves.join("`, `");
            return Err(none(format!(
                "no cluster that was chosen has the label `wave: {waves}`"
            ))
            .hint("`ztgit show CLUSTER labels` prints the labels of a cluster"));
        }
        Ok(())
    }
}

fn pattern(glob: &str) -> Regex {
    let escaped = regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^(?:{escaped})$")).expect("an escaped glob is a valid expression")
}

/// A length of time as people write it: `90s`, `5m`, `1h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a length of time such as `90s`, `5m` or `1h`");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    match digits.parse::<u32>() {
        Ok(number) if number > 0 => Ok(Duration::from_secs(u64::from(number) * seconds)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        assert_eq!(duration("5m"), Ok(Duration::from_mins(5)));
        for wrong in ["5", "m", "0s", "-1s", "1.5h", "5 m", "5d", ""] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}

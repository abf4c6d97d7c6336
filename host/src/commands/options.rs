//! Arguments that several commands have.

use std::path::PathBuf;

use regex::Regex;

use crate::context::Context;
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
#[derive(Debug, clap::Args)]
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

    /// The repository, made where there is none.
    pub(crate) fn open_or_create(
        &self,
        context: &Context,
    ) -> Result<FleetRepository, CommandError> {
        let (repository, opened) = FleetRepository::open_or_create(&self.repo, &self.branch)?;
        if opened == Opened::Created {
            context.ui.line(&format!(
                "created fleet repository {} (branch {})",
                self.repo.display(),
                self.branch
            ));
        }
        Ok(repository)
    }
}

/// Whether commits are signed, and with what.
#[derive(Debug, clap::Args)]
pub(crate) struct SignOption {
    /// Sign the commit as git is configured to (`gpg.format`,
    /// `user.signingKey`), or with an SSH key in a file. Without it, git's
    /// `commit.gpgSign` decides
    #[arg(long, value_name = "KEYFILE", num_args = 0..=1, require_equals = true)]
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

/// Which clusters.
#[derive(Debug, clap::Args)]
pub(crate) struct ClusterOption {
    /// Only clusters whose name matches (`*` and `?` stand for anything);
    /// repeatable. The others stay as they are
    #[arg(long, value_name = "GLOB")]
    pub(crate) cluster: Vec<String>,
}

/// A choice of clusters.
pub(crate) struct Chosen {
    patterns: Vec<Regex>,
}

impl ClusterOption {
    /// The choice, checked against the clusters that there are.
    pub(crate) fn chosen(&self, stack: &Stack) -> Result<Chosen, CommandError> {
        let known = stack.clusters.iter().map(|cluster| cluster.name.as_str());
        self.chosen_among(&known.collect::<Vec<_>>(), "stack")
    }

    /// The choice, checked against the names of clusters of something.
    pub(crate) fn chosen_among(&self, known: &[&str], of: &str) -> Result<Chosen, CommandError> {
        let chosen = Chosen {
            patterns: self.cluster.iter().map(|glob| pattern(glob)).collect(),
        };
        for (glob, pattern) in self.cluster.iter().zip(&chosen.patterns) {
            if !known.iter().any(|name| pattern.is_match(name)) {
                let error = CommandError::new(
                    Exit::Usage,
                    format!("no cluster of the {of} matches `{glob}`"),
                );
                let known = known.iter().copied();
                return Err(match crate::diagnostic::did_you_mean(glob, known) {
                    Some(hint) => error.hint(hint),
                    None => error,
                });
            }
        }
        Ok(chosen)
    }
}

impl Chosen {
    /// Whether the choice has a cluster.
    pub(crate) fn has(&self, cluster: &StackCluster) -> bool {
        self.has_name(&cluster.name)
    }

    /// Whether the choice has a cluster of this name.
    pub(crate) fn has_name(&self, name: &ClusterName) -> bool {
        let matches = |pattern: &Regex| pattern.is_match(name.as_str());
        self.patterns.is_empty() || self.patterns.iter().any(matches)
    }

    /// All, or some.
    pub(crate) fn selection(&self) -> Selection {
        if self.patterns.is_empty() {
            Selection::All
        } else {
            Selection::Some
        }
    }
}

fn pattern(glob: &str) -> Regex {
    let escaped = regex::escape(glob).replace(r"\*", ".*").replace(r"\?", ".");
    Regex::new(&format!("^(?:{escaped})$")).expect("an escaped glob is a valid expression")
}

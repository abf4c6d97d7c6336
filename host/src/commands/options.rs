//! Arguments that several commands have.

use std::path::PathBuf;

use regex::Regex;

use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::Selection;
use crate::git::{FleetRepository, Opened};
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
        let chosen = Chosen {
            patterns: self.cluster.iter().map(|glob| pattern(glob)).collect(),
        };
        for (glob, pattern) in self.cluster.iter().zip(&chosen.patterns) {
            if !stack
                .clusters
                .iter()
                .any(|cluster| pattern.is_match(cluster.name.as_str()))
            {
                let known = stack.clusters.iter().map(|cluster| cluster.name.as_str());
                let error = CommandError::new(
                    Exit::Usage,
                    format!("no cluster of the stack matches `{glob}`"),
                );
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
        self.patterns.is_empty()
            || self
                .patterns
                .iter()
                .any(|pattern| pattern.is_match(cluster.name.as_str()))
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

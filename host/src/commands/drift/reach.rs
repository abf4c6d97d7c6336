//! How clusters are reached: options and the map that they give.

use std::path::PathBuf;
use std::time::Duration;

use crate::commands::options::duration;
use crate::context::Context;
use crate::drift::Contexts;
use crate::error::{CommandError, Exit};

/// How clusters are reached, and how much of them is asked at a time.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Reaching clusters")]
pub(super) struct Options {
    /// The client configuration, instead of those in `KUBECONFIG` or the one in
    /// ~/.kube/config
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of a cluster; without `CLUSTER=` that of every cluster not
    /// named otherwise. A cluster without any has the context of its own name
    #[arg(long, value_name = "[CLUSTER=]CONTEXT")]
    context: Vec<String>,
    /// A file of `CLUSTER: CONTEXT` lines
    #[arg(long, value_name = "FILE", env = "ZTGIT_CONTEXTS")]
    contexts: Option<PathBuf>,
    /// This is a pod of the cluster: use its service account
    #[arg(long, conflicts_with_all = ["kubeconfig", "context", "contexts"])]
    pub(super) in_cluster: bool,
    /// Ask for nothing that needs the permission to patch: only fields that
    /// Flux owns are compared
    #[arg(long)]
    pub(super) read_only: bool,
    /// How long one cluster may take; what is not known by then is unknown
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration)]
    pub(super) deadline: Duration,
    /// How many requests a cluster is sent at a time
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) concurrency: u16,
}

impl Options {
    /// Whether somebody said how to reach clusters.
    pub(super) fn is_configured(&self) -> bool {
        self.in_cluster || self.contexts.is_some() || !self.context.is_empty()
    }

    /// The client configurations.
    pub(super) fn kubeconfigs(&self, context: &Context) -> Vec<PathBuf> {
        match &self.kubeconfig {
            Some(file) => vec![file.clone()],
            None => context.environment.kubeconfigs.clone(),
        }
    }

    /// The map, checked against the clusters that there are.
    pub(super) fn contexts(
        &self,
        is_cluster: impl Fn(&str) -> bool,
    ) -> Result<Contexts, CommandError> {
        let mut contexts = match &self.contexts {
            Some(path) => Contexts::read(path)?,
            None => Contexts::default(),
        };
        for text in &self.context {
            contexts.add(text, &is_cluster)?;
        }
        if let Some(unknown) = contexts
            .clusters()
            .find(|cluster| !is_cluster(cluster.as_str()))
        {
            return Err(CommandError::new(
                Exit::Usage,
                format!("there is a context for `{unknown}`, which is no cluster of the stack"),
            ));
        }
        Ok(contexts)
    }
}

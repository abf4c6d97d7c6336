//! How a cluster is reached.
//!
//! Enters: files and a context's name, or nothing inside of a cluster. Leaves: a
//! client. Invariant: nothing is read from the environment but what a context's
//! own program for credentials reads; files are named by the caller.

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::obstacle::Obstacle;
use crate::report::Reason;

/// Where address and credentials of a cluster come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// A context of kubeconfig files, of which earlier ones win as in `kubectl`.
    Kubeconfig {
        /// The files, as `KUBECONFIG` lists them.
        files: Vec<PathBuf>,
        /// The context; the current one if there is none.
        context: Option<String>,
    },
    /// The service account of the pod that this runs in.
    ServiceAccount,
}

impl Access {
    /// A client that connects when it is first used.
    ///
    /// A context may name a program that is run for credentials, and waited for;
    /// so this belongs in a thread of its own.
    pub(crate) async fn client(self, connect_timeout: Duration) -> Result<Client, Obstacle> {
        let mut config = match self {
            Self::Kubeconfig { files, context } => from_files(files, context).await?,
            Self::ServiceAccount => {
                Config::incluster().map_err(|error| Obstacle::because(Reason::NoContext, &error))?
            }
        };
        config.connect_timeout = Some(connect_timeout);
        // Repeating is decided where the deadline is known.
        config.default_retry = false;
        Client::try_from(config).map_err(|error| Obstacle::because(Reason::NoContext, &error))
    }
}

async fn from_files(files: Vec<PathBuf>, context: Option<String>) -> Result<Config, Obstacle> {
    let no_context = |error: &dyn std::error::Error| Obstacle::because(Reason::NoContext, error);
    let mut merged = Kubeconfig::default();
    // As with `kubectl`, a file of the list need not be there; but one has to.
    let there: Vec<&PathBuf> = files.iter().filter(|file| file.exists()).collect();
    if there.is_empty() {
        let names: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let message = format!("there is no kubeconfig: {}", names.join(", "));
        return Err(Obstacle::new(Reason::NoContext, message));
    }
    for file in there {
        let next = Kubeconfig::read_from(file).map_err(|error| no_context(&error))?;
        merged = merged.merge(next).map_err(|error| no_context(&error))?;
    }
    let options = KubeConfigOptions {
        context,
        ..KubeConfigOptions::default()
    };
    let config = Config::from_custom_kubeconfig(merged, &options);
    config.await.map_err(|error| no_context(&error))
}

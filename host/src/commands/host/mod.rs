//! `ztgit host`: a node's own files, on the node.

mod apply;
mod drift;
mod keys;
mod plan;
mod settle;
mod source;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use ztgit_node::{Commands, ErrorKind, Host, Recorder, System};

use crate::context::Context;
use crate::error::{CommandError, Exit};

/// Put a node's rendered files in place, and see whether they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the public keys of this node's WireGuard interfaces, as lines for
    /// the stack
    Keys(keys::Args),
    /// Show what an apply would change
    Plan(plan::Args),
    /// Put the node's files in place, and what they say into effect: all of
    /// it, or nothing. Comes back by itself unless `ztgit host confirm` is run
    /// from a new connection
    Apply(apply::Args),
    /// Let the last apply stay. Run it from an SSH connection that began after
    /// the apply: that proves that one is still let in
    Confirm(settle::ConfirmArgs),
    /// Put back what was there before the last apply
    Rollback(settle::RollbackArgs),
    /// Find what on the node is not as the fleet repository says. Exits with 1
    /// when something differs, with 3 when something could not be found out
    Drift(drift::Args),
}

impl Args {
    /// Whether this looks for drift.
    pub(crate) fn is_drift(&self) -> bool {
        matches!(self.action, Action::Drift(_))
    }
}

/// Which node's files, on which file system.
#[derive(Debug, clap::Args)]
struct RootOption {
    /// The node's file system; another directory than `/` to try things out:
    /// nothing is run there
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    match &args.action {
        Action::Keys(args) => keys::run(context, args),
        Action::Plan(args) => plan::run(context, args),
        Action::Apply(args) => apply::run(context, args),
        Action::Confirm(args) => settle::confirm(context, args),
        Action::Rollback(args) => settle::rollback(context, args),
        Action::Drift(args) => drift::run(context, args),
    }
}

impl RootOption {
    /// Does something with the node.
    fn with<T>(
        &self,
        act: impl FnOnce(&mut Host<'_>) -> Result<T, ztgit_node::Error>,
    ) -> Result<T, CommandError> {
        let (mut system, mut recorder) = (System, Recorder::default());
        let commands: &mut dyn Commands = if self.root == Path::new("/") {
            &mut system
        } else {
            &mut recorder
        };
        let mut host = Host::open(&self.root, commands)?;
        Ok(act(&mut host)?)
    }
}

impl From<ztgit_node::Error> for CommandError {
    fn from(error: ztgit_node::Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::Usage => Exit::Usage,
            ErrorKind::Unfinished => Exit::Incomplete,
            ErrorKind::Untrusted => Exit::Trust,
        };
        let mut command = Self::new(exit, crate::error::chain(&error));
        command.hints.extend(error.hint().map(str::to_owned));
        command
    }
}

impl From<ztgit_node::SourceError> for CommandError {
    fn from(error: ztgit_node::SourceError) -> Self {
        let refused = match &error {
            ztgit_node::SourceError::Refused(refusals) => {
                refusals.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        };
        let mut command = Self::from(ztgit_node::Error::from(error));
        command.hints.splice(0..0, refused);
        command
    }
}

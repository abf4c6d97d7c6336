//! `ztgit host confirm` and `ztgit host rollback`.

use ztgit_node::{ConfirmFrom, Which};

use super::RootOption;
use crate::context::Context;
use crate::error::{CommandError, Exit};

#[derive(Debug, clap::Args)]
pub(super) struct ConfirmArgs {
    #[command(flatten)]
    root: RootOption,
    /// Confirm from the machine's own console, where nobody can be cut off
    #[arg(long)]
    console: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RollbackArgs {
    #[command(flatten)]
    root: RootOption,
    /// Only an apply that was cut short or not confirmed: what timers call
    #[arg(long)]
    unconfirmed: bool,
    /// Only the apply of this number
    #[arg(long, value_name = "NUMBER", requires = "unconfirmed")]
    transaction: Option<u64>,
}

pub(super) fn confirm(context: &Context, args: &ConfirmArgs) -> Result<Exit, CommandError> {
    let from = if args.console {
        ConfirmFrom::Console
    } else {
        ConfirmFrom::NewConnection
    };
    let confirmed = args.root.with(|host| ztgit_node::confirm(host, from))?;
    context
        .ui
        .line(&format!("apply {} stays", confirmed.transaction));
    context.ui.report("HostConfirmation", &confirmed);
    Ok(Exit::Clean)
}

pub(super) fn rollback(context: &Context, args: &RollbackArgs) -> Result<Exit, CommandError> {
    let which = if args.unconfirmed {
        Which::Unconfirmed {
            transaction: args.transaction,
        }
    } else {
        Which::Last
    };
    let back = args.root.with(|host| ztgit_node::rollback(host, which))?;
    for path in &back.paths {
        context.ui.line(&format!("put back    {path}"));
    }
    for failure in &back.failures {
        context.ui.warn(failure);
    }
    context.ui.report("HostRollback", &back);
    if back.failures.is_empty() {
        context.ui.line(if back.paths.is_empty() {
            "nothing was to be put back"
        } else {
            "everything is as it was"
        });
        return Ok(Exit::Clean);
    }
    let message = "the files are as they were, and not all that they say is in effect";
    Err(CommandError::new(Exit::Incomplete, message))
}

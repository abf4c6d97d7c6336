//! `ztgit host keys`.

use super::RootOption;
use crate::context::Context;
use crate::error::{CommandError, Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    root: RootOption,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let keys = args.root.with(ztgit_node::keys)?;
    if keys.0.is_empty() {
        let error = CommandError::new(Exit::Findings, "no interface has a key yet");
        return Err(error.hint("`ztgit host apply` or the node's install step makes them"));
    }
    for line in keys.to_string().lines() {
        context.ui.line(line);
    }
    context
        .ui
        .report("HostKeys", &serde_json::json!({ "interfaces": keys }));
    Ok(Exit::Clean)
}

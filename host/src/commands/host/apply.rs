//! `ztgit host apply`.

use ztgit_node::Confirmation;

use super::RootOption;
use super::plan::print;
use super::source::SourceOption;
use crate::context::Context;
use crate::error::{CommandError, Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    root: RootOption,
    #[command(flatten)]
    source: SourceOption,
    /// Seconds to confirm in, before everything is put back
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u32).range(10..=86_400))]
    confirm_within: u32,
    /// Let the apply stay without a confirmation: from the machine's own
    /// console, where nobody can be cut off
    #[arg(long, conflicts_with = "confirm_within")]
    no_confirm: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let source = args.source.read(&args.root.root)?;
    let confirmation = confirmation(context, args)?;
    let applied = args
        .root
        .with(|host| ztgit_node::apply(host, &source, &confirmation))?;
    for path in &applied.recovered {
        context.ui.line(&format!(
            "recovered   {path}, after an apply that was cut short"
        ));
    }
    print(
        context,
        &applied.changes,
        &applied.held,
        &applied.activation,
    );
    match (applied.transaction, applied.confirm_within) {
        (None, _) => context.ui.line("every file is in place"),
        (Some(_), None) => context.ui.line("applied"),
        (Some(_), Some(seconds)) => context.ui.line(&format!(
            "applied; run `ztgit host confirm` from a new connection within {seconds} seconds, or it is put back"
        )),
    }
    context.ui.report("HostApply", &applied);
    Ok(Exit::Clean)
}

fn confirmation(context: &Context, args: &Args) -> Result<Confirmation, CommandError> {
    if args.no_confirm {
        return Ok(Confirmation::NotNeeded);
    }
    let Some(program) = context
        .environment
        .program
        .as_ref()
        .and_then(|path| path.to_str())
    else {
        let message = "this program's own path is not known, so nothing could put an apply back";
        let error = CommandError::new(Exit::Incomplete, message);
        return Err(error.hint("say `--no-confirm` on the machine's own console"));
    };
    let root = args.root.root.to_string_lossy();
    let rollback = [
        program,
        "host",
        "rollback",
        "--unconfirmed",
        "--root",
        &root,
    ];
    Ok(Confirmation::Within {
        seconds: args.confirm_within,
        rollback: rollback.map(str::to_owned).to_vec(),
    })
}

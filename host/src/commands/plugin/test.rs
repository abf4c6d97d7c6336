//! `ztgit plugin test`: what a plugin makes of its cases, beside what is
//! expected.

use std::path::PathBuf;

use serde_json::json;

use super::candidate::{self, CASES, COMPONENT};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::plan::Plugins;
use crate::plugin::escaped;
use crate::trial::{self, Case, golden};

/// Render every case of a plugin and compare with what is expected
///
/// A case is a directory `cases/NAME` with a `request.yaml` (`cluster`, merged
/// into a small one; `config`; `facts` of others) and what is expected of it in
/// `expected`: the files of a commit, the facts stated and the findings.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin's directory, with `cases` in it
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// The component; `plugin.wasm` in the directory by default
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Make what comes out the expected; look at the difference before you commit it
    #[arg(long)]
    update: bool,
}

/// How a case went.
struct Verdict {
    case: String,
    /// Why it failed, if it did.
    failure: Option<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.asking_runtime();
    let component = match &args.component {
        Some(file) => file.clone(),
        None => args.directory.join(COMPONENT),
    };
    let plugins = candidate::on_trial(context, &runtime, &candidate::read(&component)?)?;
    let cases = candidate::cases(&args.directory.join(CASES))?;
    if cases.is_empty() {
        let message = format!("{} has no cases", args.directory.display());
        return Err(CommandError::new(Exit::Usage, message)
            .hint("write `cases/NAME/request.yaml`, then run this with `--update`"));
    }
    let verdicts = cases
        .iter()
        .map(|case| verdict(&plugins, case, args.update))
        .collect::<Result<Vec<_>, _>>()?;
    report(context, &verdicts);
    let failed = verdicts.iter().any(|verdict| verdict.failure.is_some());
    Ok(if failed { Exit::Findings } else { Exit::Clean })
}

fn verdict(plugins: &Plugins<'_>, case: &Case, update: bool) -> Result<Verdict, CommandError> {
    let outcome = trial::run(plugins, case)?;
    let mut failure: String = outcome
        .faults
        .iter()
        .map(|fault| format!("{fault}\n"))
        .collect();
    if update && failure.is_empty() {
        golden::update(case, &outcome).map_err(|error| {
            let place = case.directory.display();
            CommandError::new(Exit::Incomplete, format!("cannot write {place}: {error}"))
        })?;
    } else {
        failure.push_str(&golden::difference(case, &outcome)?);
    }
    Ok(Verdict {
        case: case.name.clone(),
        failure: (!failure.is_empty()).then_some(failure),
    })
}

fn report(context: &Context, verdicts: &[Verdict]) {
    let ui = &context.ui;
    for Verdict { case, failure } in verdicts {
        match failure {
            None => ui.line(&format!("ok      {case}")),
            Some(failure) => {
                ui.line(&format!("failed  {case}"));
                ui.line(escaped(failure).trim_end());
            }
        }
    }
    let entries: Vec<_> = verdicts
        .iter()
        .map(|Verdict { case, failure }| json!({"case": case, "ok": failure.is_none(), "difference": failure}))
        .collect();
    ui.report("PluginTest", &json!({"cases": entries}));
}

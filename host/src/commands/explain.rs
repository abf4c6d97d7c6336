//! `ztgit explain`: the long text of a finding.

use serde_json::json;

use crate::context::Context;
use crate::diagnostic::{did_you_mean, explain, explanations};
use crate::error::{CommandError, Exit};

/// Explain the code of a finding: why it is one, an example, what to do.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The code, as it stands in brackets; all codes without one
    code: Option<String>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let Some(code) = &args.code else {
        for explanation in explanations() {
            context.ui.line(explanation.code);
        }
        let codes: Vec<&str> = explanations().iter().map(|e| e.code).collect();
        context.ui.report("Explanations", &json!({"codes": codes}));
        return Ok(Exit::Clean);
    };
    let Some(explanation) = explain(code) else {
        let error = CommandError::new(Exit::Usage, format!("there is no code `{code}`"));
        if let Some((plugin, _)) = code.split_once('/') {
            return Err(error.hint(format!(
                "it is a finding of plugin `{plugin}`: its message and hints say all that there is"
            )));
        }
        return Err(
            match did_you_mean(code, explanations().iter().map(|e| e.code)) {
                Some(hint) => error.hint(hint),
                None => error,
            },
        );
    };
    context.ui.line(explanation.text.trim_end());
    context.ui.report(
        "Explanation",
        &json!({"code": explanation.code, "text": explanation.text}),
    );
    Ok(Exit::Clean)
}

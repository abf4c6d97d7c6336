//! What Cilium cannot do, or would do otherwise than it looks.
//!
//! The API server accepts most of it and the agents then drop the whole
//! policy, or read an empty match as "everything": so it is refused here, with
//! its place in the stack.

mod ends;
mod http;
mod stream;
mod switches;

use ztgit_plugin::Diagnostic;

use crate::context::Context;
use crate::flows::Wanted;

/// A flow under examination, and what was found.
struct Findings<'a> {
    context: &'a Context<'a>,
    wanted: &'a Wanted,
    diagnostics: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// Adds an error: what is wrong (behind the flow's title), where in the
    /// flow, what to do.
    fn error(&mut self, code: &str, problem: &str, path: &[&str], hint: &str) {
        let message = format!("{} {problem}", self.wanted.title());
        let diagnostic = self.wanted.locate(Diagnostic::error(code, message), path);
        self.diagnostics.push(diagnostic.hint(hint));
    }
}

/// Everything that is wrong with a flow.
pub(crate) fn problems(context: &Context<'_>, wanted: &Wanted) -> Vec<Diagnostic> {
    let mut findings = Findings {
        context,
        wanted,
        diagnostics: Vec::new(),
    };
    ends::check(&mut findings);
    stream::check(&mut findings);
    switches::check(&mut findings);
    findings.diagnostics
}

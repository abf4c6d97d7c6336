//! The only module that writes to the terminal.
//!
//! Results go to standard output; progress, notes and findings to standard
//! error. Progress is shown only on a terminal, and only for what takes more
//! than a moment.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostics, Severity, Sources, json as report, snippet};
use crate::error::CommandError;
use crate::sarif;
use crate::stack::schema::API_VERSION;

/// In which form results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One versioned envelope.
    Json,
    /// For a pull request.
    Markdown,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
}

/// Whether notes and progress are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Results and errors only.
    Quiet,
    /// Notes too.
    Normal,
    /// And what is merely worth knowing.
    Verbose,
}

/// The terminal.
#[derive(Debug)]
pub struct Ui {
    format: Format,
    verbosity: Verbosity,
    /// Standard output holds one report, also where a command fails after it.
    reported: AtomicBool,
}

impl Ui {
    /// A terminal that prints in this form.
    pub fn new(format: Format, verbosity: Verbosity) -> Self {
        Self {
            format,
            verbosity,
            reported: AtomicBool::new(false),
        }
    }

    /// In which form results are printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether the logs of plugins are printed.
    pub fn shows_logs(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// Prints a part of the result.
    pub fn print(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        // A closed pipe is the reader's choice.
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    /// Writes a result that is no text.
    pub fn write(&self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        // A closed pipe is the reader's choice.
        let _ = out.write_all(bytes);
        let _ = out.flush();
    }

    /// Prints a line of the result, in text form only.
    pub fn line(&self, text: &str) {
        if self.format == Format::Text {
            self.print(&format!("{text}\n"));
        }
    }

    /// Prints the whole result as JSON, where that is the form; only the first
    /// report of a run counts.
    pub fn report(&self, kind: &str, body: &impl Serialize) {
        if self.format != Format::Json || self.reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut envelope = json!({"apiVersion": API_VERSION, "kind": kind});
        if let (Value::Object(envelope), Ok(Value::Object(body))) =
            (&mut envelope, serde_json::to_value(body))
        {
            envelope.extend(body);
        }
        let text = serde_json::to_string_pretty(&envelope).expect("a report is plain JSON");
        self.print(&format!("{text}\n"));
    }

    /// Prints findings as SARIF, where that is the form.
    pub fn sarif(&self, findings: &[sarif::Finding]) {
        if self.format != Format::Sarif || self.reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let log = sarif::log(findings);
        let text = serde_json::to_string_pretty(&log).expect("a log is plain JSON");
        self.print(&format!("{text}\n"));
    }

    /// Says something beside the result.
    pub fn note(&self, text: &str) {
        if self.verbosity != Verbosity::Quiet {
            complain(text);
        }
    }

    /// Says something that must be seen.
    pub fn warn(&self, text: &str) {
        complain(&format!("warning: {text}"));
    }

    /// Whether somebody is there who could answer.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks, beside the result; whatever is no clear yes is a no.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        // Without the question nobody would answer it.
        write!(anstream::stderr().lock(), "{question} [y/N] ")?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer)? == 0 {
            complain("");
        }
        Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
    }

    /// Prints findings for people; in JSON they are part of the report.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        let style = if anstream::AutoStream::choice(&io::stderr()) == anstream::ColorChoice::Never {
            snippet::Style::Plain
        } else {
            snippet::Style::Coloured
        };
        for diagnostic in diagnostics.iter() {
            let shown = match diagnostic.weight() {
                Severity::Error => true,
                Severity::Warning => self.verbosity != Verbosity::Quiet,
                Severity::Info => self.verbosity == Verbosity::Verbose,
            };
            if shown {
                complain(&format!(
                    "{}\n",
                    snippet::render(diagnostic, sources, style)
                ));
            }
        }
    }

    /// Findings as a part of a JSON report.
    pub fn findings<'a>(
        diagnostics: &'a Diagnostics,
        sources: &'a Sources,
    ) -> Vec<report::Finding<'a>> {
        diagnostics
            .iter()
            .map(|diagnostic| report::finding(diagnostic, sources))
            .collect()
    }

    /// Prints why a command failed.
    pub fn error(&self, error: &CommandError) {
        complain(&format!("error: {}", error.message));
        for hint in &error.hints {
            complain(&format!("  help: {hint}"));
        }
        if self.format == Format::Json {
            self.report(
                "Error",
                &json!({"message": error.message, "hints": error.hints, "exitCode": error.exit.code()}),
            );
        }
    }

    /// A bar for work that has this many steps.
    pub fn progress(&self, steps: usize, what: &str) -> ProgressBar {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        if self.verbosity == Verbosity::Quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr_with_hz(5));
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}")
            .expect("the template is valid");
        bar.set_style(style);
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_secs(1));
        bar
    }
}

fn complain(text: &str) {
    // A closed standard error is the caller's choice.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

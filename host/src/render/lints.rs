//! Lint rules over a cluster, with the exceptions that the stack makes.

use std::collections::BTreeSet;

use ztgit_lint::{Finding, HostFile, Item, Object, Origin as Maker, Place, Subject};
use ztgit_plugin::{File, pointer};

use super::layout::{Layout, stack};
use super::objects::{Collector, Origin, place};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::name::PluginName;
use crate::plan::config_place;
use crate::stack::StackCluster;
use crate::stack::schema::ExceptionSpec;

/// Reports what the rules find in everything that was rendered for a cluster.
/// Comes back with where the cluster stands.
pub(super) fn report(
    objects: &Collector<'_>,
    files: &[(&PluginName, File)],
    layout: &mut Layout<'_>,
) -> Vec<Item> {
    let subject = subject(objects, files, layout);
    let findings = ztgit_lint::lint(&subject);
    let posture = ztgit_lint::posture(&subject, &findings);
    let diagnostics: Vec<(String, Diagnostic)> = findings
        .into_iter()
        .map(|finding| {
            let span = span(&finding, objects, files, layout);
            (finding.subject.clone(), diagnostic(finding, span))
        })
        .collect();
    let mut used = BTreeSet::new();
    for (subject, mut diagnostic) in diagnostics {
        // Some are accepted by the rules themselves.
        if diagnostic.accepted.is_none() {
            let accepted = exception(layout.plan.source, &diagnostic.code, &subject);
            if let Some((name, exception)) = accepted {
                used.insert(name.clone());
                diagnostic.accepted = Some(exception.reason.clone());
            } else {
                let hint = format!(
                    "where it is meant: `exceptions: {{NAME: {{code: {}, subject: {subject}, reason: …}}}}`",
                    diagnostic.code
                );
                diagnostic = diagnostic.hint(hint);
            }
        }
        layout.report(diagnostic);
    }
    report_unused(&used, layout);
    posture
}

/// What the stack says to accept a finding, if it does.
fn exception<'s>(
    source: &'s StackCluster,
    code: &str,
    subject: &str,
) -> Option<(&'s String, &'s ExceptionSpec)> {
    source.exceptions.iter().find(|(_, exception)| {
        let about = exception.subject.as_deref();
        exception.code == code && about.is_none_or(|about| about == subject)
    })
}

fn subject<'a>(
    objects: &'a Collector<'_>,
    files: &'a [(&PluginName, File)],
    layout: &Layout<'a>,
) -> Subject<'a> {
    let plan = layout.plan;
    let mut subject = Subject::new(&plan.source.cluster, &plan.facts);
    let configs = plan.source.configs.iter();
    subject.configs = configs
        .map(|(plugin, config)| (plugin.as_str(), &config.json))
        .collect();
    for collected in objects.iter() {
        let unit = &collected.placed.unit;
        subject.add_object(Object {
            value: &collected.placed.object,
            phase: unit.phase,
            origin: match collected.origin {
                Origin::Plugin | Origin::Host => Maker::Plugin(unit.plugin.as_str()),
                Origin::HandWritten(_) => Maker::HandWritten,
            },
        });
    }
    subject
        .files
        .extend(files.iter().map(|(plugin, file)| HostFile {
            target: &file.target,
            path: &file.path,
            content: &file.content,
            activation: &file.activation,
            plugin: plugin.as_str(),
        }));
    subject
}

fn diagnostic(finding: Finding, span: Span) -> Diagnostic {
    let message = format!("{}: {}", finding.subject, finding.message);
    let mut diagnostic = Diagnostic::new(finding.severity, finding.code, message).at(span);
    diagnostic.hints = finding.hints;
    diagnostic.accepted = finding.accepted.map(str::to_owned);
    diagnostic
}

fn span(
    finding: &Finding,
    objects: &Collector<'_>,
    files: &[(&PluginName, File)],
    layout: &Layout<'_>,
) -> Span {
    let source = layout.plan.source;
    match &finding.place {
        Place::Cluster(at) => source.merged.place(pointer::segments(at)),
        Place::Config { plugin, pointer } => config_place(source, plugin, pointer),
        Place::Object(index, at) => match objects.iter().nth(index.0) {
            Some(found) => place(layout, &found.placed.unit.plugin, found.origin, at),
            None => layout.plugin_place(&stack()),
        },
        Place::File(index, _) => layout.plugin_place(files[*index].0),
    }
}

/// An exception that no finding needs any more would hide the next one.
fn report_unused(used: &BTreeSet<String>, layout: &mut Layout<'_>) {
    let source = layout.plan.source;
    for (name, exception) in &source.exceptions {
        let code = exception.code.as_str();
        let codes = || ztgit_lint::rules().iter().map(|rule| rule.code);
        let diagnostic = if !codes().any(|known| known == code) {
            let unknown = Diagnostic::error(
                "unknown-reference",
                format!("no lint rule has the code `{code}`"),
            );
            did_you_mean(code, codes())
                .into_iter()
                .fold(unknown, Diagnostic::hint)
        } else if !used.contains(name) {
            Diagnostic::warning(
                "unused-exception",
                format!("nothing is found that exception `{name}` would accept"),
            )
            .hint("remove it")
        } else {
            continue;
        };
        let place = source.merged.place(["exceptions", name, "code"]);
        layout.report(diagnostic.at(place));
    }
}

//! What was found in clusters, as text and as SARIF.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ztgit_cluster::report::{
    Change, ChangeKind, ClusterReport, Finding, FleetReport, Shown, Status, Weight,
};

use crate::context::Context;
use crate::diagnostic::Severity;
use crate::plugin::escaped;
use crate::sarif;

/// As wide as the longest status.
const STATUS_WIDTH: usize = 17;
/// A value of more characters is cut: the whole of it is in the JSON report.
const VALUE_LENGTH: usize = 120;

/// Prints a report, and what to do about each status in it.
pub(super) fn print(context: &Context, report: &FleetReport) {
    for cluster in &report.clusters {
        for finding in &cluster.findings {
            context.ui.line(&text(&cluster.name, finding));
        }
        context.ui.line(&summary(cluster));
    }
    let statuses: BTreeSet<Status> = report
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.findings)
        .map(|finding| finding.status)
        .collect();
    if statuses.contains(&Status::Pending) {
        context
            .ui
            .warn("git has what clusters have not applied yet");
    }
    for status in statuses {
        let code = status.code();
        context
            .ui
            .note(&format!("{}: see `ztgit explain {code}`", status.name()));
    }
}

/// How many of a cluster are as they should be, and how many not.
pub(super) fn summary(cluster: &ClusterReport) -> String {
    let count = |weights: &[Weight]| {
        cluster
            .findings
            .iter()
            .filter(|finding| weights.contains(&finding.status.weight()))
            .count()
    };
    let mut text = format!(
        "{}: {} objects as git has them, {} not",
        cluster.name,
        cluster.clean,
        count(&[Weight::Drift, Weight::Untrusted])
    );
    for (weight, what) in [
        (Weight::Unknown, "unknown"),
        (Weight::Pending, "pending"),
        (Weight::Warning, "warnings"),
    ] {
        let found = count(&[weight]);
        if found > 0 {
            let _ = write!(text, ", {found} {what}");
        }
    }
    if !cluster.revisions.is_empty() {
        let _ = write!(text, ", at {}", cluster.revisions.join(", "));
    }
    text
}

/// A finding in one line, and its details in lines below. What the cluster says
/// is a stranger's, so it is escaped.
fn text(cluster: &str, finding: &Finding) -> String {
    let mut text = format!("{:<STATUS_WIDTH$} {cluster}", finding.status.name());
    if let Some(object) = &finding.object {
        let _ = write!(text, ": {}", escaped(&object.to_string()));
    }
    if let Some(unit) = &finding.unit {
        let _ = write!(text, " of {}", escaped(unit));
    }
    let _ = write!(text, " ({})", finding.reason.name());
    for detail in details(finding) {
        let _ = write!(text, "\n{:STATUS_WIDTH$} {}", "", escaped(&detail));
    }
    text
}

fn details(finding: &Finding) -> Vec<String> {
    let mut details: Vec<String> = finding.changes.iter().map(change).collect();
    details.extend(finding.message.clone());
    if !finding.managers.is_empty() {
        details.push(format!("managers: {}", names(&finding.managers)));
    }
    details.extend(finding.file.clone());
    details
}

fn change(change: &Change) -> String {
    let value = |shown: &Option<Shown>| shown.as_ref().map_or("nothing".to_owned(), short);
    let mut text = match change.kind {
        ChangeKind::Changed => format!(
            "{}: {} in git, {} in the cluster",
            change.path,
            value(&change.expected),
            value(&change.found)
        ),
        ChangeKind::Added => format!("{}: {} was added", change.path, value(&change.found)),
        ChangeKind::Removed => {
            format!(
                "{}: {} was taken away",
                change.path,
                value(&change.expected)
            )
        }
    };
    if !change.managers.is_empty() {
        let _ = write!(text, ", by {}", names(&change.managers));
    }
    text
}

fn short(shown: &Shown) -> String {
    let text = shown.value().to_string();
    match text.char_indices().nth(VALUE_LENGTH) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn names(managers: &BTreeSet<String>) -> String {
    managers
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The findings for a code host, each at the file that it is about.
pub(super) fn sarif(report: &FleetReport) -> Vec<sarif::Finding> {
    report
        .clusters
        .iter()
        .flat_map(|cluster| {
            cluster.findings.iter().map(|finding| sarif::Finding {
                rule: finding.status.code().to_owned(),
                severity: severity(finding.status),
                message: text(&cluster.name, finding),
                place: finding.file.clone().map(|file| (file, None)),
                accepted: None,
            })
        })
        .collect()
}

fn severity(status: Status) -> Severity {
    match status.weight() {
        Weight::Clean | Weight::Pending => Severity::Info,
        Weight::Warning => Severity::Warning,
        Weight::Drift | Weight::Unknown | Weight::Untrusted => Severity::Error,
    }
}

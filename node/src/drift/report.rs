//! A report on a node, as JSON that other machines read.
//!
//! Where it comes from a node, it is a stranger's text: the node may be in other
//! hands. [`judge`] bounds it, takes nothing from it for granted that follows
//! from the rest, and makes all of it safe to print.

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::manifest::API_VERSION;
use crate::path::HostPath;
use crate::source::Source;
use crate::state::Installation;
use crate::text::escaped;

const KIND: &str = "HostDriftReport";
/// Bytes that a report may have.
pub const LARGEST_REPORT: u64 = 1 << 20;
const MOST_FINDINGS: usize = 2000;
const LONGEST_TEXT: usize = 400;

/// What was found on a node.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Report {
    api_version: String,
    kind: String,
    /// The cluster's name.
    pub cluster: String,
    /// The node's name.
    pub node: String,
    /// The digest of the manifest that the node was compared to.
    pub manifest: Sha256,
    /// What was looked at.
    pub scope: Scope,
    /// How many files should be there.
    pub files: usize,
    /// Everything that is not as it should be, or not known.
    pub findings: Vec<Finding>,
}

/// What a report is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Files, and what is in effect.
    Live,
    /// Files alone, in a directory that stands for a node.
    Directory,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// What differs: a path, or something by its name.
    pub subject: String,
    /// The file that it follows from.
    #[serde(skip)]
    pub(crate) path: Option<HostPath>,
    /// In which way.
    pub kind: Kind,
    /// As it should be; for what is not known, nothing.
    pub expected: String,
    /// As it is, or why that is not known.
    pub found: String,
}

/// In which way something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A file is not there.
    Missing,
    /// Something is there that should not be.
    Extra,
    /// It is no regular file.
    Type,
    /// Its bytes differ.
    Content,
    /// Its permissions differ.
    Mode,
    /// Its user or group differ.
    Owner,
    /// The file has a second name.
    Links,
    /// The file is right, and something else is in effect.
    NotInEffect,
    /// It could not be found out.
    Unknown,
}

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything is as it should be.
    Clean,
    /// Something differs.
    Drift,
    /// Nothing is known to differ, and not everything is known.
    Unknown,
}

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// More than a report has.
    #[error("the report is larger than any report")]
    TooLarge,
    /// Not of the one shape that reports have.
    #[error("this is no {KIND} of {API_VERSION}: {0}")]
    Malformed(String),
}

impl Report {
    pub(super) fn new(expected: &Installation, scope: Scope, findings: Vec<Finding>) -> Self {
        Self {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            cluster: expected.cluster.clone(),
            node: expected.node.clone(),
            manifest: expected.manifest,
            scope,
            files: expected.files.len(),
            findings,
        }
    }

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        let is_unknown = |finding: &Finding| finding.kind == Kind::Unknown;
        if self.findings.iter().any(|finding| !is_unknown(finding)) {
            Verdict::Drift
        } else if self.findings.iter().any(is_unknown) {
            Verdict::Unknown
        } else {
            Verdict::Clean
        }
    }
}

impl Finding {
    pub(super) fn new(path: &HostPath, kind: Kind, expected: &str, found: &str) -> Self {
        Self {
            path: Some(path.clone()),
            ..Self::of(path.as_str(), kind, expected, found)
        }
    }

    pub(super) fn of(subject: &str, kind: Kind, expected: &str, found: &str) -> Self {
        Self {
            subject: escaped(subject, LONGEST_TEXT),
            path: None,
            kind,
            expected: escaped(expected, LONGEST_TEXT),
            found: escaped(found, LONGEST_TEXT),
        }
    }

    pub(super) fn unknown(subject: &str, why: &str) -> Self {
        Self::of(subject, Kind::Unknown, "", why)
    }
}

/// Reads a report that a node made, and compares it to the folder that the node
/// should have been compared to.
pub fn judge(report: &[u8], source: Option<&Source>) -> Result<Report, JudgeError> {
    if report.len() as u64 > LARGEST_REPORT {
        return Err(JudgeError::TooLarge);
    }
    let malformed = |message: &str| JudgeError::Malformed(escaped(message, LONGEST_TEXT));
    let mut report: Report =
        serde_json::from_slice(report).map_err(|error| malformed(&error.to_string()))?;
    if report.api_version != API_VERSION || report.kind != KIND {
        return Err(malformed("it says that it is something else"));
    }
    if report.findings.len() > MOST_FINDINGS {
        return Err(JudgeError::TooLarge);
    }
    for text in [&mut report.cluster, &mut report.node] {
        *text = escaped(text, LONGEST_TEXT);
    }
    for finding in &mut report.findings {
        for text in [
            &mut finding.subject,
            &mut finding.expected,
            &mut finding.found,
        ] {
            *text = escaped(text, LONGEST_TEXT);
        }
    }
    if report.scope != Scope::Live {
        let finding = Finding::unknown("scope", "only files were looked at, not what is in effect");
        report.findings.push(finding);
    }
    if source.is_some_and(|source| source.manifest != report.manifest) {
        let why = format!("the node was compared to another one, {}", report.manifest);
        report.findings.push(Finding::unknown("manifest", &why));
    }
    if source.is_some_and(|it| (&it.cluster, &it.node) != (&report.cluster, &report.node)) {
        let finding = Finding::unknown("node", "the report is on another one");
        report.findings.push(finding);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: &str, scope: &str) -> String {
        let manifest = Sha256::of(b"");
        format!(
            r#"{{"apiVersion":"ztgit.dev/v1alpha1","kind":"HostDriftReport","cluster":"c","node":"n",
            "manifest":"{manifest}","scope":"{scope}","files":1,"findings":[{findings}]}}"#
        )
    }

    fn source(node: &str, manifest: &[u8]) -> Source {
        Source {
            cluster: "c".to_owned(),
            node: node.to_owned(),
            manifest: Sha256::of(manifest),
            files: Vec::new(),
        }
    }

    fn verdict(text: &str) -> Verdict {
        judge(text.as_bytes(), Some(&source("n", b"")))
            .unwrap()
            .verdict()
    }

    const DRIFT: &str = r#"{"subject":"/a","kind":"mode","expected":"0600","found":"0644"}"#;
    const UNKNOWN: &str = r#"{"subject":"/a","kind":"unknown","expected":"","found":"no"}"#;

    #[test]
    fn what_is_not_known_is_not_clean() {
        assert_eq!(verdict(&report("", "live")), Verdict::Clean);
        assert_eq!(verdict(&report(DRIFT, "live")), Verdict::Drift);
        assert_eq!(verdict(&report(UNKNOWN, "live")), Verdict::Unknown);
        assert_eq!(verdict(&report("", "directory")), Verdict::Unknown);
        for other in [source("n", b"x"), source("m", b"")] {
            let judged = judge(report("", "live").as_bytes(), Some(&other)).unwrap();
            assert_eq!(judged.verdict(), Verdict::Unknown);
        }
    }

    #[test]
    fn a_hostile_report_is_bounded_and_cannot_move_the_cursor() {
        let hostile = DRIFT.replace("/a", "\\u001b[2J\\u202e");
        let read = judge(report(&hostile, "live").as_bytes(), None).unwrap();
        assert_eq!(read.findings[0].subject, "\\u{1b}[2J\\u{202e}");
        let many = vec![DRIFT; MOST_FINDINGS + 1].join(",");
        assert!(judge(report(&many, "live").as_bytes(), None).is_err());
        assert!(judge(" ".repeat((1 << 20) + 1).as_bytes(), None).is_err());
        assert!(judge("[".repeat(100_000).as_bytes(), None).is_err());
    }

    #[test]
    fn another_shape_is_refused() {
        for bad in ["", "{}", "[]", "null"] {
            assert!(judge(bad.as_bytes(), None).is_err(), "{bad}");
        }
        let more = report("", "live").replacen('{', r#"{"verdict":"clean","#, 1);
        assert!(judge(more.as_bytes(), None).is_err());
    }
}

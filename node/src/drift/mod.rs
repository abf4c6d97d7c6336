//! Whether a node is as its folder says: on the disk, and in effect.

mod files;
mod loaded;
mod report;

use std::collections::BTreeSet;

use crate::activation::{self, Due};
use crate::error::Error;
use crate::host::Host;
use crate::manifest::Lifecycle;
use crate::source::Source;
use crate::state::{
    Change, Installation, InstalledFile, Lock, Patience, Phase, State, Transaction, Version,
};

pub use report::{Finding, JudgeError, Kind, LARGEST_REPORT, Report, Scope, Verdict, judge};

/// Compares a node to a folder, or to what was applied last. Changes nothing.
pub fn drift(host: &mut Host<'_>, source: Option<&Source>) -> Result<Report, Error> {
    let _lock = Lock::take(host, Patience::Wait)?;
    let state = State::load(host)?;
    let expected = match source {
        Some(source) => Installation::of(source),
        None => state.installed.clone().ok_or_else(|| {
            Error::Obstacle("nothing was applied here yet: name a folder".to_owned())
        })?,
    };
    let mut findings = Vec::new();
    if let Some(transaction) = state.transaction.filter(Transaction::is_open) {
        let name = format!("apply {}", transaction.id);
        findings.push(match transaction.phase {
            Phase::Unconfirmed(_) => Finding::unknown(&name, "it is not confirmed yet"),
            _ => Finding::unknown(&name, "it was cut short and is not taken back yet"),
        });
    }
    findings.extend(files::findings(host, &expected));
    let scope = if host.is_live {
        findings.extend(loaded::findings(host, &expected));
        Scope::Live
    } else {
        Scope::Directory
    };
    Ok(Report::new(&expected, scope, findings))
}

/// What has to be done for everything to be in effect that is on the disk.
pub(crate) fn unloaded(host: &mut Host<'_>, installed: &Installation) -> BTreeSet<Due> {
    if !host.is_live {
        return BTreeSet::new();
    }
    let findings = loaded::findings(host, installed);
    let differing = installed.files.iter().filter(|(path, _)| {
        let is_meant = |finding: &Finding| finding.path.as_ref() == Some(path);
        findings
            .iter()
            .any(|finding| is_meant(finding) && finding.kind == Kind::NotInEffect)
    });
    let changes: Vec<_> = differing
        .map(|(path, file)| {
            let version = Some(Version {
                sha256: file.sha256,
                metadata: host.owned(file.mode),
            });
            Change {
                path: path.clone(),
                before: version,
                after: version,
                steps_before: Vec::new(),
                steps_after: file.activation.clone(),
            }
        })
        .collect();
    activation::forward(&changes)
}

impl Installation {
    fn of(source: &Source) -> Self {
        let files = source.files.iter().map(|file| {
            let installed = InstalledFile {
                sha256: file.sha256,
                mode: file.mode,
                lifecycle: file.lifecycle,
                activation: file.activation.clone(),
            };
            (file.path.clone(), installed)
        });
        Self {
            cluster: source.cluster.clone(),
            node: source.node.clone(),
            manifest: source.manifest,
            files: files.collect(),
        }
    }
}

impl InstalledFile {
    fn is_managed(&self) -> bool {
        self.lifecycle == Lifecycle::Managed
    }
}

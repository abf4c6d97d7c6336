//! What an apply would do, for somebody to read.

use serde::Serialize;

use crate::activation;
use crate::compare::{Comparison, Pending, compare};
use crate::digest::Mode;
use crate::error::Error;
use crate::format::{self, Format};
use crate::guard::Held;
use crate::host::Host;
use crate::path::HostPath;
use crate::source::Source;
use crate::state::{Lock, Patience, State};
use crate::transaction;

/// What an apply would do.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The cluster's name.
    pub cluster: String,
    /// The node's name.
    pub node: String,
    /// Files, in the order in which they are written.
    pub changes: Vec<PlannedChange>,
    /// Files that are kept back.
    pub held: Vec<Held>,
    /// What takes effect then, in this order.
    pub activation: Vec<String>,
}

/// A file that would change.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedChange {
    /// The file.
    pub path: HostPath,
    /// What becomes of it.
    pub action: Action,
    /// Its mode and owner now.
    pub before: Option<Ownership>,
    /// Its mode and owner then.
    pub after: Option<Ownership>,
    /// How its text changes.
    pub diff: Diff,
}

/// A file's mode and owner.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Ownership {
    /// Permission bits.
    pub mode: Mode,
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is new.
    Create,
    /// It says something else.
    Change,
    /// Only mode or owner change.
    Permissions,
    /// It goes.
    Remove,
}

/// How a text changes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Diff {
    /// Line by line.
    Unified(String),
    /// Not at all.
    Same,
    /// What is there was not rendered, so it may hold a secret and is not shown.
    Foreign,
}

/// Says what [`apply`](crate::apply) would do now; changes nothing.
pub fn plan(host: &mut Host<'_>, source: &Source) -> Result<Plan, Error> {
    let _lock = Lock::take(host, Patience::Refuse)?;
    let state = State::load(host)?;
    transaction::check_node(&state, source)?;
    let comparison = compare(host, &state, source)?;
    Ok(of(source, comparison))
}

fn of(source: &Source, comparison: Comparison) -> Plan {
    let changes = comparison.pending.iter().map(|pending| &pending.change);
    let activation = activation::forward(changes)
        .iter()
        .map(ToString::to_string)
        .collect();
    Plan {
        cluster: source.cluster.clone(),
        node: source.node.clone(),
        changes: comparison.pending.iter().map(PlannedChange::of).collect(),
        held: comparison.held,
        activation,
    }
}

impl PlannedChange {
    /// For a plan, and for what an apply says it did.
    pub(crate) fn of(pending: &Pending) -> Self {
        let change = &pending.change;
        let action = match (change.before, change.after) {
            (None, _) => Action::Create,
            (_, None) => Action::Remove,
            (Some(before), Some(after)) if before.sha256 == after.sha256 => Action::Permissions,
            _ => Action::Change,
        };
        let ownership = |version: crate::state::Version| Ownership {
            mode: version.metadata.mode,
            uid: version.metadata.uid,
            gid: version.metadata.gid,
        };
        Self {
            path: change.path.clone(),
            action,
            before: change.before.map(ownership),
            after: change.after.map(ownership),
            diff: diff(pending),
        }
    }
}

fn diff(pending: &Pending) -> Diff {
    let path = &pending.change.path;
    if pending.old == pending.new {
        return Diff::Same;
    }
    let (Some(old), Some(new)) = (
        shown(path, pending.old.as_deref()),
        shown(path, pending.new.as_deref()),
    ) else {
        return Diff::Foreign;
    };
    let diff = similar::TextDiff::from_lines(old, new);
    let header = |text: &str, present| if present { text } else { "/dev/null" }.to_owned();
    let (from, to) = (
        header(path.as_str(), pending.old.is_some()),
        header(path.as_str(), pending.new.is_some()),
    );
    Diff::Unified(diff.unified_diff().header(&from, &to).to_string())
}

/// A text that passes the list of its format: there is no secret in it, because
/// no list has a key for one.
fn shown<'a>(path: &HostPath, content: Option<&'a [u8]>) -> Option<&'a str> {
    let Some(content) = content else {
        return Some("");
    };
    format::check(Format::of(path)?, path, content).ok()?;
    std::str::from_utf8(content).ok()
}

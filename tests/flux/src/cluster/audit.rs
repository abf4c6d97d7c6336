//! Who wrote what, in which order.
//!
//! Creation times have seconds, and Flux applies dozens of objects in one. The
//! API server's audit log has every write as it was done.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub(super) const POLICY: &str = "audit-policy.json";
pub(super) const LOG: &str = "audit.log";

/// A write that the API server carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// When it was done: RFC 3339 with microseconds, so texts sort as times do.
    pub at: String,
    /// The program that asked for it.
    pub program: String,
    /// What it was.
    pub action: Action,
    /// The object's API group.
    pub group: String,
    /// The kind's plural.
    pub resource: String,
    /// The object's namespace, where it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// What a write did to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The object was not there before.
    Create,
    /// It was.
    Change,
    /// It is to go.
    Delete,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    verb: String,
    #[serde(rename = "requestURI")]
    uri: String,
    #[serde(default)]
    user_agent: String,
    object_ref: Option<Reference>,
    response_status: Option<Status>,
    stage_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    #[serde(default)]
    api_group: String,
    resource: String,
    namespace: Option<String>,
    #[serde(default)]
    name: String,
    subresource: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    code: u16,
}

/// Writes the policy that says what is recorded; gives the log's path.
pub(super) fn write_policy(directory: &Path) -> PathBuf {
    let policy = serde_json::json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "verbs": ["get", "list", "watch"]},
            {"level": "None", "resources": [{"group": "", "resources": ["events"]}]},
            {"level": "Metadata"},
        ],
    });
    fs::write(directory.join(POLICY), policy.to_string()).expect("the directory is writable");
    directory.join(LOG)
}

/// All writes of whole objects so far, in their order. What was only tried, what
/// was refused, and statuses are left out.
pub(super) fn writes(log: &Path) -> Vec<Write> {
    let text = fs::read_to_string(log).expect("the API server writes its audit log");
    // The last line may not be complete yet.
    let complete = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
    let mut writes: Vec<Write> = complete.lines().filter_map(parse).collect();
    writes.sort_by(|a, b| a.at.cmp(&b.at));
    writes
}

fn parse(line: &str) -> Option<Write> {
    write(serde_json::from_str(line).expect("an audit entry has this shape"))
}

fn write(entry: Entry) -> Option<Write> {
    let (reference, status) = (entry.object_ref?, entry.response_status?);
    let is_real = (200..300).contains(&status.code)
        && reference.subresource.is_none()
        && !entry.uri.contains("dryRun=");
    let action = match entry.verb.as_str() {
        _ if !is_real => return None,
        "delete" | "deletecollection" => Action::Delete,
        _ if status.code == 201 => Action::Create,
        _ => Action::Change,
    };
    let program = entry.user_agent.split('/').next().unwrap_or_default();
    Some(Write {
        at: entry.stage_timestamp,
        program: program.to_owned(),
        action,
        group: reference.api_group,
        resource: reference.resource,
        namespace: reference.namespace,
        name: reference.name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(uri: &str, subresource: &str, code: u16) -> String {
        serde_json::json!({
            "verb": "patch",
            "requestURI": uri,
            "userAgent": "kustomize-controller/v0.0.0 (linux/amd64)",
            "objectRef": {"resource": "pods", "name": "web", "subresource": subresource},
            "responseStatus": {"code": code},
            "stageTimestamp": "2026-01-01T00:00:00.000000Z",
        })
        .to_string()
        .replace(",\"subresource\":\"\"", "")
    }

    fn action(uri: &str, subresource: &str, code: u16) -> Option<Action> {
        parse(&entry(uri, subresource, code)).map(|write| write.action)
    }

    #[test]
    fn an_apply_creates_or_changes() {
        assert_eq!(action("/pods/web", "", 201), Some(Action::Create));
        assert_eq!(action("/pods/web", "", 200), Some(Action::Change));
    }

    #[test]
    fn what_was_tried_or_refused_or_a_status_is_no_write() {
        assert_eq!(action("/pods/web?dryRun=All", "", 201), None);
        assert_eq!(action("/pods/web", "", 422), None);
        assert_eq!(action("/pods/web/status", "status", 200), None);
    }
}

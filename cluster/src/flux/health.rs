//! What Flux says of its own work, as findings.
//!
//! `Ready` of a Kustomization flips between `False` and `Unknown` at every retry;
//! its history keeps how the last attempt ended.

use super::source::{Source, SourceRef};
use super::unit::Unit;
use super::{condition, is_observed};
use crate::fleet::Verification;
use crate::report::{Finding, Reason, Status};

const SUCCEEDED: &str = "ReconciliationSucceeded";

/// How far a unit has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Applied {
    /// To what git has.
    Newest,
    /// To what git had.
    Older {
        /// The commit that is applied.
        commit: String,
        /// The one that it should be.
        newest: String,
    },
    /// Not to its first commit.
    Nothing,
}

/// What there is to say of a unit, if anything: the worst of it.
pub(crate) fn unit_finding(unit: &Unit, applied: &Applied) -> Option<Finding> {
    let finding = |status, reason| {
        Finding::new(status, reason)
            .in_unit(&unit.name.name)
            .about(unit.reference())
    };
    if unit.is_suspended() {
        return Some(finding(Status::Suspended, Reason::Suspended).saying("spec.suspend is set"));
    }
    if let Some((status, reason, message)) = not_ready(unit) {
        return Some(finding(status, reason).saying(message));
    }
    if !is_observed(&unit.object) {
        let message = "kustomize-controller has not seen its newest generation";
        return Some(finding(Status::Pending, Reason::NotObserved).saying(message));
    }
    let message = match applied {
        Applied::Newest => return None,
        Applied::Nothing => "nothing has been applied yet".to_owned(),
        Applied::Older { commit, newest } => {
            format!("{commit} is applied, the newest commit is {newest}")
        }
    };
    Some(finding(Status::Pending, Reason::NewerRevision).saying(message))
}

fn not_ready(unit: &Unit) -> Option<(Status, Reason, String)> {
    let ready = condition(&unit.object, "Ready")?;
    let said = format!("{}: {}", ready.reason, ready.message);
    match ready.status {
        "False" if ready.reason == "DependencyNotReady" => {
            Some((Status::Pending, Reason::DependencyNotReady, said))
        }
        "False" => Some((Status::Failed, Reason::NotReady, said)),
        "Unknown" => last_failure(unit).map(|end| {
            let message = format!("the last attempt ended with {end}; Flux tries again: {said}");
            (Status::Failed, Reason::NotReady, message)
        }),
        _ => None,
    }
}

/// How the attempt before the one that is going on ended, if not well.
fn last_failure(unit: &Unit) -> Option<&str> {
    let end = unit.object["status"]["history"][0]["lastReconciledStatus"].as_str()?;
    (end != SUCCEEDED).then_some(end)
}

/// What there is to say of a source.
pub(crate) fn source_findings(
    name: &SourceRef,
    source: Option<&Source>,
    verification: Verification,
) -> Vec<Finding> {
    let finding = |status, reason| Finding::new(status, reason).about(name.reference());
    let Some(source) = source else {
        let message = "units name it as their source";
        return vec![finding(Status::Failed, Reason::Absent).saying(message)];
    };
    let mut findings = Vec::new();
    let unverified = unverified(source, verification);
    if let Some(message) = &unverified {
        findings.push(finding(Status::SourceUnverified, Reason::Unverified).saying(message));
    }
    if source.is_suspended() {
        findings.push(finding(Status::Suspended, Reason::Suspended).saying("spec.suspend is set"));
        return findings;
    }
    let ready = condition(&source.0, "Ready");
    let failed = ready.filter(|ready| ready.status == "False" && unverified.is_none());
    if let Some(ready) = failed {
        let message = format!("{}: {}", ready.reason, ready.message);
        findings.push(finding(Status::Failed, Reason::NotReady).saying(message));
    } else if !is_observed(&source.0) && unverified.is_none() {
        let message = "source-controller has not seen its newest generation";
        findings.push(finding(Status::Pending, Reason::NotObserved).saying(message));
    }
    findings
}

/// Why a source's contents are nobody's in particular.
fn unverified(source: &Source, verification: Verification) -> Option<String> {
    if !source.verifies() {
        let is_wanted = verification == Verification::Required;
        return is_wanted.then(|| "it does not verify who signed (spec.verify)".to_owned());
    }
    match condition(&source.0, "SourceVerified") {
        Some(verified) if verified.status == "True" => None,
        Some(verified) => Some(format!("{}: {}", verified.reason, verified.message)),
        None => Some("it has spec.verify, and nothing was verified yet".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn unit(status: &Value) -> Unit {
        Unit::of(json!({
            "metadata": {"namespace": "flux-system", "name": "allow-cilium", "generation": 2},
            "spec": {}, "status": status,
        }))
    }

    fn judged(status: &Value) -> Option<(Status, Reason)> {
        unit_finding(&unit(status), &Applied::Newest).map(|f| (f.status, f.reason))
    }

    fn ready(status: &str, reason: &str) -> Value {
        json!({"observedGeneration": 2, "conditions": [
            {"type": "Ready", "status": status, "reason": reason, "message": "m"},
        ]})
    }

    #[test]
    fn a_ready_unit_at_the_newest_commit_is_nothing_to_speak_of() {
        assert_eq!(judged(&ready("True", SUCCEEDED)), None);
    }

    #[test]
    fn git_ahead_is_pending() {
        let unit = unit(&ready("True", SUCCEEDED));
        let older = Applied::Older {
            commit: "a".to_owned(),
            newest: "b".to_owned(),
        };
        for applied in [older, Applied::Nothing] {
            let finding = unit_finding(&unit, &applied).unwrap();
            assert_eq!(finding.status, Status::Pending);
        }
    }

    #[test]
    fn waiting_for_another_unit_is_no_failure() {
        let pending = Some((Status::Pending, Reason::DependencyNotReady));
        assert_eq!(judged(&ready("False", "DependencyNotReady")), pending);
        let failed = Some((Status::Failed, Reason::NotReady));
        assert_eq!(judged(&ready("False", "BuildFailed")), failed);
    }

    #[test]
    fn a_retry_does_not_hide_the_failure() {
        let mut status = ready("Unknown", "Progressing");
        assert_eq!(judged(&status), None);
        status["history"] = json!([{"lastReconciledStatus": "HealthCheckFailed"}]);
        assert_eq!(judged(&status), Some((Status::Failed, Reason::NotReady)));
    }

    #[test]
    fn a_generation_not_seen_is_pending() {
        let mut status = ready("True", SUCCEEDED);
        status["observedGeneration"] = json!(1);
        assert_eq!(
            judged(&status),
            Some((Status::Pending, Reason::NotObserved))
        );
    }

    fn source(spec: &Value, verified: Option<&str>) -> Vec<Status> {
        let conditions: Vec<Value> = verified
            .into_iter()
            .map(|status| json!({"type": "SourceVerified", "status": status}))
            .collect();
        let source = Source::of(json!({"spec": spec, "metadata": {"generation": 1},
            "status": {"observedGeneration": 1, "conditions": conditions}}));
        let name = unit(&json!({})).source();
        let findings = source_findings(&name, Some(&source), Verification::AsConfigured);
        findings.iter().map(|finding| finding.status).collect()
    }

    #[test]
    fn a_source_that_verifies_has_to_have_succeeded() {
        let verify = json!({"verify": {"mode": "HEAD"}});
        assert!(source(&json!({}), None).is_empty());
        assert!(source(&verify, Some("True")).is_empty());
        assert_eq!(source(&verify, None), [Status::SourceUnverified]);
        assert_eq!(source(&verify, Some("False")), [Status::SourceUnverified]);
    }
}

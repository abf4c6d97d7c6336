//! One object: what git has, against what the cluster has, as Flux compares.
//!
//! Enters: an object of git, the unit that applies it, the live object where it is
//! known already. Leaves: a [`Verdict`]. Invariant: it is clean only if all that
//! Flux compares was compared.

mod additions;
mod difference;
mod dry_run;
mod foreign;
mod guarded;
mod owned;
mod prepared;
mod quantity;

use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) use guarded::{POLICIES, is_policy};

use crate::connection::{Connection, FLUX_MANAGER, Kinds, Served};
use crate::desired::DesiredObject;
use crate::fields::{self, FieldSet, Manager};
use crate::fleet::Mode;
use crate::flux::{self, Exclusion, IgnoreRules, Unit};
use crate::object::{group_version, identity};
use crate::obstacle::Obstacle;
use crate::report::{Change, Finding, ObjectRef, Reason, Shown, Status};
use difference::Difference;

/// Groups whose kinds an identity for dry-runs had better not be able to patch:
/// with them it could take its own fence down. There Flux's fields have to do.
const UNPATCHED: [&str; 2] = ["admissionregistration.k8s.io", "rbac.authorization.k8s.io"];

/// What an object is.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// As git has it.
    Clean,
    /// Git says that Flux is to leave it alone.
    LeftAlone,
    /// Something else.
    Found(Vec<Finding>),
}

/// How the objects of a unit are compared.
pub(crate) struct Comparison<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) kinds: &'a Kinds,
    pub(crate) mode: Mode,
    pub(crate) unit: &'a Unit,
    pub(crate) rules: &'a IgnoreRules,
}

/// An object on its way through the comparison.
struct Case<'a> {
    id: ObjectRef,
    served: &'a Served,
    desired: &'a DesiredObject,
    prepared: Value,
}

impl Case<'_> {
    fn collection(&self) -> String {
        self.served.collection(self.id.namespace.as_deref())
    }

    /// A value of the object as a report may have it. What git encrypts is secret
    /// whatever the kind: the cluster has it in the clear.
    fn shown(&self, value: &Value) -> Shown {
        if prepared::is_encrypted(&self.desired.object) {
            Shown::masked(value)
        } else {
            Shown::of(&self.id, value)
        }
    }

    /// Differences as a report shows them.
    fn changes<'d>(
        &self,
        live: &Value,
        managers: &[Manager],
        differences: impl IntoIterator<Item = Difference<'d>>,
    ) -> Vec<Change> {
        let change = |difference: Difference<'d>| {
            let mut owners = fields::owners(live, managers, &difference.pointer);
            owners.remove(FLUX_MANAGER);
            Change {
                kind: difference.kind(),
                expected: difference.expected.map(|value| self.shown(value)),
                found: difference.found.map(|value| self.shown(value)),
                path: difference.pointer,
                managers: owners,
            }
        };
        differences.into_iter().map(change).collect()
    }
}

impl Comparison<'_> {
    /// Judges an object.
    pub(crate) async fn judge(&self, desired: &DesiredObject, live: Option<&Value>) -> Verdict {
        let Some(id) = identity(&desired.object) else {
            let message = format!("{} holds no object of Kubernetes", desired.file);
            let unreadable = Obstacle::new(Reason::CommitUnreadable, message);
            return Verdict::Found(vec![unreadable.finding().in_unit(&self.unit.name.name)]);
        };
        match self.judged(id.clone(), desired, live).await {
            Ok(verdict) => verdict,
            Err(obstacle) => {
                let obstacle = speakable(&id, obstacle);
                Verdict::Found(vec![self.placed(obstacle.finding(), id, desired)])
            }
        }
    }

    async fn judged(
        &self,
        mut id: ObjectRef,
        desired: &DesiredObject,
        live: Option<&Value>,
    ) -> Result<Verdict, Obstacle> {
        let (group, version) = group_version(&desired.object);
        let served = self.kinds.find(group, version, &id.kind)?;
        if !served.is_namespaced() {
            id.namespace = None;
        }
        let case = Case {
            id,
            served,
            desired,
            prepared: prepared::prepared(&desired.object, self.unit),
        };
        let live = match live {
            Some(live) => Some(live.clone()),
            None => self.fetch(&case).await?,
        };
        match (flux::excluded(&desired.object, live.as_ref()), live) {
            (Some(Exclusion::Desired), _) => Ok(Verdict::LeftAlone),
            (_, None) => Ok(self.found(Status::Missing, Reason::Absent, case)),
            (Some(Exclusion::Live), Some(live)) => Ok(self.withdrawn(case, &live)),
            (None, Some(live)) => self.compared(case, live).await,
        }
    }

    async fn fetch(&self, case: &Case<'_>) -> Result<Option<Value>, Obstacle> {
        self.connection.get(&case.collection(), &case.id.name).await
    }

    /// Compares with a live object.
    async fn compared(&self, case: Case<'_>, live: Value) -> Result<Verdict, Obstacle> {
        let by_ownership =
            self.mode == Mode::ReadOnly || prepared::is_encrypted(&case.desired.object);
        let (live, changes) = if by_ownership {
            let changes = self.owned_changes(&case, &live);
            (live, changes)
        } else {
            match self.dry_run(&case, live.clone()).await {
                Ok(Some(compared)) => compared,
                Ok(None) => return Ok(self.found(Status::Missing, Reason::Absent, case)),
                Err(obstacle) => match self.without_dry_run(&case, &live, obstacle)? {
                    dry_run::Instead::Compared(changes) => (live, changes),
                    dry_run::Instead::Found(finding) => {
                        let finding = self.placed(*finding, case.id, case.desired);
                        return Ok(Verdict::Found(vec![finding]));
                    }
                },
            }
        };
        Ok(self.verdict(&case, &live, changes))
    }

    /// What all that was found amounts to.
    fn verdict(&self, case: &Case<'_>, live: &Value, mut changes: Vec<Change>) -> Verdict {
        let additions = self.additions(case, live);
        let known: BTreeSet<String> = changes.iter().map(|change| change.path.clone()).collect();
        let taken_back = additions.taken_back.into_iter();
        changes.extend(taken_back.filter(|change| !known.contains(&change.path)));
        let mut findings = Vec::new();
        if !changes.is_empty() {
            let finding = Finding::new(Status::Modified, Reason::Differs).with_changes(changes);
            findings.push(finding);
        }
        findings.extend(additions.findings);
        if findings.is_empty() {
            return Verdict::Clean;
        }
        let placed = findings
            .into_iter()
            .map(|finding| self.placed(finding, case.id.clone(), case.desired));
        Verdict::Found(placed.collect())
    }

    /// Somebody told Flux, in the cluster, to leave the object alone.
    fn withdrawn(&self, case: Case<'_>, live: &Value) -> Verdict {
        let managers = owners_of_metadata(live);
        let message = "an annotation or label that git does not have keeps Flux away from it";
        let finding = Finding::new(Status::Suspended, Reason::ReconcileDisabled)
            .saying(message)
            .with_managers(managers);
        Verdict::Found(vec![self.placed(finding, case.id, case.desired)])
    }

    /// The fields in which the object differs from what Flux owns of it.
    fn owned_changes(&self, case: &Case<'_>, live: &Value) -> Vec<Change> {
        let managers = fields::managers(live);
        let ignored = self.rules.pointers(&case.prepared);
        let differences = owned::differences(&case.prepared, live, &flux_fields(&managers));
        let differences = differences.into_iter().filter(|difference| {
            let mut ignored = ignored.iter();
            !ignored.any(|ignored| fields::is_within(&difference.pointer, ignored))
        });
        case.changes(live, &managers, differences)
    }

    fn found(&self, status: Status, reason: Reason, case: Case<'_>) -> Verdict {
        Verdict::Found(vec![self.placed(
            Finding::new(status, reason),
            case.id,
            case.desired,
        )])
    }

    fn placed(&self, finding: Finding, id: ObjectRef, desired: &DesiredObject) -> Finding {
        finding
            .in_unit(&self.unit.name.name)
            .about(id)
            .in_file(&desired.file)
    }
}

/// Who besides Flux labelled or annotated an object.
fn owners_of_metadata(live: &Value) -> BTreeSet<String> {
    let managers = fields::managers(live);
    ["/metadata/annotations", "/metadata/labels"]
        .iter()
        .flat_map(|place| fields::owners(live, &managers, place))
        .filter(|manager| manager != FLUX_MANAGER)
        .collect()
}

/// What Flux owns of an object.
fn flux_fields(managers: &[Manager]) -> FieldSet {
    let mut all = FieldSet::default();
    for manager in managers.iter().filter(|manager| manager.is_flux()) {
        all.merge(&manager.fields);
    }
    all
}

/// What may be said of a Secret: an API server quotes what it refuses, and so do
/// admission webhooks, which deny with any status. Without an answer nothing can
/// be quoted.
fn speakable(id: &ObjectRef, obstacle: Obstacle) -> Obstacle {
    let is_unanswered = matches!(
        obstacle.reason,
        Reason::Deadline | Reason::TooLarge | Reason::Unreachable
    );
    if !id.is_secret() || is_unanswered {
        obstacle
    } else {
        obstacle.without_message()
    }
}

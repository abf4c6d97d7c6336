//! Comparing by a dry-run of Flux's apply.

use serde_json::Value;

use super::difference::{compared, differences};
use super::{Case, Comparison, UNPATCHED, speakable};
use crate::fields;
use crate::flux;
use crate::obstacle::Obstacle;
use crate::report::{Change, Finding, Reason, Status};

/// How often an object is read anew that changes between two requests.
const ATTEMPTS: usize = 4;

/// What is to be said where there is no dry-run.
pub(super) enum Instead {
    /// What a comparison by ownership found.
    Compared(Vec<Change>),
    /// This.
    Found(Box<Finding>),
}

impl Comparison<'_> {
    /// The live object, and how the one that Flux would make of it differs;
    /// nothing if it is gone.
    ///
    /// A difference counts only between two states of the same version: others
    /// write, too.
    pub(super) async fn dry_run(
        &self,
        case: &Case<'_>,
        mut live: Value,
    ) -> Result<Option<(Value, Vec<Change>)>, Obstacle> {
        for _ in 0..ATTEMPTS {
            let (collection, name) = (case.collection(), &case.id.name);
            let applied = self
                .connection
                .apply_dry_run(&collection, name, &case.prepared);
            let applied = applied.await?;
            let changes = self.changes(case, &live, &applied);
            if changes.is_empty() || version(&live) == version(&applied) {
                return Ok(Some((live, changes)));
            }
            match self.fetch(case).await? {
                Some(newer) => live = newer,
                None => return Ok(None),
            }
        }
        let message = "it was changed each time between reading and comparing it";
        Err(Obstacle::new(Reason::Conflict, message))
    }

    fn changes(&self, case: &Case<'_>, live: &Value, applied: &Value) -> Vec<Change> {
        let (mut expected, mut found) = (compared(applied), compared(live));
        for pointer in self.rules.pointers(applied) {
            flux::remove(&mut expected, pointer);
            flux::remove(&mut found, pointer);
        }
        let differences = differences(&expected, &found);
        if differences.is_empty() {
            return Vec::new();
        }
        case.changes(live, &fields::managers(live), differences)
    }

    /// What to say where the dry-run was refused.
    pub(super) fn without_dry_run(
        &self,
        case: &Case<'_>,
        live: &Value,
        obstacle: Obstacle,
    ) -> Result<Instead, Obstacle> {
        match obstacle.reason {
            Reason::Forbidden if UNPATCHED.contains(&case.id.group.as_str()) => {
                Ok(Instead::Compared(self.owned_changes(case, live)))
            }
            Reason::Refused => {
                let is_forced = self.unit.forces() || flux::is_forced(&case.desired.object, live);
                let obstacle = speakable(&case.id, obstacle);
                let finding = if is_forced {
                    let message = format!("Flux would make it anew: {}", obstacle.message);
                    Finding::new(Status::Modified, Reason::Differs).saying(message)
                } else {
                    obstacle.finding()
                };
                let changes = self.owned_changes(case, live);
                Ok(Instead::Found(Box::new(finding.with_changes(changes))))
            }
            _ => Err(obstacle),
        }
    }
}

fn version(object: &Value) -> &Value {
    &object["metadata"]["resourceVersion"]
}

//! All objects of git, each compared.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream;

use super::Run;
use super::live::Lists;
use super::scene::{Placed, Scene};
use crate::compare::{Comparison, Verdict};
use crate::connection::Kinds;
use crate::desired::{Desired, DesiredObject};
use crate::flux::IgnoreRules;
use crate::object::identity;
use crate::obstacle::Obstacle;
use crate::report::{ObjectRef, Reason, Status};

/// An object as each commit has it that its unit is at.
struct Work<'a> {
    placed: &'a Placed,
    rules: &'a IgnoreRules,
    id: Option<ObjectRef>,
    versions: Vec<&'a DesiredObject>,
    /// Whether it may be missing: not every commit has it.
    is_optional: bool,
}

/// A Kustomization whose objects can be compared.
struct Comparable<'a> {
    placed: &'a Placed,
    rules: IgnoreRules,
    of: fn(&'a Desired, &'a Placed) -> &'a [DesiredObject],
}

impl Run<'_> {
    /// Compares every object of the stack.
    pub(super) async fn objects(&self, kinds: &Kinds, scene: &Scene, lists: &Lists) {
        let of_root: for<'a> fn(&'a Desired, &'a Placed) -> &'a [DesiredObject] =
            |desired, _| &desired.units;
        let mut comparables: Vec<Comparable<'_>> = Vec::new();
        comparables.extend(self.comparable(&scene.root, of_root));
        for placed in &scene.stack {
            comparables.extend(self.comparable(placed, |desired, placed| {
                desired
                    .objects
                    .get(&placed.unit.name)
                    .map_or(&[], Vec::as_slice)
            }));
        }
        let work: Vec<Work<'_>> = comparables.iter().flat_map(work).collect();
        let mut verdicts = stream::iter(&work)
            .map(|work| self.object(kinds, lists, work))
            .boxed_local()
            .buffer_unordered(self.options.requests.max(1));
        while let Some(verdict) = verdicts.next().await {
            match verdict {
                Verdict::Clean => self.report.borrow_mut().clean += 1,
                Verdict::LeftAlone => {}
                Verdict::Found(findings) => self.add(findings),
            }
        }
    }

    fn comparable<'a>(
        &self,
        placed: &'a Placed,
        of: fn(&'a Desired, &'a Placed) -> &'a [DesiredObject],
    ) -> Option<Comparable<'a>> {
        let unit = &placed.unit;
        let rules = match (unit.transformations().as_slice(), unit.ignore_rules()) {
            ([], Ok(rules)) => rules,
            ([], Err(obstacle)) => {
                self.add([obstacle.finding().in_unit(&unit.name.name)]);
                return None;
            }
            (names, _) => {
                let message = format!(
                    "its objects were not compared: what its spec.{} makes of them is not known here",
                    names.join(", spec.")
                );
                let obstacle = Obstacle::new(Reason::Transformed, message);
                self.add([obstacle.finding().in_unit(&unit.name.name)]);
                return None;
            }
        };
        Some(Comparable { placed, rules, of })
    }

    /// Judges an object; if its unit is between two commits, either will do.
    async fn object(&self, kinds: &Kinds, lists: &Lists, work: &Work<'_>) -> Verdict {
        let comparison = Comparison {
            connection: self.connection,
            kinds,
            mode: self.options.mode,
            unit: &work.placed.unit,
            rules: work.rules,
        };
        let live = work.id.as_ref().and_then(|id| lists.find(id));
        let mut first = None;
        for version in &work.versions {
            match comparison.judge(version, live).await {
                Verdict::Found(findings) => {
                    let is_missing = findings.iter().any(|f| f.status == Status::Missing);
                    if is_missing && work.is_optional {
                        return Verdict::LeftAlone;
                    }
                    first.get_or_insert(findings);
                }
                good => return good,
            }
        }
        first.map_or(Verdict::LeftAlone, Verdict::Found)
    }
}

fn work<'a>(comparable: &'a Comparable<'a>) -> Vec<Work<'a>> {
    let Comparable { placed, rules, of } = comparable;
    let versions: Vec<&[DesiredObject]> = match &placed.versions {
        Ok(versions) => versions.iter().map(|desired| of(desired, placed)).collect(),
        Err(_) => Vec::new(),
    };
    let mut objects: BTreeMap<(Option<ObjectRef>, &str), Vec<&DesiredObject>> = BTreeMap::new();
    for object in versions.iter().copied().flatten() {
        let id = identity(&object.object);
        // What has no identity is told apart by its file.
        let file = if id.is_some() {
            ""
        } else {
            object.file.as_str()
        };
        objects.entry((id, file)).or_default().push(object);
    }
    let is_optional = |found: usize| placed.is_under_way() || found < versions.len();
    objects
        .into_iter()
        .map(|((id, _), found)| Work {
            placed,
            rules,
            id,
            is_optional: is_optional(found.len()),
            versions: found,
        })
        .collect()
}

//! What Flux does in a cluster, and which commits that is.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::commits::Commits;
use crate::connection::{Connection, Kinds};
use crate::desired::{Desired, DesiredObject, UnitName};
use crate::fleet::Target;
use crate::flux::{Applied, Source, SourceRef, Unit, source_findings, unit_finding};
use crate::object::KUSTOMIZE_GROUP;
use crate::obstacle::Obstacle;
use crate::report::{Finding, Reason};
use crate::revision::Revision;

/// Flux in a cluster, as far as the stack is concerned.
pub(super) struct Scene {
    /// All Kustomizations.
    pub(super) units: BTreeMap<UnitName, Unit>,
    /// The one that applies those of the stack.
    pub(super) root: Placed,
    /// Those of the stack.
    pub(super) stack: Vec<Placed>,
    sources: BTreeMap<SourceRef, Result<Option<Source>, Obstacle>>,
}

/// A Kustomization and what it applies.
pub(super) struct Placed {
    /// The Kustomization, as the cluster has it, or as git does where it is not
    /// there.
    pub(super) unit: Unit,
    /// What it has applied: one commit, or two while it is on its way to another.
    pub(super) versions: Result<Vec<Rc<Desired>>, Obstacle>,
    /// How far it has come.
    applied: Applied,
    /// Whether the cluster has the Kustomization.
    pub(super) is_there: bool,
}

impl Placed {
    /// Whether objects may be missing: those of a commit that was never applied in
    /// full.
    pub(super) fn is_under_way(&self) -> bool {
        self.is_there && self.applied == Applied::Nothing
    }

    fn finding(&self) -> Option<Finding> {
        let finding = || unit_finding(&self.unit, &self.applied);
        self.is_there.then(finding).flatten()
    }
}

impl Scene {
    /// Asks for Kustomizations and sources, and reads the commits that they are at.
    pub(super) async fn read(
        connection: &Connection,
        kinds: &Kinds,
        commits: &Commits<'_>,
    ) -> Result<Self, Obstacle> {
        let units = units(connection, kinds).await?;
        let mut sources = BTreeMap::new();
        for name in units.values().map(Unit::source).collect::<BTreeSet<_>>() {
            let source = source(connection, kinds, &name).await;
            sources.insert(name, source);
        }
        let view = View {
            units: &units,
            sources: &sources,
            commits,
        };
        let root = view.root()?;
        let stack = view.stack(&root)?;
        Ok(Self {
            units,
            root,
            stack,
            sources,
        })
    }

    /// The commits that objects are compared at.
    pub(super) fn commits(&self) -> Vec<String> {
        let placed = std::iter::once(&self.root).chain(&self.stack);
        placed
            .filter_map(|placed| placed.versions.as_ref().ok())
            .flatten()
            .map(|desired| desired.commit.clone())
            .collect()
    }

    /// What Flux says of itself, and what stands in the way of a comparison.
    pub(super) fn findings(&self, target: &Target) -> Vec<Finding> {
        let placed = || std::iter::once(&self.root).chain(&self.stack);
        let used: BTreeSet<SourceRef> = placed().map(|placed| placed.unit.source()).collect();
        let mut findings = Vec::new();
        for (name, source) in self.sources.iter().filter(|(name, _)| used.contains(name)) {
            match source {
                Ok(source) => {
                    findings.extend(source_findings(name, source.as_ref(), target.verification));
                }
                Err(obstacle) => findings.push(obstacle.finding().about(name.reference())),
            }
        }
        for placed in placed() {
            findings.extend(placed.finding());
            if let Err(obstacle) = &placed.versions {
                findings.push(obstacle.finding().in_unit(&placed.unit.name.name));
            }
        }
        findings
    }

    /// Whether Flux has gone on to another revision since.
    pub(super) async fn has_moved(
        &self,
        connection: &Connection,
        kinds: &Kinds,
    ) -> Result<bool, Obstacle> {
        let now = units(connection, kinds).await?;
        Ok(stamps(&now) != stamps(&self.units))
    }
}

fn stamps(units: &BTreeMap<UnitName, Unit>) -> Vec<(&UnitName, Option<Revision>, Option<&str>)> {
    let stamp = |(name, unit): (_, &'_ Unit)| (name, unit.applied());
    let stamps = units
        .iter()
        .map(stamp)
        .zip(units.values().map(Unit::attempted));
    stamps
        .map(|((name, applied), attempted)| (name, applied, attempted))
        .collect()
}

async fn units(
    connection: &Connection,
    kinds: &Kinds,
) -> Result<BTreeMap<UnitName, Unit>, Obstacle> {
    let served = kinds
        .preferred(KUSTOMIZE_GROUP, "Kustomization")
        .ok_or_else(|| {
            Obstacle::new(
                Reason::KindNotServed,
                "Flux is not there: the API server has no Kustomization",
            )
        })?;
    let list = connection.list(&served.collection(None), None).await?;
    let units = list.into_iter().map(Unit::of);
    Ok(units.map(|unit| (unit.name.clone(), unit)).collect())
}

async fn source(
    connection: &Connection,
    kinds: &Kinds,
    name: &SourceRef,
) -> Result<Option<Source>, Obstacle> {
    let reference = name.reference();
    let collection = kinds
        .of(&reference)?
        .collection(reference.namespace.as_deref());
    let found = connection.get(&collection, &reference.name).await?;
    Ok(found.map(Source::of))
}

/// All that is needed to tell what a Kustomization has applied.
struct View<'a> {
    units: &'a BTreeMap<UnitName, Unit>,
    sources: &'a BTreeMap<SourceRef, Result<Option<Source>, Obstacle>>,
    commits: &'a Commits<'a>,
}

impl View<'_> {
    /// The Kustomization whose folder holds those of the stack; the closest one, if
    /// there are several.
    fn root(&self) -> Result<Placed, Obstacle> {
        let mut reasons = Vec::new();
        let mut candidates = Vec::new();
        for unit in self.units.values() {
            match self.placed(unit).versions {
                Ok(versions) => {
                    let is_root = |desired: &Rc<Desired>| {
                        unit.applies(&desired.folder) && !desired.objects.contains_key(&unit.name)
                    };
                    candidates.extend(versions.iter().any(is_root).then_some(unit));
                }
                Err(obstacle) => reasons.push(obstacle),
            }
        }
        let root = candidates.into_iter().max_by_key(|unit| unit.path().len());
        root.map(|unit| self.placed(unit)).ok_or_else(|| {
            reasons.into_iter().next().unwrap_or_else(|| {
                let message = "no Kustomization applies what the stack has for this cluster";
                Obstacle::new(Reason::Absent, message)
            })
        })
    }

    /// The units of the stack at the revisions of the one that applies them.
    fn stack(&self, root: &Placed) -> Result<Vec<Placed>, Obstacle> {
        let versions = root.versions.clone()?;
        let names: BTreeSet<&UnitName> = versions
            .iter()
            .flat_map(|desired| desired.objects.keys())
            .collect();
        Ok(names
            .into_iter()
            .map(|name| match self.units.get(name) {
                Some(unit) => self.placed(unit),
                None => Placed {
                    unit: of_git(name, &versions),
                    versions: Ok(versions.clone()),
                    applied: Applied::Nothing,
                    is_there: false,
                },
            })
            .collect())
    }

    fn placed(&self, unit: &Unit) -> Placed {
        let applied = unit.applied();
        let attempted = unit.attempted().map(|text| self.attempted(unit, text));
        let versions: Result<Vec<_>, Obstacle> = applied
            .iter()
            .chain(&attempted)
            .map(|revision| self.commits.get(revision))
            .collect();
        let newest = versions.iter().flatten().next();
        let newest = newest.and_then(|desired| Some((&desired.commit, desired.newer.clone()?)));
        let applied = match (&applied, newest) {
            (None, _) => Applied::Nothing,
            (Some(_), None) => Applied::Newest,
            (Some(_), Some((commit, newest))) => Applied::Older {
                commit: commit.clone(),
                newest,
            },
        };
        Placed {
            unit: unit.clone(),
            versions,
            applied,
            is_there: true,
        }
    }

    /// A Kustomization does not keep what an artifact it attempts was made of; the
    /// source does.
    fn attempted(&self, unit: &Unit, text: &str) -> Revision {
        let source = self.sources.get(&unit.source());
        let source = source.and_then(|source| source.as_ref().ok()?.as_ref());
        let fetched = source.and_then(Source::revision);
        fetched
            .filter(|revision| revision.to_string() == text)
            .unwrap_or_else(|| Revision::new(text, None))
    }
}

/// A Kustomization that the cluster does not have.
fn of_git(name: &UnitName, versions: &[Rc<Desired>]) -> Unit {
    let units = versions.iter().flat_map(|desired| &desired.units);
    let units = units.map(|unit: &DesiredObject| Unit::of(unit.object.clone()));
    let mut named = units.filter(|unit| unit.name == *name);
    named.next().unwrap_or_else(|| {
        let metadata = serde_json::json!({"namespace": name.namespace, "name": name.name});
        Unit::of(serde_json::json!({ "metadata": metadata }))
    })
}

//! What a run found: findings by cluster, and what they mean for the run as a
//! whole.
//!
//! Enters: findings as the comparison makes them. Leaves: sorted reports with
//! their counts. Invariant: a cluster that was not compared to its end has an
//! `unknown` finding that says why, so an unfinished run is never clean.

mod finding;
mod object;
mod shown;
mod status;

use std::collections::BTreeMap;

use serde::Serialize;

pub use finding::{Change, ChangeKind, Finding};
pub use object::ObjectRef;
pub use shown::Shown;
pub use status::{Reason, Status, Weight};

/// What was found in one cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterReport {
    /// The stack's name of the cluster.
    pub name: String,
    /// The commits that the units' objects were compared at, each once; more
    /// than one while Flux is on its way.
    pub revisions: Vec<String>,
    /// How many objects are as they should be.
    pub clean: usize,
    /// How many requests the API server was sent.
    pub requests: u64,
    /// Sorted by unit, object and status.
    pub findings: Vec<Finding>,
}

impl ClusterReport {
    /// A report of a cluster that nothing is known of yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            revisions: Vec::new(),
            clean: 0,
            requests: 0,
            findings: Vec::new(),
        }
    }

    /// A report of a cluster that could not be compared at all.
    pub fn unknown(name: impl Into<String>, reason: Reason, message: impl Into<String>) -> Self {
        let mut report = Self::new(name);
        report.push(Finding::new(Status::Unknown, reason).saying(message));
        report
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Puts everything into its order.
    pub fn sorted(mut self) -> Self {
        self.revisions.sort();
        self.revisions.dedup();
        self.findings
            .sort_by(|left, right| left.key().cmp(&right.key()));
        self
    }

    /// Whether everything that was asked for could be answered.
    pub fn is_complete(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.status.weight() != Weight::Unknown)
    }
}

/// What was found in all clusters of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FleetReport {
    /// In the order of their names.
    pub clusters: Vec<ClusterReport>,
}

/// Whether what Flux has not applied yet counts as drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// A warning.
    PendingWarns,
    /// As drift.
    PendingCounts,
}

/// What a run means as a whole; the later one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything was compared and is as it should be.
    Clean,
    /// Something is not as it should be.
    Drift,
    /// Something could not be compared: whatever else was found, there may be
    /// more.
    Incomplete,
    /// A source's signature does not hold.
    Untrusted,
}

impl FleetReport {
    /// The clusters' reports in the order of their names.
    pub fn new(clusters: impl IntoIterator<Item = ClusterReport>) -> Self {
        let mut clusters: Vec<ClusterReport> =
            clusters.into_iter().map(ClusterReport::sorted).collect();
        clusters.sort_by(|left, right| left.name.cmp(&right.name));
        Self { clusters }
    }

    /// How many findings each status has; a clean object counts as one.
    pub fn counts(&self) -> BTreeMap<Status, usize> {
        let mut counts = BTreeMap::new();
        for cluster in &self.clusters {
            if cluster.clean > 0 {
                *counts.entry(Status::Clean).or_default() += cluster.clean;
            }
            for finding in &cluster.findings {
                *counts.entry(finding.status).or_default() += 1;
            }
        }
        counts
    }

    /// What the run means.
    pub fn outcome(&self, strictness: Strictness) -> Outcome {
        self.clusters
            .iter()
            .flat_map(|cluster| &cluster.findings)
            .map(|finding| outcome(finding.status.weight(), strictness))
            .max()
            .unwrap_or(Outcome::Clean)
    }
}

fn outcome(weight: Weight, strictness: Strictness) -> Outcome {
    match (weight, strictness) {
        (Weight::Clean | Weight::Warning, _) | (Weight::Pending, Strictness::PendingWarns) => {
            Outcome::Clean
        }
        (Weight::Drift, _) | (Weight::Pending, Strictness::PendingCounts) => Outcome::Drift,
        (Weight::Unknown, _) => Outcome::Incomplete,
        (Weight::Untrusted, _) => Outcome::Untrusted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(statuses: &[Status]) -> FleetReport {
        let mut report = ClusterReport::new("home");
        for &status in statuses {
            report.push(Finding::new(status, Reason::Differs));
        }
        FleetReport::new([report])
    }

    #[test]
    fn nothing_found_is_clean() {
        assert_eq!(
            fleet(&[]).outcome(Strictness::PendingCounts),
            Outcome::Clean
        );
    }

    #[test]
    fn pending_counts_only_where_asked_for() {
        let fleet = fleet(&[Status::Pending]);
        assert_eq!(fleet.outcome(Strictness::PendingWarns), Outcome::Clean);
        assert_eq!(fleet.outcome(Strictness::PendingCounts), Outcome::Drift);
    }

    #[test]
    fn a_foreign_owner_is_only_a_warning() {
        let fleet = fleet(&[Status::ForeignOwner]);
        assert_eq!(fleet.outcome(Strictness::PendingCounts), Outcome::Clean);
    }

    #[test]
    fn drift_does_not_hide_that_something_is_unknown() {
        let fleet = fleet(&[Status::Modified, Status::Unknown, Status::Missing]);
        assert_eq!(fleet.outcome(Strictness::PendingWarns), Outcome::Incomplete);
    }

    #[test]
    fn an_unverified_source_outweighs_all_else() {
        let fleet = fleet(&[Status::SourceUnverified, Status::Unknown]);
        assert_eq!(fleet.outcome(Strictness::PendingWarns), Outcome::Untrusted);
    }

    #[test]
    fn each_other_status_is_drift() {
        for status in Status::ALL {
            if status.weight() == Weight::Drift {
                let outcome = fleet(&[status]).outcome(Strictness::PendingWarns);
                assert_eq!(outcome, Outcome::Drift, "{}", status.name());
            }
        }
    }

    #[test]
    fn reports_come_in_the_order_of_names() {
        let fleet = FleetReport::new([ClusterReport::new("b"), ClusterReport::new("a")]);
        let names: Vec<&str> = fleet.clusters.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
    }
}

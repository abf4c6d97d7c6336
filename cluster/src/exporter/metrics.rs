//! What Prometheus is told of a comparison.
//!
//! The number of series is bounded: clusters are the stack's, statuses and
//! reasons ztgit's, and of the kinds, which whoever may create
//! `CustomResourceDefinition`s chooses, only so many have a label of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::report::{ClusterReport, FleetReport, Status};

/// The form of the page: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How many kinds of a cluster have a label of their own.
const KINDS: usize = 100;
/// What the rest of them is called.
const OTHER_KINDS: &str = "other";

/// When a comparison ended, in seconds since 1970, and how long it took.
#[derive(Clone, Copy)]
pub(super) struct Round {
    pub(super) ended: i64,
    pub(super) took: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClusterLabel {
    cluster: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ObjectLabels {
    cluster: String,
    kind: String,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    cluster: String,
    reason: &'static str,
}

/// All metrics.
pub(super) struct Metrics {
    registry: Registry,
    findings: Family<ObjectLabels, Gauge>,
    clean: Family<ClusterLabel, Gauge>,
    last_run: Family<ClusterLabel, Gauge>,
    last_success: Family<ClusterLabel, Gauge>,
    errors: Family<ReasonLabels, Counter>,
    requests: Family<ClusterLabel, Counter>,
    duration: Gauge<f64, std::sync::atomic::AtomicU64>,
}

impl Metrics {
    /// Metrics of an exporter that has not compared anything yet.
    pub(super) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("ztgit_drift"),
            findings: Family::default(),
            clean: Family::default(),
            last_run: Family::default(),
            last_success: Family::default(),
            errors: Family::default(),
            requests: Family::default(),
            duration: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register(
            "objects",
            "Findings by cluster, kind of object and status; without a kind they are about a unit of Flux or the cluster",
            self.findings.clone(),
        );
        registry.register(
            "clean_objects",
            "Objects that are as the applied commit has them",
            self.clean.clone(),
        );
        registry.register_with_unit(
            "last_run_timestamp",
            "When the cluster was last looked at",
            Unit::Seconds,
            self.last_run.clone(),
        );
        registry.register_with_unit(
            "last_success_timestamp",
            "When the cluster was last compared to the end; 0 for never",
            Unit::Seconds,
            self.last_success.clone(),
        );
        registry.register(
            "errors",
            "What could not be compared, by reason",
            self.errors.clone(),
        );
        registry.register(
            "requests",
            "Requests sent to the cluster's API server",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "duration",
            "How long the last comparison of all clusters took",
            Unit::Seconds,
            self.duration.clone(),
        );
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The ztgit that is running", version);
    }

    /// Takes in a comparison; what it does not have any more is gone.
    pub(super) fn record(&mut self, report: &FleetReport, round: Round) {
        self.findings.clear();
        self.clean.clear();
        self.duration.set(round.took.as_secs_f64());
        for cluster in &report.clusters {
            self.record_cluster(cluster, round.ended);
        }
    }

    fn record_cluster(&self, report: &ClusterReport, ended: i64) {
        let label = ClusterLabel {
            cluster: report.name.clone(),
        };
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.clean.get_or_create(&label).set(count(report.clean));
        self.last_run.get_or_create(&label).set(ended);
        self.requests.get_or_create(&label).inc_by(report.requests);
        let last_success = self.last_success.get_or_create(&label);
        if report.is_complete() {
            last_success.set(ended);
        }
        drop(last_success);
        for ((kind, status), number) in by_kind(report) {
            let labels = ObjectLabels {
                cluster: report.name.clone(),
                kind,
                status: status.name(),
            };
            self.findings.get_or_create(&labels).set(count(number));
        }
        for finding in &report.findings {
            if finding.status == Status::Unknown {
                let labels = ReasonLabels {
                    cluster: report.name.clone(),
                    reason: finding.reason.name(),
                };
                self.errors.get_or_create(&labels).inc();
            }
        }
    }

    /// The page as it is served.
    pub(super) fn page(&self) -> String {
        let mut page = String::new();
        encode(&mut page, &self.registry).expect("writing to a string does not fail");
        page
    }
}

/// How many findings there are of each kind and status.
fn by_kind(report: &ClusterReport) -> BTreeMap<(String, Status), usize> {
    let kinds: BTreeSet<&str> = report.findings.iter().map(kind_of).collect();
    let named: BTreeSet<&str> = kinds.into_iter().take(KINDS).collect();
    let mut counts = BTreeMap::new();
    for finding in &report.findings {
        let kind = kind_of(finding);
        let kind = if named.contains(kind) {
            kind
        } else {
            OTHER_KINDS
        };
        *counts.entry((kind.to_owned(), finding.status)).or_default() += 1;
    }
    counts
}

fn kind_of(finding: &crate::report::Finding) -> &str {
    finding
        .object
        .as_ref()
        .map_or("", |object| object.kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Finding, ObjectRef, Reason};

    fn object(kind: &str) -> ObjectRef {
        ObjectRef {
            group: "apps".to_owned(),
            kind: kind.to_owned(),
            namespace: Some("demo".to_owned()),
            name: "api".to_owned(),
        }
    }

    fn modified(kind: &str) -> Finding {
        Finding::new(Status::Modified, Reason::Differs).about(object(kind))
    }

    fn report(findings: impl IntoIterator<Item = Finding>) -> FleetReport {
        let mut report = ClusterReport::new("home");
        report.clean = 7;
        report.requests = 3;
        report.findings.extend(findings);
        FleetReport::new([report])
    }

    fn round(ended: i64) -> Round {
        Round {
            ended,
            took: Duration::from_millis(1500),
        }
    }

    fn has(metrics: &Metrics, line: &str) -> bool {
        metrics.page().lines().any(|found| found == line)
    }

    #[test]
    fn a_finding_is_counted_by_cluster_kind_and_status() {
        let mut metrics = Metrics::new();
        metrics.record(
            &report([modified("Deployment"), modified("Deployment")]),
            round(10),
        );
        let line = r#"ztgit_drift_objects{cluster="home",kind="Deployment",status="modified"} 2"#;
        assert!(has(&metrics, line), "{}", metrics.page());
    }

    #[test]
    fn what_was_repaired_is_gone() {
        let mut metrics = Metrics::new();
        metrics.record(&report([modified("Deployment")]), round(10));
        metrics.record(&report([]), round(20));
        assert!(!metrics.page().contains("Deployment"), "{}", metrics.page());
        assert!(has(
            &metrics,
            r#"ztgit_drift_clean_objects{cluster="home"} 7"#
        ));
    }

    #[test]
    fn the_last_success_stays_while_a_cluster_is_unknown() {
        let mut metrics = Metrics::new();
        metrics.record(&report([]), round(10));
        let unknown = ClusterReport::unknown("home", Reason::Unreachable, "connection refused");
        metrics.record(&FleetReport::new([unknown]), round(20));
        let page = metrics.page();
        for line in [
            r#"ztgit_drift_last_success_timestamp_seconds{cluster="home"} 10"#,
            r#"ztgit_drift_last_run_timestamp_seconds{cluster="home"} 20"#,
            r#"ztgit_drift_errors_total{cluster="home",reason="unreachable"} 1"#,
            r#"ztgit_drift_objects{cluster="home",kind="",status="unknown"} 1"#,
        ] {
            assert!(has(&metrics, line), "{line}\n{page}");
        }
    }

    #[test]
    fn a_cluster_that_was_never_compared_has_a_last_success_of_zero() {
        let mut metrics = Metrics::new();
        let unknown = ClusterReport::unknown("home", Reason::Forbidden, "no");
        metrics.record(&FleetReport::new([unknown]), round(20));
        let line = r#"ztgit_drift_last_success_timestamp_seconds{cluster="home"} 0"#;
        assert!(has(&metrics, line), "{}", metrics.page());
    }

    #[test]
    fn every_metric_that_is_alerted_on_is_served() {
        let mut metrics = Metrics::new();
        let unknown = Finding::new(Status::Unknown, Reason::Forbidden);
        metrics.record(&report([modified("Deployment"), unknown]), round(10));
        let page = metrics.page();
        let alerts = include_str!("../../../examples/drift-exporter/alerts.yaml");
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let names: BTreeSet<&str> = alerts
            .split(|c| !is_part(c))
            .filter(|word| word.starts_with("ztgit_"))
            .collect();
        assert!(!names.is_empty());
        for name in names {
            let begins = |line: &str| line.starts_with(&format!("{name}{{"));
            assert!(page.lines().any(begins), "{name} is not in\n{page}");
        }
    }

    #[test]
    fn a_flood_of_kinds_makes_a_bounded_number_of_series() {
        let mut metrics = Metrics::new();
        let flood = (0..5_000).map(|number| modified(&format!("Kind{number:04}")));
        metrics.record(&report(flood), round(10));
        let series = metrics
            .page()
            .lines()
            .filter(|line| line.starts_with("ztgit_drift_objects{"))
            .count();
        assert_eq!(series, KINDS + 1);
        let rest = r#"ztgit_drift_objects{cluster="home",kind="other",status="modified"} 4900"#;
        assert!(has(&metrics, rest));
    }
}

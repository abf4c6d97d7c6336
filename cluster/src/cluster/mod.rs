//! One cluster.
//!
//! Enters: a connection and a way to read commits. Leaves: a report, within the
//! deadline. Invariant: whatever was not judged is in the report as `unknown`.

mod beside;
mod commits;
mod live;
mod objects;
mod scene;

use std::cell::RefCell;

use tokio::time;

use crate::connection::{Connection, Kinds};
use crate::desired::ReadDesired;
use crate::fleet::{Options, Target};
use crate::obstacle::Obstacle;
use crate::report::{ClusterReport, Finding, Reason};
use commits::Commits;
use live::Lists;
use scene::Scene;

/// How often a cluster is begun anew that Flux changes meanwhile.
const ATTEMPTS: usize = 3;

/// Judges a cluster until the deadline.
pub(crate) async fn judge(
    target: &Target,
    connection: &Connection,
    options: &Options,
    end: time::Instant,
    read: &ReadDesired<'_>,
) -> ClusterReport {
    let report = RefCell::new(ClusterReport::new(&target.name));
    let run = Run {
        target,
        connection,
        options,
        report: &report,
    };
    let outcome = time::timeout_at(end, run.attempts(read)).await;
    let mut report = report.into_inner();
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(obstacle)) => report.push(obstacle.finding()),
        Err(_) => {
            let seconds = options.deadline.as_secs();
            let message = format!("not everything was compared within {seconds} s");
            report.push(Obstacle::new(Reason::Deadline, message).finding());
        }
    }
    report.requests = connection.requests();
    report
}

/// A run over a cluster. What was found stays when it is cut off.
struct Run<'a> {
    target: &'a Target,
    connection: &'a Connection,
    options: &'a Options,
    report: &'a RefCell<ClusterReport>,
}

impl Run<'_> {
    async fn attempts(&self, read: &ReadDesired<'_>) -> Result<(), Obstacle> {
        let kinds = self.connection.kinds().await?;
        let commits = Commits::new(&self.target.name, read);
        for _ in 0..ATTEMPTS {
            *self.report.borrow_mut() = ClusterReport::new(&self.target.name);
            let scene = Scene::read(self.connection, &kinds, &commits).await?;
            self.judge(&kinds, &scene).await;
            if !scene.has_moved(self.connection, &kinds).await? {
                return Ok(());
            }
        }
        let message = "Flux applied another revision each time that objects were compared";
        Err(Obstacle::new(Reason::Moved, message))
    }

    async fn judge(&self, kinds: &Kinds, scene: &Scene) {
        self.report.borrow_mut().revisions = scene.commits();
        self.add(scene.findings(self.target));
        let lists = Lists::read(self.connection, kinds, scene, self.options.requests).await;
        self.add(lists.findings());
        self.objects(kinds, scene, &lists).await;
        self.beside(kinds, scene, &lists).await;
    }

    fn add(&self, findings: impl IntoIterator<Item = Finding>) {
        self.report.borrow_mut().findings.extend(findings);
    }
}

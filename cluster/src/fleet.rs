//! Several clusters in one run.

use std::io;
use std::thread;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::time;

use crate::access::Access;
use crate::cluster;
use crate::connection::Connection;
use crate::desired::ReadDesired;
use crate::obstacle::Obstacle;
use crate::report::{ClusterReport, FleetReport, Reason};

/// A cluster that is to be judged.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name in the stack.
    pub name: String,
    /// How it is reached.
    pub access: Access,
    /// Whose commits Flux has to take.
    pub verification: Verification,
}

/// Whether the stack wants signatures of commits verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// It does; a source without `spec.verify` is not to be trusted.
    Required,
    /// It does not say; a source that verifies has to succeed all the same.
    AsConfigured,
}

/// How objects are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By dry-runs of the apply that Flux would do. Needs the verb `patch`.
    DryRun,
    /// By who owns which field, and the values in git. Needs to read only.
    ReadOnly,
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// How objects are compared.
    pub mode: Mode,
    /// How long a cluster may take.
    pub deadline: Duration,
    /// How long a request may take.
    pub request_deadline: Duration,
    /// How many clusters are judged at once.
    pub clusters: usize,
    /// How many requests each of them is sent at once.
    pub requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::DryRun,
            deadline: Duration::from_mins(5),
            request_deadline: Duration::from_secs(30),
            clusters: 8,
            requests: 16,
        }
    }
}

/// What [`drift`] runs on: one thread, because it waits for others nearly all the
/// time.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Judges clusters. Each ends within its deadline; what was found by then counts.
pub async fn drift(targets: &[Target], options: &Options, read: &ReadDesired<'_>) -> FleetReport {
    let reports = stream::iter(targets)
        .map(|target| one(target, options, read))
        .buffer_unordered(options.clusters.max(1))
        .collect::<Vec<ClusterReport>>();
    FleetReport::new(reports.await)
}

async fn one(target: &Target, options: &Options, read: &ReadDesired<'_>) -> ClusterReport {
    let end = time::Instant::now() + options.deadline;
    match time::timeout_at(end, connect(target, options)).await {
        Ok(Ok(connection)) => cluster::judge(target, &connection, options, end, read).await,
        Ok(Err(obstacle)) => {
            ClusterReport::unknown(&target.name, obstacle.reason, obstacle.message)
        }
        Err(_) => {
            let message = "its credentials were not there in time";
            ClusterReport::unknown(&target.name, Reason::Deadline, message)
        }
    }
}

/// In a thread that nobody waits for in the end: a context's program for
/// credentials may hang.
async fn connect(target: &Target, options: &Options) -> Result<Connection, Obstacle> {
    let (access, deadline) = (target.access.clone(), options.request_deadline);
    let (sender, receiver) = oneshot::channel();
    let runtime = Handle::current();
    thread::spawn(move || {
        // Nobody takes it where the deadline has passed.
        let _ = sender.send(runtime.block_on(access.client(deadline)));
    });
    let client = receiver
        .await
        .map_err(|error| Obstacle::because(Reason::NoContext, &error))??;
    Ok(Connection::new(client, deadline))
}

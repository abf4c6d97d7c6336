//! Stand-ins for the controllers that this cluster does not have.
//!
//! Enters: objects whose statuses others set: charts, operators, nodes. Leaves:
//! these statuses, as the real controllers report success, and the kinds that
//! charts bring. Nothing else is done, and each duty can be held back, which is
//! what a controller looks like that has not finished.

mod statuses;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use statuses::{ChartKinds, Watched, is_set};

use crate::api::{ApiError, ObjectId};
use crate::cluster::{Cluster, FETCHED, say};

const PAUSE: Duration = Duration::from_millis(400);

/// What a stand-in does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// Cilium's operator defines Cilium's kinds once its release is there.
    CiliumOperator,
    /// `HelmRelease`s get Ready; before that, the kinds of their charts are
    /// defined.
    Releases,
    /// Sources that are not in this test's reach get Ready.
    Sources,
    /// Issuers and `ClusterIssuer`s get Ready.
    Issuers,
    /// Gateways get Accepted and Programmed.
    Gateways,
    /// Routes get Accepted by each parent.
    Routes,
    /// Deployments become available, and Jobs complete.
    Workloads,
}

/// All stand-ins of a cluster, at work.
pub struct StandIns {
    state: Arc<Mutex<State>>,
    cluster: Arc<Cluster>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    held: BTreeSet<Duty>,
    ended: bool,
}

impl StandIns {
    /// Starts them; they begin with everything but what is held back.
    pub fn start(cluster: Arc<Cluster>, held: &[Duty]) -> Self {
        let state = Arc::new(Mutex::new(State {
            held: held.iter().copied().collect(),
            ended: false,
        }));
        let (shared, own) = (Arc::clone(&state), Arc::clone(&cluster));
        let thread = thread::spawn(move || work(&shared, &own));
        Self {
            state,
            cluster,
            thread: Some(thread),
        }
    }

    /// Does a duty no longer: what is done stays done.
    pub fn hold(&self, duty: Duty) {
        self.with_state(|state| state.held.insert(duty));
    }

    /// Does a duty again.
    pub fn resume(&self, duty: Duty) {
        self.with_state(|state| state.held.remove(&duty));
    }

    /// The cluster that they work in.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for StandIns {
    fn drop(&mut self) {
        self.with_state(|state| state.ended = true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            say("a stand-in failed");
        }
    }
}

fn work(state: &Mutex<State>, cluster: &Cluster) {
    let mut defined = BTreeSet::new();
    loop {
        let (held, ended) = {
            let state = state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.held.clone(), state.ended)
        };
        if ended {
            return;
        }
        // An object that changed or went in the meantime is seen next time.
        let _ = define(cluster, &held, &mut defined);
        for watched in Watched::ALL {
            if !held.contains(&watched.duty) {
                let _ = set_statuses(cluster, watched);
            }
        }
        thread::sleep(PAUSE);
    }
}

/// Defines the kinds of charts that are released.
fn define(
    cluster: &Cluster,
    held: &BTreeSet<Duty>,
    defined: &mut BTreeSet<&'static str>,
) -> Result<(), ApiError> {
    for kinds in ChartKinds::ALL {
        let is_due = !held.contains(&kinds.duty) && !defined.contains(kinds.project);
        if is_due && is_released(cluster, kinds.release)? {
            cluster.install(kinds.project);
            defined.insert(kinds.project);
        }
    }
    Ok(())
}

fn is_released(cluster: &Cluster, name: &str) -> Result<bool, ApiError> {
    let releases = cluster.api().list(statuses::RELEASES)?;
    Ok(releases
        .iter()
        .any(|release| release["metadata"]["name"] == name))
}

fn set_statuses(cluster: &Cluster, watched: &Watched) -> Result<(), ApiError> {
    for mut object in cluster.api().list(watched.path)? {
        if is_fetched(&object) {
            continue;
        }
        // Items of lists do not say what they are.
        object["apiVersion"] = watched.api_version().into();
        object["kind"] = watched.kind.into();
        let status: Value = (watched.status)(&object);
        if !is_set(&object["status"], &status) {
            cluster
                .api()
                .merge_status(&ObjectId::of(&object), &status)?;
        }
    }
    Ok(())
}

/// Whether Flux's own controller answers for it: a second answer would take the
/// first one's conditions away.
fn is_fetched(object: &Value) -> bool {
    let (label, value) = FETCHED;
    object["metadata"]["labels"][label] == value
}

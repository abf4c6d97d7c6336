//! One stack, one of its clusters, and everything between the two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::api::{Api, ObjectId};
use crate::cluster::{Cluster, FLUX, say};
use crate::fleet_server::FleetServer;
use crate::flux::{Flux, Unit, Verification, revision};
use crate::k3s;
use crate::rendered::Tree;
use crate::stack::Stack;
use crate::stand_ins::{Duty, StandIns};
use crate::user::User;
use crate::wait::{Stopwatch, ensure, wait_for};

/// Kinds that an operator outside the stack brings, by their group.
const OPERATORS: [(&str, &str); 1] = [("monitoring.coreos.com", "prometheus-operator")];

/// A user, a fleet repository, a cluster that pulls it, and stand-ins.
pub struct World {
    // Dropped in this order: who asks before who answers.
    stand_ins: StandIns,
    cluster: Arc<Cluster>,
    _server: FleetServer,
    user: User,
    name: String,
    url: String,
}

/// A commit that was pushed.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The commit.
    pub commit: String,
    /// What Flux calls that which it pulls of it.
    pub revision: String,
    /// How long ago.
    pub watch: Stopwatch,
}

/// Slices that were published.
#[derive(Debug, Clone)]
pub struct Published {
    /// The clusters whose slices changed.
    pub changed: BTreeSet<String>,
    /// The slice of the world's cluster.
    pub pushed: Pushed,
}

impl World {
    /// A user with a copy of a stack, and a cluster of it that is empty and
    /// pulls nothing yet.
    pub fn start(stack: &Stack, cluster: &str, held: &[Duty]) -> Self {
        Self::start_with(stack, cluster, held, &[])
    }

    /// The same, with options for the kustomize-controller.
    pub fn start_with(stack: &Stack, cluster: &str, held: &[Duty], options: &[&str]) -> Self {
        // The cluster first: it is that which there are not many of.
        let running = Arc::new(Cluster::start(options));
        let server = FleetServer::start();
        let url = server.create("fleet");
        Self {
            stand_ins: StandIns::start(Arc::clone(&running), held),
            cluster: running,
            user: User::new(stack.directory(), &url),
            _server: server,
            name: cluster.to_owned(),
            url,
        }
    }

    /// Renders, bootstraps and waits until all is applied.
    #[track_caller]
    pub fn first_apply(&self) {
        let pushed = self.render(&[]);
        self.bootstrap(Verification::Nobody);
        self.settle("first apply", &pushed);
    }

    /// Starts, with all of a stack applied.
    pub fn settled(stack: &Stack, cluster: &str) -> Self {
        let world = Self::start(stack, cluster, &[]);
        world.first_apply();
        world
    }

    /// Whoever keeps the stack.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Its name in the stack.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its API server.
    pub fn api(&self) -> &Api {
        self.cluster.api()
    }

    /// Flux in it.
    pub fn flux(&self) -> Flux<'_> {
        Flux::new(self.api())
    }

    /// The stand-ins in it.
    pub fn stand_ins(&self) -> &StandIns {
        &self.stand_ins
    }

    /// What the fleet repository has for the cluster.
    pub fn tree(&self) -> Tree {
        Tree::read(&self.user.fleet(), &self.name)
    }

    /// Creates what a user's bootstrap creates. Before that, k3s has started and
    /// operators outside the stack are there, as far as the tree needs them.
    pub fn bootstrap(&self, verification: Verification<'_>) {
        self.prepare();
        self.flux().bootstrap(&self.name, &self.url, verification);
    }

    /// The same with what `ztgit bootstrap` prints.
    #[track_caller]
    pub fn bootstrap_as_printed(&self) {
        self.prepare();
        let text = self.user.bootstrap(&self.name);
        self.flux().bootstrap_as_printed(&text);
    }

    /// Where the fleet repository is.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn prepare(&self) {
        let fleet = self.user.fleet();
        k3s::boot(&self.cluster, &fleet.join("hosts").join(&self.name));
        let tree = self.tree();
        for (group, project) in OPERATORS {
            if tree.objects.iter().any(|object| object.id.group() == group) {
                self.cluster.install(project);
            }
        }
    }

    /// Renders, pushes, and tells Flux.
    #[track_caller]
    pub fn render(&self, options: &[&str]) -> Pushed {
        let commit = self.user.render(options);
        self.announce(commit)
    }

    /// Tells Flux of a commit that was pushed.
    pub fn announce(&self, commit: String) -> Pushed {
        let watch = Stopwatch::start();
        if !self.flux().units().is_empty() {
            self.flux().notify(&commit);
        }
        Pushed {
            revision: revision("main", &commit),
            commit,
            watch,
        }
    }

    /// Publishes what was rendered as slices, and tells Flux.
    #[track_caller]
    pub fn publish(&self, options: &[&str]) -> Published {
        let slices = self.user.publish(options);
        let watch = Stopwatch::start();
        let commit = self.user.head();
        let slice = slices.get(&self.name).expect("every cluster has a slice");
        if !self.flux().units().is_empty() {
            // A slice that stays is no reason to forget who asked.
            self.flux().notify(&format!("{commit} {}", slice.revision));
        }
        Published {
            changed: slices
                .iter()
                .filter(|(_, slice)| slice.changed)
                .map(|(cluster, _)| cluster.clone())
                .collect(),
            pushed: Pushed {
                revision: slice.revision(),
                commit,
                watch,
            },
        }
    }

    /// Waits until exactly the units of the tree are there, and each is ready at
    /// the commit; says how long that took.
    #[track_caller]
    pub fn settle(&self, what: &str, pushed: &Pushed) {
        let expected = self.expected_units();
        wait_for(what, || {
            let units = self.flux().units();
            let there: BTreeSet<&String> = units.keys().collect();
            ensure(there == expected.iter().collect(), || {
                format!("there are {there:?}, not {expected:?}")
            })?;
            all_are(&units, |_, unit| unit.is_ready_at(&pushed.revision))
        });
        say(&format!(
            "{what}: {} units of {} ready {} after the push",
            expected.len(),
            self.name,
            pushed.watch.seconds()
        ));
    }

    /// Whether each unit of the tree is as it should be; the first that is not
    /// otherwise.
    pub fn units_are(&self, is_right: impl Fn(&str, &Unit) -> bool) -> Result<(), String> {
        let mut units = self.flux().units();
        units.remove(FLUX);
        let expected = self.tree().dependencies.len();
        ensure(units.len() == expected, || format!("there are {units:?}"))?;
        all_are(&units, is_right)
    }

    /// An object as it is in the cluster, if it is there.
    pub fn find(&self, id: &ObjectId) -> Option<Value> {
        let object = self.api().object(id);
        object.unwrap_or_else(|error| panic!("{id}: {error}"))
    }

    /// An object as it is in the cluster, where it has to be.
    #[track_caller]
    pub fn get(&self, id: &ObjectId) -> Value {
        self.find(id).unwrap_or_else(|| panic!("{id} is not there"))
    }

    /// What stays the same for as long as an object is not made anew.
    #[track_caller]
    pub fn uid(&self, id: &ObjectId) -> String {
        let uid = &self.get(id)["metadata"]["uid"];
        uid.as_str().expect("every object has one").to_owned()
    }

    fn expected_units(&self) -> BTreeSet<String> {
        let mut units: BTreeSet<String> = self.tree().dependencies.into_keys().collect();
        units.insert(FLUX.to_owned());
        units
    }
}

fn all_are(
    units: &BTreeMap<String, Unit>,
    is_right: impl Fn(&str, &Unit) -> bool,
) -> Result<(), String> {
    let wrong = units.iter().find(|(name, unit)| !is_right(name, unit));
    wrong.map_or(Ok(()), |(name, unit)| Err(format!("{name}: {unit:?}")))
}

//! Flux in a cluster: what a bootstrap creates, and what it says of its work.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::{Api, ApiError, ObjectId};
use crate::cluster::{FETCHED, FLUX};
use crate::wait::{ensure, wait_for};

const UNITS: &str = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations";
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";
const SOURCE: &str = "source.toolkit.fluxcd.io/v1";
const REQUESTED: &str = "reconcile.fluxcd.io/requestedAt";
const SIGNERS: &str = "signers";

/// Flux, as seen through the API server.
pub struct Flux<'a>(&'a Api);

/// Whose commits are taken.
#[derive(Debug, Clone, Copy)]
pub enum Verification<'a> {
    /// Everybody's.
    Nobody,
    /// Those that this public SSH key signed.
    SignedBy(&'a str),
}

/// What Flux says of a Kustomization or a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// `True`, `False`, `Unknown`; empty where it says nothing yet.
    pub status: String,
    /// A reason of one word.
    pub reason: String,
    /// More of it.
    pub message: String,
}

/// A Kustomization of Flux's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Whether it is ready, and why not.
    pub ready: Condition,
    /// The revision that it applied last.
    pub applied: Option<String>,
    /// Whether what Flux says is about the Kustomization as it is now.
    pub is_current: bool,
    /// The last request to reconcile that it has handled.
    pub handled: Option<String>,
    /// Changes whenever Flux, or anybody, writes to it.
    pub version: String,
}

impl Unit {
    fn of(object: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let status = &object["status"];
        Self {
            ready: ready(object),
            applied: text(&status["lastAppliedRevision"]),
            is_current: status["observedGeneration"] == object["metadata"]["generation"],
            handled: text(&status["lastHandledReconcileAt"]),
            version: text(&object["metadata"]["resourceVersion"]).unwrap_or_default(),
        }
    }

    /// Whether it has applied a revision, and all of that is well.
    pub fn is_ready_at(&self, revision: &str) -> bool {
        self.is_current && self.ready.status == "True" && self.applied.as_deref() == Some(revision)
    }
}

/// How Flux calls a commit of a branch.
pub(crate) fn revision(branch: &str, commit: &str) -> String {
    format!("{branch}@sha1:{commit}")
}

fn ready(object: &Value) -> Condition {
    let conditions = object["status"]["conditions"].as_array();
    let found = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "Ready");
    let text = |name: &str| {
        let value = found.and_then(|condition| condition[name].as_str());
        value.unwrap_or_default().to_owned()
    };
    Condition {
        status: text("status"),
        reason: text("reason"),
        message: text("message"),
    }
}

impl<'a> Flux<'a> {
    /// Flux in the cluster that is behind this.
    pub fn new(api: &'a Api) -> Self {
        Self(api)
    }

    /// Creates the source and the Kustomization that a user's bootstrap does:
    /// the fleet repository, and in it the folder of the cluster.
    pub fn bootstrap(&self, cluster: &str, url: &str, verification: Verification<'_>) {
        let mut repository = json!({"interval": "10m", "url": url, "ref": {"branch": "main"}});
        if let Verification::SignedBy(key) = verification {
            self.administer(&json!({
                "apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": SIGNERS, "namespace": FLUX},
                "stringData": {"key.sshpub": key},
            }));
            repository["verify"] = json!({"mode": "HEAD", "secretRef": {"name": SIGNERS}});
        }
        let (label, value) = FETCHED;
        self.administer(&json!({
            "apiVersion": SOURCE, "kind": "GitRepository",
            "metadata": {"name": FLUX, "namespace": FLUX, "labels": {label: value}},
            "spec": repository,
        }));
        self.administer(&json!({
            "apiVersion": KUSTOMIZE, "kind": "Kustomization",
            "metadata": {"name": FLUX, "namespace": FLUX},
            "spec": {
                "interval": "10m",
                "path": format!("./clusters/{cluster}"),
                "prune": true,
                "sourceRef": {"kind": "GitRepository", "name": FLUX},
            },
        }));
    }

    /// Creates or changes what `ztgit bootstrap` has printed. Only two things of it
    /// are the suite's own: which sources are fetched here, and that the registry
    /// has no certificate.
    pub fn bootstrap_as_printed(&self, text: &str) {
        let objects: Vec<Value> = serde_saphyr::from_multiple(text).expect("it printed YAML");
        for mut object in objects {
            if object["apiVersion"] == SOURCE {
                let (label, value) = FETCHED;
                object["metadata"]["labels"] = json!({label: value});
            }
            if object["kind"] == "OCIRepository" {
                object["spec"]["insecure"] = true.into();
            }
            self.administer(&object);
        }
    }

    /// Changes the Kustomization that the bootstrap created.
    pub fn patch_bootstrap(&self, spec: &Value) {
        self.0
            .merge(&unit_id(FLUX), &json!({ "spec": spec }))
            .expect("the bootstrap can be changed");
    }

    /// Tells Flux that there is a new commit, as a webhook does.
    pub fn notify(&self, token: &str) {
        self.request(&self.source_id(), token);
    }

    /// Makes Flux look for something new, and waits until it has.
    #[track_caller]
    pub fn fetch(&self, token: &str) {
        self.notify(token);
        wait_for("the source", || {
            let handled = &self.source_object()["status"]["lastHandledReconcileAt"];
            ensure(handled == token, || handled.to_string())
        });
    }

    /// Makes a unit reconcile now, and waits until it has.
    #[track_caller]
    pub fn reconcile(&self, unit: &str, token: &str) {
        self.request(&unit_id(unit), token);
        wait_for(unit, || {
            let handled = self.units().remove(unit).and_then(|unit| unit.handled);
            let is_done = handled.as_deref() == Some(token);
            ensure(is_done, || format!("{handled:?}"))
        });
    }

    /// Makes a unit reconcile soon.
    pub fn request_unit(&self, unit: &str, token: &str) {
        self.request(&unit_id(unit), token);
    }

    /// All Kustomizations by name, the bootstrap's with them.
    pub fn units(&self) -> BTreeMap<String, Unit> {
        let list = self.0.list(UNITS).expect("Flux's kinds are installed");
        list.iter()
            .map(|object| {
                let name = object["metadata"]["name"].as_str().expect("a name");
                (name.to_owned(), Unit::of(object))
            })
            .collect()
    }

    /// A Kustomization, which has to be there.
    #[track_caller]
    pub fn unit(&self, name: &str) -> Unit {
        let unit = self.units().remove(name);
        unit.unwrap_or_else(|| panic!("there is no Kustomization {name}"))
    }

    /// What Flux says of the source.
    pub fn source(&self) -> Condition {
        ready(&self.source_object())
    }

    /// Whether Flux has fetched a revision.
    pub fn has_fetched(&self, revision: &str) -> bool {
        self.source_object()["status"]["artifact"]["revision"] == revision
    }

    fn source_object(&self) -> Value {
        let object = self.0.object(&self.source_id());
        object.ok().flatten().unwrap_or_default()
    }

    /// The source that the bootstrap created, of whichever kind.
    fn source_id(&self) -> ObjectId {
        let id = |kind| ObjectId::namespaced(SOURCE, kind, FLUX, FLUX);
        let oci = id("OCIRepository");
        match self.0.object(&oci) {
            Ok(Some(_)) => oci,
            _ => id("GitRepository"),
        }
    }

    fn request(&self, id: &ObjectId, token: &str) {
        let patch = json!({"metadata": {"annotations": {REQUESTED: token}}});
        let answer: Result<Value, ApiError> = self.0.merge(id, &patch);
        answer.unwrap_or_else(|error| panic!("{id}: {error}"));
    }

    fn administer(&self, object: &Value) {
        let answer = self.0.administer(object);
        answer.unwrap_or_else(|error| panic!("{}: {error}", ObjectId::of(object)));
    }
}

fn unit_id(name: &str) -> ObjectId {
    ObjectId::namespaced(KUSTOMIZE, "Kustomization", FLUX, name)
}

//! A cluster without nodes: a real control plane with Flux's real source- and
//! kustomize-controller, on free ports of the loopback interface, from an empty
//! state that is thrown away.

mod audit;
mod control_plane;
mod history;
mod identity;
mod ports;
mod process;
mod turns;

use std::io::{self, Write as _};
use std::path::Path;
use std::thread;

use tempfile::TempDir;

pub use audit::{Action, Write};
use control_plane::ControlPlane;
pub use history::History;
use identity::Identity;
pub(crate) use ports::free_port;
pub(crate) use process::Process;
use turns::Turn;

use crate::api::Api;
use crate::installation::Installation;
use crate::state::state_directory;
use crate::wait::Stopwatch;

/// Flux's namespace, and the name of its first source and Kustomization, as
/// `flux bootstrap` has them.
pub const FLUX: &str = "flux-system";

/// The label of the sources that Flux fetches here. All others, such as charts
/// in registries that a test cannot reach, are left to the stand-ins.
pub(crate) const FETCHED: (&str, &str) = ("ztgit.test/fetched", "yes");

/// A running cluster. Its processes end with it.
pub struct Cluster {
    // Dropped in this order: clients before servers, their files last.
    controllers: Vec<Process>,
    control_plane: ControlPlane,
    installation: Installation,
    directory: Option<TempDir>,
    _turn: Turn,
}

impl Cluster {
    /// Starts one with Flux's own kinds and nothing else, and waits until it
    /// answers. Waits first until there is a processor for it. The options are
    /// the kustomize-controller's.
    pub fn start(options: &[&str]) -> Self {
        let turn = Turn::take();
        let watch = Stopwatch::start();
        let installation = Installation::locate();
        let directory = state_directory();
        let control_plane = ControlPlane::start(&installation, directory.path());
        let mut cluster = Self {
            controllers: Vec::new(),
            control_plane,
            installation,
            directory: Some(directory),
            _turn: turn,
        };
        cluster.install_flux(options);
        say(&format!("cluster started in {}", watch.seconds()));
        cluster
    }

    /// The way to its API server.
    pub fn api(&self) -> &Api {
        &self.control_plane.api
    }

    /// The client configuration of somebody who may do everything.
    pub fn kubeconfig(&self) -> &Path {
        &self.control_plane.kubeconfigs[&Identity::Administrator]
    }

    /// Installs the kinds of a project, as its operator or chart would.
    pub fn install(&self, project: &str) {
        let texts = self.installation.definitions(project);
        self.api().install_definitions(project, &texts);
    }

    /// All writes of whole objects so far.
    pub fn history(&self) -> History<'_> {
        History::new(self.api(), audit::writes(&self.control_plane.audit_log))
    }

    fn install_flux(&mut self, options: &[&str]) {
        for project in ["flux-source", "flux-kustomize", "flux-helm"] {
            self.install(project);
        }
        let namespace = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": FLUX},
        });
        for object in [namespace, identity::role_binding()] {
            let answer = self.api().administer(&object);
            answer.expect("an administrator may do everything");
        }
        let (label, value) = FETCHED;
        let storage = format!("127.0.0.1:{}", free_port());
        self.run_controller(
            "source-controller",
            Identity::SourceController,
            &[
                format!("--watch-label-selector={label}={value}"),
                format!("--storage-addr={storage}"),
                format!("--storage-adv-addr={storage}"),
                format!("--storage-path={}", self.path("artifacts")),
            ],
        );
        // Flux's default is 30 s, which is what a user waits for each phase of a
        // commit; here it would only be waiting.
        let mut kustomize = vec!["--requeue-dependency=1s", "--no-remote-bases"];
        kustomize.extend(options);
        let kustomize: Vec<String> = kustomize.into_iter().map(str::to_owned).collect();
        self.run_controller(
            "kustomize-controller",
            Identity::KustomizeController,
            &kustomize,
        );
    }

    /// Flux's controllers read `KUBECONFIG`; they have no flag for it.
    fn run_controller(&mut self, name: &str, identity: Identity, arguments: &[String]) {
        let directory = self.directory().to_owned();
        let scratch = self.path(&format!("scratch/{name}"));
        let mut arguments = arguments.to_vec();
        arguments.extend(["--metrics-addr=0", "--health-addr=0"].map(str::to_owned));
        let program = self.installation.program(name);
        let process = Process::start(&program, &arguments, &directory, |command| {
            command
                .env("KUBECONFIG", &self.control_plane.kubeconfigs[&identity])
                .env("RUNTIME_NAMESPACE", FLUX)
                .env("TMPDIR", &scratch);
        });
        self.controllers.insert(0, process);
    }

    /// A directory of this name below the cluster's own, made now.
    fn path(&self, name: &str) -> String {
        let path = self.directory().join(name);
        std::fs::create_dir_all(&path).expect("the state directory is writable");
        path.display().to_string()
    }

    fn directory(&self) -> &Path {
        let directory = self.directory.as_ref();
        directory.expect("only dropping takes it away").path()
    }
}

impl Drop for Cluster {
    /// Where a test fails, its cluster's last words are worth more than room on
    /// the disk.
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let tails: String = self.controllers.iter().map(Process::tail).collect();
        let directory = self.directory.take().map(TempDir::keep).unwrap_or_default();
        // Large, and nobody reads it. What is not removed is of no consequence.
        let _ = std::fs::remove_dir_all(directory.join("etcd"));
        say(&format!(
            "{tails}{}all logs: {}",
            self.control_plane.tails(),
            directory.display()
        ));
    }
}

/// Tells whoever watches the tests; past their capture.
pub fn say(text: &str) {
    let thread = thread::current();
    let name = thread.name().unwrap_or("a test");
    // Nobody to tell it to is no reason to fail.
    let _ = writeln!(io::stderr(), "[{name}] {text}");
}

//! A stack with the guest `puppet` in it, taken through all stages in memory.

use serde_json::{Value, json};
use ztgit::diagnostic::Severity;
use ztgit::error::{CommandError, Exit};
use ztgit::plan::{Lock, Means, Planner, Plugins};
use ztgit::plugin::CompileCache;
use ztgit::registry::{Reach, Registries, RegistrySettings};
use ztgit::render::{PLUGIN_OUTPUT, Renderer};
use ztgit::stack::{StackFiles, load};
use ztgit::tree::TreePath;
use ztgit_registry::PlainHttp;
use ztgit_test_support::{guest, scratch};

use super::components::RUNTIME;

/// Plugins of a stack, with their grants and configs.
#[derive(Default)]
pub(crate) struct Stage {
    plugins: Value,
    config: Value,
}

/// What became of it.
pub(crate) struct Outcome {
    files: Vec<(String, Vec<u8>)>,
    /// Codes and messages of the errors among the findings.
    errors: Vec<(String, String)>,
}

impl Stage {
    /// Puts a guest on the stage.
    pub(crate) fn with(
        mut self,
        name: &str,
        guest_name: &str,
        grants: &Value,
        config: Value,
    ) -> Self {
        self.plugins[name] = json!({"path": guest(guest_name), "grants": grants});
        self.config[name] = config;
        self
    }

    /// Lets a guest import WASI.
    pub(crate) fn with_wasi(mut self, name: &str) -> Self {
        self.plugins[name]["wasi"] = true.into();
        self
    }

    pub(crate) fn run(&self) -> Result<Outcome, CommandError> {
        let text = self.stack().to_string().into_bytes();
        let (stack, found) = load(&StackFiles::from_files([("stack.yaml".to_owned(), text)]));
        assert!(!found.has_errors(), "{found:?}");
        let cache = CompileCache::new(&scratch("cache"));
        let directory = scratch("components");
        let registries = Registries::new(RegistrySettings {
            reach: Reach::Offline,
            docker_config: None,
            cache: None,
            authorities: None,
            plain_http: PlainHttp::Loopback,
        });
        let means = Means {
            runtime: &RUNTIME,
            cache: Some(&cache),
            registries: &registries,
        };
        let resolved = Plugins::resolve(&stack.plugins, &directory, Lock::default(), &means)?;
        let plugins = resolved.plugins;
        let (plan, found) = Planner::new(&plugins)?.plan(&stack.clusters[0])?;
        assert!(!found.has_errors(), "{found:?}");
        let (output, found) = Renderer::new(&plugins).render(&plan)?;
        let errors = found
            .iter()
            .filter(|found| found.severity == Severity::Error);
        Ok(Outcome {
            files: output
                .tree
                .iter()
                .map(|(path, entry)| (TreePath::as_str(path).to_owned(), entry.bytes.clone()))
                .collect(),
            errors: errors
                .map(|found| (found.code.clone(), found.message.clone()))
                .collect(),
        })
    }

    /// The text of the error with which a grant is exceeded.
    pub(crate) fn beyond_grants(&self) -> String {
        let Err(error) = self.run() else {
            panic!("nothing was refused")
        };
        assert_eq!(error.exit, Exit::Plugin, "{error:?}");
        assert!(
            error.hints.iter().any(|hint| hint.contains("grants`: ")),
            "{error:?}"
        );
        error.message
    }

    /// What is said of the plugin's output.
    pub(crate) fn faults(&self) -> Vec<String> {
        let outcome = self
            .run()
            .map_err(|error| error.message)
            .expect("it renders");
        assert!(!outcome.errors.is_empty(), "nothing was refused");
        let (codes, messages): (Vec<_>, Vec<_>) = outcome.errors.into_iter().unzip();
        assert!(codes.iter().all(|code| code == PLUGIN_OUTPUT), "{codes:?}");
        messages
    }

    fn stack(&self) -> Value {
        json!({
            "apiVersion": "ztgit.dev/v1alpha1",
            "kind": "Stack",
            "metadata": {"name": "stage"},
            "spec": {
                "plugins": self.plugins,
                "clusters": {"home": {
                    "flux": {"source": {
                        "kind": "GitRepository",
                        "name": "flux-system",
                        "url": "https://git.example.net/fleet.git"
                    }},
                    "network": {
                        "podCIDRs": ["10.42.0.0/16"],
                        "serviceCIDRs": ["10.43.0.0/16"],
                        "nodeCIDRs": ["192.168.1.0/24"]
                    },
                    "nodes": {"pi-1": {"role": "server", "addresses": ["192.168.1.10"]}},
                    "namespaces": {"demo": {"mode": "enforce"}, "payments": {"mode": "enforce"}},
                    "config": self.config,
                }}
            }
        })
    }
}

impl Outcome {
    /// The text of a file, which must be there.
    pub(crate) fn file(&self, path: &str) -> &str {
        let found = self.files.iter().find(|(name, _)| name == path);
        let Some((_, bytes)) = found else {
            let names: Vec<&String> = self.files.iter().map(|(name, _)| name).collect();
            panic!("no {path} among {names:#?}");
        };
        std::str::from_utf8(bytes).expect("the file is text")
    }

    /// It has to be without a fault.
    pub(crate) fn clean(self) -> Self {
        assert_eq!(self.errors, []);
        self
    }
}

/// The puppet alone, saying what its config says.
pub(crate) fn puppet(grants: &Value, config: Value) -> Stage {
    Stage::default().with("puppet", "puppet", grants, config)
}

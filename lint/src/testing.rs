//! Fixtures for the rules' tests: a cluster, objects and files, and what one
//! rule finds in them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Cluster;
use ztgit_plugin::testing::{homelab, merge_patch};
use ztgit_plugin::{
    Activation, Fact, FactScope, FileTarget, Phase, Severity, StandardFact, StatedFact,
};

use crate::finding::Finding;
use crate::posture::{Item, posture};
use crate::rule::Rule;
use crate::subject::{HostFile, Object, Origin, Subject};

/// What a rule is run over.
pub(crate) struct Lint {
    cluster: Value,
    configs: BTreeMap<String, Value>,
    facts: Vec<StatedFact>,
    objects: Vec<(Phase, Value)>,
    files: Vec<File>,
}

struct File {
    target: FileTarget,
    path: String,
    content: String,
    activation: Vec<Activation>,
}

impl Lint {
    /// The single-node cluster of the homelab stack, with nothing rendered.
    pub(crate) fn homelab() -> Self {
        Self {
            cluster: homelab(),
            configs: BTreeMap::new(),
            facts: Vec::new(),
            objects: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Lays this over the cluster, as a JSON Merge Patch.
    pub(crate) fn cluster(mut self, patch: &Value) -> Self {
        merge_patch(&mut self.cluster, patch);
        self
    }

    /// A plugin's config.
    pub(crate) fn config(mut self, plugin: &str, config: Value) -> Self {
        self.configs.insert(plugin.to_owned(), config);
        self
    }

    /// A fact about the whole cluster.
    pub(crate) fn fact<F: StandardFact>(mut self, provider: &str, value: &F) -> Self {
        self.facts.push(StatedFact {
            provider: provider.to_owned(),
            fact: Fact::new(FactScope::Cluster, value),
        });
        self
    }

    /// An object in phase `allow`.
    pub(crate) fn object(self, object: Value) -> Self {
        self.object_in(Phase::Allow, object)
    }

    /// An object in a phase.
    pub(crate) fn object_in(mut self, phase: Phase, object: Value) -> Self {
        self.objects.push((phase, object));
        self
    }

    /// A file of a node.
    pub(crate) fn file(self, node: &str, path: &str, content: &str) -> Self {
        self.file_of(FileTarget::Node(node.to_owned()), path, content)
    }

    /// A file of a node or a client.
    pub(crate) fn file_of(mut self, target: FileTarget, path: &str, content: &str) -> Self {
        self.files.push(File {
            target,
            path: path.to_owned(),
            content: content.to_owned(),
            activation: Vec::new(),
        });
        self
    }

    /// The rule finds something about this subject, and nothing about others.
    #[track_caller]
    pub(crate) fn finds(&self, rule: Rule, subject: &str) {
        let findings = self.findings(rule);
        assert!(!findings.is_empty(), "{} finds nothing", rule.code);
        for finding in findings {
            assert_eq!(finding.subject, subject, "{}", finding.message);
        }
    }

    /// The same, and each finding weighs this much.
    #[track_caller]
    pub(crate) fn finds_of(&self, rule: Rule, subject: &str, severity: Severity) {
        self.finds(rule, subject);
        for finding in self.findings(rule) {
            assert_eq!(finding.severity, severity, "{}", finding.message);
        }
    }

    /// The rule finds nothing.
    #[track_caller]
    pub(crate) fn passes(&self, rule: Rule) {
        let findings = self.findings(rule);
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// What the rule finds.
    fn findings(&self, rule: Rule) -> Vec<Finding> {
        self.judged(|subject| rule.findings(subject))
    }

    /// Where the cluster stands.
    pub(crate) fn posture(&self) -> Vec<Item> {
        self.judged(|subject| posture(subject, &crate::lint(subject)))
    }

    /// What is to be said of it.
    fn judged<T>(&self, judge: impl FnOnce(&Subject<'_>) -> T) -> T {
        let cluster: Cluster = serde_json::from_value(self.cluster.clone()).expect("a cluster");
        let mut subject = Subject::new(&cluster, &self.facts);
        subject.configs = self
            .configs
            .iter()
            .map(|(name, c)| (name.as_str(), c))
            .collect();
        for (phase, value) in &self.objects {
            subject.add_object(Object {
                value,
                phase: *phase,
                origin: Origin::HandWritten,
            });
        }
        subject.files.extend(self.files.iter().map(|file| HostFile {
            target: &file.target,
            path: &file.path,
            content: file.content.as_bytes(),
            activation: &file.activation,
            plugin: "test",
        }));
        judge(&subject)
    }
}

/// The subject of findings about [`policy`].
pub(crate) const POLICY: &str = "CiliumNetworkPolicy/my-app/p";

/// The subject of findings about [`clusterwide`].
pub(crate) const CLUSTERWIDE: &str = "CiliumClusterwideNetworkPolicy/p";

/// A policy of the namespace `my-app`.
pub(crate) fn policy(spec: &Value) -> Value {
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "p", "namespace": "my-app"},
        "spec": spec,
    })
}

/// A policy of the whole cluster.
pub(crate) fn clusterwide(spec: &Value) -> Value {
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy",
        "metadata": {"name": "p"},
        "spec": spec,
    })
}

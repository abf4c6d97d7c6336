//! ztgit's own plugins as native programs: what they state and render for a cluster,
//! as a subject of lint.

use std::collections::BTreeMap;

use serde_json::Value;
use ztgit_lint::{HostFile, Object, Origin, Severity, Subject};
use ztgit_plugin::{Artifact, Cluster, Facts, File, Phase, Plugin, Rendering, StatedFact};
use ztgit_plugin_cilium::Cilium;
use ztgit_plugin_crowdsec::Crowdsec;
use ztgit_plugin_gateway_tls::GatewayTls;
use ztgit_plugin_k3s::K3S;
use ztgit_plugin_nftables::Nftables;
use ztgit_plugin_wireguard::Wireguard;

/// The config of each plugin that takes part, by the plugin's name.
pub(crate) type Configs = BTreeMap<&'static str, Value>;

/// A rendering without errors.
pub(crate) struct Rendered {
    cluster: Cluster,
    configs: Configs,
    facts: Vec<StatedFact>,
    objects: Vec<(&'static str, Phase, Value)>,
    files: Vec<(&'static str, File)>,
}

impl Rendered {
    /// What plugins make of a cluster.
    pub(crate) fn of(cluster: &Value, configs: &Configs) -> Self {
        let cluster: Cluster = serde_json::from_value(cluster.clone()).expect("a cluster");
        let facts = configs.iter();
        let facts = facts.flat_map(|(name, config)| call(name).facts(&cluster, name, config));
        let mut rendered = Self {
            facts: facts.collect(),
            cluster,
            configs: configs.clone(),
            objects: Vec::new(),
            files: Vec::new(),
        };
        for (name, config) in configs {
            let rendering = call(name).render(&rendered.cluster, config, &rendered.facts);
            for artifact in rendering.artifacts {
                rendered.add(name, artifact);
            }
        }
        rendered
    }

    fn add(&mut self, plugin: &'static str, artifact: Artifact) {
        match artifact {
            Artifact::Manifest(manifest) => {
                let value = manifest.object.into_value();
                self.objects.push((plugin, manifest.phase, value));
            }
            Artifact::File(file) => self.files.push((plugin, file)),
            Artifact::Awaited(_) => {}
        }
    }

    /// It as lint is given it.
    pub(crate) fn subject(&self) -> Subject<'_> {
        let mut subject = Subject::new(&self.cluster, &self.facts);
        let configs = self.configs.iter();
        subject.configs = configs.map(|(name, config)| (*name, config)).collect();
        for (plugin, phase, value) in &self.objects {
            subject.add_object(Object {
                value,
                phase: *phase,
                origin: Origin::Plugin(plugin),
            });
        }
        subject
            .files
            .extend(self.files.iter().map(|(plugin, file)| HostFile {
                target: &file.target,
                path: &file.path,
                content: &file.content,
                activation: &file.activation,
                plugin,
            }));
        subject
    }
}

/// A plugin, natively.
struct Call {
    facts: fn(&str, &Cluster, &Value) -> Vec<StatedFact>,
    render: fn(&Cluster, &Value, &[StatedFact]) -> Rendering,
}

impl Call {
    fn of<P: Plugin>() -> Self {
        Self {
            facts: stated::<P>,
            render: render::<P>,
        }
    }

    fn facts(&self, cluster: &Cluster, name: &str, config: &Value) -> Vec<StatedFact> {
        (self.facts)(name, cluster, config)
    }

    fn render(&self, cluster: &Cluster, config: &Value, facts: &[StatedFact]) -> Rendering {
        (self.render)(cluster, config, facts)
    }
}

fn call(name: &str) -> Call {
    match name {
        "cilium" => Call::of::<Cilium>(),
        "crowdsec" => Call::of::<Crowdsec>(),
        "gateway-tls" => Call::of::<GatewayTls>(),
        "k3s" => Call::of::<K3S>(),
        "nftables" => Call::of::<Nftables>(),
        "wireguard" => Call::of::<Wireguard>(),
        other => panic!("no plugin `{other}`"),
    }
}

fn config<P: Plugin>(config: &Value) -> P::Config {
    serde_json::from_value(config.clone()).expect("a config")
}

fn stated<P: Plugin>(name: &str, cluster: &Cluster, value: &Value) -> Vec<StatedFact> {
    let statement = P::facts(cluster, &config::<P>(value));
    let facts = statement.facts.into_iter();
    facts
        .map(|fact| StatedFact {
            provider: name.to_owned(),
            fact,
        })
        .collect()
}

fn render<P: Plugin>(cluster: &Cluster, value: &Value, facts: &[StatedFact]) -> Rendering {
    let consumed: Vec<String> = P::describe()
        .consumes
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    let facts = facts
        .iter()
        .filter(|stated| consumed.contains(&stated.fact.kind));
    let rendering = P::render(
        cluster,
        &config::<P>(value),
        &Facts::new(facts.cloned().collect()),
    );
    let errors: Vec<_> = rendering
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    rendering
}

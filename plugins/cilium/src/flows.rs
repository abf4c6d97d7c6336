//! All flows of a cluster: those of the stack and those that plugins state.

use std::collections::BTreeSet;

use ztgit_plugin::cluster::{Entity, Flow, Peer};
use ztgit_plugin::fact::FlowFact;
use ztgit_plugin::{Cluster, Diagnostic, Facts};

/// A flow with who wants it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Who wants it.
    pub(crate) source: Source,
    /// Its name, unique for its source.
    pub(crate) name: String,
    /// Who reaches whom.
    pub(crate) flow: Flow,
}

/// Where a flow comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The stack.
    Stack,
    /// A plugin.
    Fact {
        /// The plugin's name in the stack.
        provider: String,
        /// The fact's index.
        index: usize,
    },
}

impl Wanted {
    /// The parts that name its policies.
    pub(crate) fn stem(&self) -> Vec<&str> {
        match &self.source {
            Source::Stack => vec![&self.name],
            Source::Fact { provider, .. } => vec![provider, &self.name],
        }
    }

    /// For people: which flow it is.
    pub(crate) fn title(&self) -> String {
        match &self.source {
            Source::Stack => format!("flow `{}`", self.name),
            Source::Fact { provider, .. } => format!("flow `{}` of plugin `{provider}`", self.name),
        }
    }

    /// Puts a finding at a place in the flow.
    pub(crate) fn locate(&self, diagnostic: Diagnostic, path: &[&str]) -> Diagnostic {
        match &self.source {
            Source::Stack => diagnostic.at_cluster(
                ["flows", &self.name]
                    .into_iter()
                    .chain(path.iter().copied()),
            ),
            Source::Fact { index, .. } => diagnostic.at_fact(*index),
        }
    }
}

/// The stack's flows by name, then the plugins' by provider; two of one name
/// from one plugin are an error.
pub(crate) fn collect(cluster: &Cluster, facts: &Facts) -> (Vec<Wanted>, Vec<Diagnostic>) {
    let mut flows: Vec<Wanted> = cluster
        .flows
        .iter()
        .map(|(name, flow)| Wanted {
            source: Source::Stack,
            name: name.clone(),
            flow: flow.clone(),
        })
        .collect();
    let mut diagnostics = Vec::new();
    let mut seen = BTreeSet::new();
    for fact in facts.of::<FlowFact>() {
        let FlowFact { name, flow } = fact.value;
        if seen.insert((fact.provider, name.clone())) {
            let source = Source::Fact {
                provider: fact.provider.to_owned(),
                index: fact.index,
            };
            flows.push(Wanted { source, name, flow });
        } else {
            let message = format!(
                "plugin `{}` states two flows called `{name}`",
                fact.provider
            );
            diagnostics.push(
                Diagnostic::error("flow-twice", message)
                    .at_fact(fact.index)
                    .hint("report this to the plugin's author: a flow's name is unique for its plugin"),
            );
        }
    }
    (flows, diagnostics)
}

/// Whether any flow has a Gateway at one end.
pub(crate) fn use_gateway(flows: &[Wanted]) -> bool {
    let gateway = Peer::Entity(Entity::Gateway);
    flows
        .iter()
        .any(|wanted| wanted.flow.from == gateway || wanted.flow.to == gateway)
}

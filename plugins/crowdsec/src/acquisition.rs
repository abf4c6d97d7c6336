//! Which logs CrowdSec reads.
//!
//! A log that is read twice fills every bucket twice as fast, so each is in one
//! file only, whoever asked for it; and the packages' own list, which has SSH
//! as well, is emptied.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::fact::LogSource;
use ztgit_plugin::yaml::one_line;
use ztgit_plugin::{Diagnostic, FactScope, Facts};

use crate::config::Config;
use crate::hub::HubItem;
use crate::log;
use crate::paths::{ACQUISITION, ACQUISITION_DIRECTORY};

const EMPTY: &str = "\
# Rendered by ztgit. Empty: what is read is in acquis.d, and a log that is read
# twice is counted twice.
";

/// Valid sources, each with where it is read and who asked for it, SSH first.
#[derive(Debug)]
pub(crate) struct Acquisition(Vec<Source>);

#[derive(Debug)]
struct Source {
    log: LogSource,
    scope: FactScope,
    asker: Asker,
}

/// Who wants a log read. The order is that of the files they get.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asker {
    Ssh,
    Stack(String),
    Plugin(String),
}

impl Asker {
    fn path(&self) -> String {
        match self {
            Self::Ssh => format!("{ACQUISITION_DIRECTORY}ztgit-ssh.yaml"),
            // No plugin can be called so.
            Self::Stack(_) => format!("{ACQUISITION_DIRECTORY}ztgit-from-stack.yaml"),
            Self::Plugin(name) => format!("{ACQUISITION_DIRECTORY}ztgit-from-{name}.yaml"),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Ssh => "this plugin, for logins".to_owned(),
            Self::Stack(key) => format!("the stack, as {key}"),
            Self::Plugin(name) => name.clone(),
        }
    }
}

impl Acquisition {
    /// SSH and the sources of the config and of all facts. What CrowdSec would
    /// read nothing from without saying so is reported, and so are two formats
    /// for one log.
    pub(crate) fn gather(
        config: &Config,
        facts: &Facts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut acquisition = Self(Vec::new());
        let ssh = LogSource::Journal {
            unit: config.ssh_unit.as_str().to_owned(),
            format: "syslog".to_owned(),
        };
        acquisition.add(ssh, FactScope::Cluster, Asker::Ssh);
        for (key, log) in &config.logs {
            let problem = acquisition.problem(log, &FactScope::Cluster, config);
            diagnostics.extend(problem.map(|problem| problem.at_config(["logs", key])));
            acquisition.add(log.clone(), FactScope::Cluster, Asker::Stack(key.clone()));
        }
        for stated in facts.of::<LogSource>() {
            let problem = acquisition.problem(&stated.value, stated.scope, config);
            diagnostics.extend(problem.map(|problem| problem.at_fact(stated.index)));
            let asker = Asker::Plugin(stated.provider.to_owned());
            acquisition.add(stated.value, stated.scope.clone(), asker);
        }
        acquisition
    }

    fn problem(&self, log: &LogSource, scope: &FactScope, config: &Config) -> Option<Diagnostic> {
        log::unreadable(log)
            .or_else(|| {
                self.0
                    .iter()
                    .filter(|earlier| overlap(&earlier.scope, scope))
                    .find_map(|earlier| log::conflict(&earlier.log, log, &earlier.asker.name()))
            })
            .or_else(|| log::not_understood(log, config.bouncer))
    }

    fn add(&mut self, log: LogSource, scope: FactScope, asker: Asker) {
        self.0.push(Source { log, scope, asker });
    }

    /// What the logs of a node need from CrowdSec's hub.
    pub(crate) fn needs(&self, config: &Config, node: &str) -> BTreeSet<HubItem> {
        self.on(node)
            .flat_map(|source| log::needs(&source.log, config.bouncer))
            .collect()
    }

    /// The files of one node: the emptied list, and one for each who asked,
    /// with what nobody before asked for.
    pub(crate) fn files(&self, node: &str) -> Vec<(String, String)> {
        let mut askers: BTreeMap<&LogSource, BTreeSet<&Asker>> = BTreeMap::new();
        for source in self.on(node) {
            askers.entry(&source.log).or_default().insert(&source.asker);
        }
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (log, askers) in askers {
            let first = askers.first().expect("whoever added the log asked for it");
            let names: Vec<String> = askers.iter().map(|asker| asker.name()).collect();
            let names = one_line(&names.join(" and "));
            files
                .entry(first.path())
                .or_default()
                .push(format!("# Asked for by {names}.\n{}", log::document(log)));
        }
        let list = (ACQUISITION.to_owned(), EMPTY.to_owned());
        let rest = files.into_iter().map(|(path, documents)| {
            let documents = documents.join("---\n");
            (path, format!("# Rendered by ztgit.\n{documents}"))
        });
        [list].into_iter().chain(rest).collect()
    }

    fn on(&self, node: &str) -> impl Iterator<Item = &Source> {
        self.0
            .iter()
            .filter(move |source| source.scope.covers(node))
    }
}

fn overlap(one: &FactScope, other: &FactScope) -> bool {
    match (one, other) {
        (FactScope::Nodes(nodes), scope) | (scope, FactScope::Nodes(nodes)) => {
            nodes.iter().any(|node| scope.covers(node))
        }
        (FactScope::Cluster, FactScope::Cluster) => true,
    }
}

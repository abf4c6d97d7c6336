//! Which logs CrowdSec reads.
//!
//! A log that is read twice fills every bucket twice as fast, so each is in one
//! file only, whoever asked for it; and the packages' own list, which has SSH
//! as well, is emptied.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ztgit_plugin::fact::LogSource;
use ztgit_plugin::{Diagnostic, FactScope, Facts};

use crate::config::Config;
use crate::paths::{ACQUISITION, ACQUISITION_DIRECTORY};
use crate::unit::UnitName;
use ztgit_plugin::yaml::{breaks_lines, one_line, quoted};

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
    Plugin(String),
}

impl Asker {
    fn path(&self) -> String {
        match self {
            Self::Ssh => format!("{ACQUISITION_DIRECTORY}ztgit-ssh.yaml"),
            Self::Plugin(name) => format!("{ACQUISITION_DIRECTORY}ztgit-from-{name}.yaml"),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Ssh => "this plugin, for logins",
            Self::Plugin(name) => name,
        }
    }
}

impl Acquisition {
    /// SSH and the sources of all facts. What CrowdSec would read nothing from
    /// without saying so is reported, and so are two formats for one log.
    pub(crate) fn gather(
        config: &Config,
        facts: &Facts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let ssh = LogSource::Journal {
            unit: config.ssh_unit.as_str().to_owned(),
            format: "syslog".to_owned(),
        };
        let mut sources = vec![Source {
            log: ssh,
            scope: FactScope::Cluster,
            asker: Asker::Ssh,
        }];
        for stated in facts.of::<LogSource>() {
            let problem = invalid(&stated.value).or_else(|| {
                sources
                    .iter()
                    .find_map(|earlier| conflict(earlier, &stated.value, stated.scope))
            });
            if let Some(problem) = problem {
                diagnostics.push(problem.at_fact(stated.index));
            }
            sources.push(Source {
                log: stated.value,
                scope: stated.scope.clone(),
                asker: Asker::Plugin(stated.provider.to_owned()),
            });
        }
        Self(sources)
    }

    /// The files of one node: the emptied list, and one for each who asked,
    /// with what nobody before asked for.
    pub(crate) fn files(&self, node: &str) -> Vec<(String, String)> {
        let mut askers: BTreeMap<&LogSource, Vec<&Asker>> = BTreeMap::new();
        for source in self.0.iter().filter(|source| source.scope.covers(node)) {
            askers.entry(&source.log).or_default().push(&source.asker);
        }
        let mut documents: BTreeMap<&Asker, Vec<String>> = BTreeMap::new();
        for (log, mut askers) in askers {
            askers.sort();
            askers.dedup();
            documents
                .entry(askers[0])
                .or_default()
                .push(document(log, &askers));
        }
        let mut files = vec![(ACQUISITION.to_owned(), EMPTY.to_owned())];
        files.extend(documents.into_iter().map(|(asker, documents)| {
            (
                asker.path(),
                format!("# Rendered by ztgit.\n{}", documents.join("---\n")),
            )
        }));
        files
    }
}

fn document(log: &LogSource, askers: &[&Asker]) -> String {
    let names: Vec<&str> = askers.iter().map(|asker| asker.name()).collect();
    let mut text = format!("# Asked for by {}.\n", one_line(&names.join(" and ")));
    let format = match log {
        LogSource::Journal { unit, format } => {
            let filter = quoted(&format!("_SYSTEMD_UNIT={unit}"));
            write!(
                text,
                "source: journalctl\njournalctl_filter:\n  - {filter}\n"
            )
            .expect("a string takes all text");
            format
        }
        LogSource::File { path, format } => {
            let path = quoted(path);
            // Watching the directory also finds a file that is made later.
            write!(
                text,
                "source: file\nfilenames:\n  - {path}\nforce_inotify: true\n"
            )
            .expect("a string takes all text");
            format
        }
    };
    writeln!(text, "labels:\n  type: {}", quoted(format)).expect("a string takes all text");
    text
}

fn invalid(log: &LogSource) -> Option<Diagnostic> {
    let (LogSource::Journal { format, .. } | LogSource::File { format, .. }) = log;
    let is_format = !format.is_empty()
        && format
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !is_format {
        return Some(
            Diagnostic::error("invalid-format", format!("`{format}` is not a log format"))
                .hint("use the word that CrowdSec's parser for it filters on, such as `syslog`"),
        );
    }
    match log {
        LogSource::Journal { unit, .. } => UnitName::try_from(unit.clone())
            .err()
            .map(|message| Diagnostic::error("invalid-unit", message)),
        LogSource::File { path, .. } => (!is_normal(path)).then(|| {
            Diagnostic::error(
                "invalid-path",
                format!("`{path}` is not an absolute, normal path"),
            )
        }),
    }
}

fn is_normal(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
            && !rest.chars().any(breaks_lines)
    })
}

/// One log with two formats where both are read on some node.
fn conflict(earlier: &Source, log: &LogSource, scope: &FactScope) -> Option<Diagnostic> {
    let (place, formats) = match (&earlier.log, log) {
        (
            LogSource::Journal {
                unit: first,
                format: one,
            },
            LogSource::Journal {
                unit: second,
                format: other,
            },
        )
        | (
            LogSource::File {
                path: first,
                format: one,
            },
            LogSource::File {
                path: second,
                format: other,
            },
        ) if first == second => (first, [one, other]),
        _ => return None,
    };
    let [one, other] = formats;
    (one != other && overlap(&earlier.scope, scope)).then(|| {
        Diagnostic::error(
            "two-formats",
            format!(
                "`{place}` is read as `{one}` for {} already",
                earlier.asker.name()
            ),
        )
        .hint("a log is read once: agree on one format")
    })
}

fn overlap(one: &FactScope, other: &FactScope) -> bool {
    match (one, other) {
        (FactScope::Nodes(nodes), scope) | (scope, FactScope::Nodes(nodes)) => {
            nodes.iter().any(|node| scope.covers(node))
        }
        (FactScope::Cluster, FactScope::Cluster) => true,
    }
}

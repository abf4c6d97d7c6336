//! Values that fit one by one and do not fit together.
//!
//! In go the values as they will be installed; out come the findings. Each
//! rule is a function of its own.

mod datapath;
mod encryption;
mod gateway;

use serde_json::{Map, Value};
use ztgit_plugin::cluster::Mode;
use ztgit_plugin::{Cluster, Diagnostic};

use crate::config::Config;

/// Everything that a rule looks at.
struct Values<'a> {
    cluster: &'a Cluster,
    config: &'a Config,
    tree: &'a Map<String, Value>,
}

/// All findings.
pub(crate) fn check(
    cluster: &Cluster,
    config: &Config,
    values: &Map<String, Value>,
) -> Vec<Diagnostic> {
    let values = Values {
        cluster,
        config,
        tree: values,
    };
    let rules: [fn(&Values<'_>) -> Option<Diagnostic>; 10] = [
        encryption::named_but_off,
        encryption::ztunnel,
        encryption::certificates_by_helm,
        gateway::without_its_base,
        gateway::low_ports,
        gateway::definitions,
        datapath::kube_proxy,
        datapath::default_pool,
        datapath::chaining,
        datapath::audit,
    ];
    rules.iter().filter_map(|rule| rule(&values)).collect()
}

impl Values<'_> {
    /// The value at a path with dots.
    fn get(&self, path: &str) -> Option<&Value> {
        let mut keys = path.split('.');
        let first = self.tree.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    fn is(&self, path: &str, expected: bool) -> bool {
        self.get(path).and_then(Value::as_bool) == Some(expected)
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.get(path).and_then(Value::as_str)
    }

    fn enforces(&self) -> bool {
        let cluster = self.cluster;
        cluster.undeclared_namespaces.mode == Mode::Enforce
            || cluster.namespaces.values().any(|n| n.mode == Mode::Enforce)
    }

    /// Puts a finding where the stack sets the value, as far down as it does;
    /// at the config as a whole where another plugin or ztgit sets it.
    fn at(&self, finding: Diagnostic, path: &str) -> Diagnostic {
        let mut place = vec!["values"];
        let mut at: Option<&Value> = None;
        for key in path.split('.') {
            let next = match at {
                None => self.config.values.get(key),
                Some(value) => value.get(key),
            };
            let Some(next) = next else { break };
            at = Some(next);
            place.push(key);
        }
        match at {
            Some(_) => finding.at_config(place),
            None => finding,
        }
    }
}

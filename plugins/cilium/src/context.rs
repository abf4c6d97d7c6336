//! What policies are made from, besides the flows: the cluster, the config,
//! and what the agents will be told.

use serde_json::{Map, Value};
use ztgit_plugin::Cluster;

use crate::config::Config;

/// A cluster with its installation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The cluster.
    pub(crate) cluster: &'a Cluster,
    /// The plugin's config.
    pub(crate) config: &'a Config,
    /// The chart's values as they will be installed.
    pub(crate) values: &'a Map<String, Value>,
}

impl Context<'_> {
    /// The chart's value at a path with dots.
    pub(crate) fn value(&self, path: &str) -> Option<&Value> {
        let mut keys = path.split('.');
        let first = self.values.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    /// Whether the chart's value at a path is that.
    pub(crate) fn is(&self, path: &str, expected: bool) -> bool {
        self.value(path).and_then(Value::as_bool) == Some(expected)
    }
}

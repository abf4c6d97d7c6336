//! k3s' configuration on a node: all its files together.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{FileSpot, file, files, is_of_type, yaml};
use crate::subject::Subject;

/// Where k3s reads it from.
const MAIN: &str = "/etc/rancher/k3s/config.yaml";
const FRAGMENTS: &str = "/etc/rancher/k3s/config.yaml.d/";

/// The settings of one node, as they are read.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The index of the file that speaks last.
    last: usize,
    values: BTreeMap<String, Vec<String>>,
}

/// The configuration of one node.
#[derive(Clone, Copy)]
pub(crate) struct Configuration<'s> {
    /// The node.
    pub(crate) node: &'s str,
    /// The file that speaks last.
    pub(crate) file: FileSpot<'s>,
    settings: &'s Settings,
}

/// The configuration of every node that has one.
pub(crate) fn configurations<'s>(
    subject: &'s Subject<'s>,
) -> impl Iterator<Item = Configuration<'s>> {
    subject.k3s_settings().iter().filter_map(|settings| {
        let file = file(subject, settings.last);
        Some(Configuration {
            node: file.node()?,
            file,
            settings,
        })
    })
}

impl Settings {
    /// Those of every node that has any.
    pub(crate) fn all(subject: &Subject<'_>) -> Vec<Self> {
        let mut by_node: BTreeMap<&str, Vec<FileSpot<'_>>> = BTreeMap::new();
        for file in files(subject) {
            let path = file.file.path;
            let fragment = path.starts_with(FRAGMENTS)
                && ["yaml", "yml"].iter().any(|kind| is_of_type(path, kind));
            if let Some(node) = file.node()
                && (path == MAIN || fragment)
            {
                by_node.entry(node).or_default().push(file);
            }
        }
        let by_node = by_node.into_values();
        by_node
            .filter_map(|mut files| {
                // The main file first, then the fragments by their names.
                files.sort_by_key(|file| file.file.path);
                Some(Self {
                    last: files.last()?.index,
                    values: settings(&files),
                })
            })
            .collect()
    }
}

/// A later file replaces a key, or adds to it where it writes `+` behind it.
fn settings(files: &[FileSpot<'_>]) -> BTreeMap<String, Vec<String>> {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for document in files.iter().flat_map(|file| yaml::documents(file.text())) {
        for (key, value) in document.as_object().into_iter().flatten() {
            let added = key.strip_suffix('+');
            let entry = settings.entry(added.unwrap_or(key).to_owned()).or_default();
            if added.is_none() {
                entry.clear();
            }
            entry.extend(read(value));
        }
    }
    settings
}

fn read(value: &Value) -> Vec<String> {
    match value {
        Value::Bool(flag) => vec![flag.to_string()],
        // On the command line a list is one word.
        other => yaml::texts(other)
            .iter()
            .flat_map(|text| text.split(','))
            .map(|text| text.trim().to_owned())
            .collect(),
    }
}

impl Configuration<'_> {
    /// The values of a flag.
    pub(crate) fn values(&self, flag: &str) -> &[String] {
        let values = self.settings.values.get(flag);
        values.map_or(&[], Vec::as_slice)
    }

    /// Whether a flag has a value.
    pub(crate) fn has(&self, flag: &str, value: &str) -> bool {
        self.values(flag).iter().any(|given| given == value)
    }
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::testing::homelab;
    use ztgit_plugin::{Cluster, FileTarget};

    use super::*;
    use crate::subject::HostFile;

    #[test]
    fn a_plus_adds_to_a_list_and_a_plain_key_replaces_it() {
        let cluster: Cluster = serde_json::from_value(homelab()).expect("a cluster");
        let target = FileTarget::Node("pi-1".to_owned());
        let mut subject = Subject::new(&cluster, &[]);
        for (path, content) in [
            (MAIN, "disable: [traefik]\ntls-san: old\n"),
            (
                "/etc/rancher/k3s/config.yaml.d/50.yaml",
                "disable+: servicelb\ntls-san: new\ndisable-kube-proxy: true\n",
            ),
        ] {
            subject.files.push(HostFile {
                target: &target,
                path,
                content: content.as_bytes(),
                activation: &[],
                plugin: "test",
            });
        }
        let found: Vec<_> = configurations(&subject).collect();
        let [configuration] = &found[..] else {
            panic!("one node has one")
        };
        assert_eq!(configuration.values("disable"), ["traefik", "servicelb"]);
        assert_eq!(configuration.values("tls-san"), ["new"]);
        assert!(configuration.has("disable-kube-proxy", "true"));
    }
}

//! Which context of a client configuration is which cluster of the stack.
//!
//! Enters: what the command line says and a file with the map. Leaves: a
//! context for each cluster that has one. A cluster that is not named has the
//! context of its own name, unless one context was given for all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::name::ClusterName;

/// How clusters are reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contexts {
    named: BTreeMap<ClusterName, String>,
    only: Option<String>,
}

/// Why the map cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContextsError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no map of texts.
    #[error("{} is not a map of cluster names to contexts", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_saphyr::Error,
    },
    /// A key cannot be a cluster's name.
    #[error("`{0}` cannot be the name of a cluster")]
    Name(String),
    /// A context for all clusters was given more than once.
    #[error("`{first}` and `{second}` cannot both be the context of every cluster")]
    Twice {
        /// The first one.
        first: String,
        /// The next one.
        second: String,
    },
}

impl Contexts {
    /// Reads `CLUSTER: CONTEXT` lines, as YAML.
    pub fn read(path: &Path) -> Result<Self, ContextsError> {
        let text = fs::read_to_string(path).map_err(|source| ContextsError::Read {
            path: path.to_owned(),
            source,
        })?;
        let map: BTreeMap<String, String> =
            serde_saphyr::from_str(&text).map_err(|source| ContextsError::Syntax {
                path: path.to_owned(),
                source,
            })?;
        let named = map
            .into_iter()
            .map(|(name, context)| {
                ClusterName::try_from(name.clone())
                    .map(|name| (name, context))
                    .map_err(|_| ContextsError::Name(name))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { named, only: None })
    }

    /// Adds what `--context` says: `CLUSTER=CONTEXT`, or a context alone.
    ///
    /// Contexts may have a `=` of their own: only what is before the first one
    /// and a cluster's name counts as one.
    pub fn add(
        &mut self,
        text: &str,
        is_cluster: impl Fn(&str) -> bool,
    ) -> Result<(), ContextsError> {
        if let Some((name, context)) = text.split_once('=')
            && is_cluster(name)
            && let Some(name) = ClusterName::new(name)
        {
            self.named.insert(name, context.to_owned());
            return Ok(());
        }
        match self.only.replace(text.to_owned()) {
            None => Ok(()),
            Some(first) => Err(ContextsError::Twice {
                first,
                second: text.to_owned(),
            }),
        }
    }

    /// The clusters that are named.
    pub fn clusters(&self) -> impl Iterator<Item = &ClusterName> {
        self.named.keys()
    }

    /// The context of a cluster.
    pub fn of<'a>(&'a self, cluster: &'a ClusterName) -> &'a str {
        self.named
            .get(cluster)
            .or(self.only.as_ref())
            .map_or(cluster.as_str(), String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(name: &str) -> ClusterName {
        ClusterName::new(name).unwrap()
    }

    fn add(texts: &[&str]) -> Result<Contexts, ContextsError> {
        let mut contexts = Contexts::default();
        for text in texts {
            contexts.add(text, |name| name == "home")?;
        }
        Ok(contexts)
    }

    #[test]
    fn a_cluster_has_the_context_of_its_name() {
        assert_eq!(Contexts::default().of(&cluster("home")), "home");
    }

    #[test]
    fn a_named_cluster_has_its_own_context() {
        let contexts = add(&["home=arn:aws:eks:x/home", "other"]).unwrap();
        assert_eq!(contexts.of(&cluster("home")), "arn:aws:eks:x/home");
        assert_eq!(contexts.of(&cluster("edge")), "other");
    }

    #[test]
    fn what_is_no_cluster_s_name_is_part_of_the_context() {
        let contexts = add(&["odd=context"]).unwrap();
        assert_eq!(contexts.of(&cluster("home")), "odd=context");
    }

    #[test]
    fn two_contexts_for_every_cluster_are_refused() {
        assert!(matches!(add(&["a", "b"]), Err(ContextsError::Twice { .. })));
    }

    #[test]
    fn a_map_is_read_from_yaml() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "home: home-admin\n").unwrap();
        let contexts = Contexts::read(file.path()).unwrap();
        assert_eq!(contexts.of(&cluster("home")), "home-admin");
    }

    #[test]
    fn a_list_is_no_map() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "- home\n").unwrap();
        let error = Contexts::read(file.path()).unwrap_err();
        assert!(matches!(error, ContextsError::Syntax { .. }));
    }
}

//! What a plugin is granted on the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};
use ztgit_plugin::Grants;

use crate::error::{CommandError, Exit};
use crate::stack::schema::GrantSpec;

/// One `--grant`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Grant {
    /// Everything that the plugin asks for.
    All,
    Namespaces(Vec<String>),
    ClusterKinds(Vec<String>),
    HostPaths(Vec<String>),
    /// A kind of facts and its limits.
    Fact(String, Vec<String>),
}

impl FromStr for Grant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let malformed = || {
            format!(
                "`{text}` is no grant: `all`, `namespaces=A,B`, `clusterKinds=KIND.GROUP`, \
                 `hostPaths=/PATH` or `facts.KIND=LIMIT`"
            )
        };
        let (what, values) = text.split_once('=').ok_or_else(malformed)?;
        let values: Vec<String> = values.split(',').map(str::to_owned).collect();
        if values.iter().any(String::is_empty) {
            return Err(malformed());
        }
        match what {
            "namespaces" => Ok(Self::Namespaces(values)),
            "clusterKinds" => Ok(Self::ClusterKinds(values)),
            "hostPaths" => Ok(Self::HostPaths(values)),
            _ => match what.strip_prefix("facts.") {
                Some(kind) if !kind.is_empty() => Ok(Self::Fact(kind.to_owned(), values)),
                _ => Err(malformed()),
            },
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(f, "all that it asks for"),
            Self::Namespaces(values) => write!(f, "namespaces: {}", values.join(", ")),
            Self::ClusterKinds(values) => write!(f, "cluster kinds: {}", values.join(", ")),
            Self::HostPaths(values) => write!(f, "host paths: {}", values.join(", ")),
            Self::Fact(kind, limits) => write!(f, "fact {kind}: {}", limits.join(", ")),
        }
    }
}

/// All that is granted. What a plugin does not ask for is no use to it, and
/// most likely a slip.
pub(super) fn granted(grants: &[Grant], asked: &Grants) -> Result<GrantSpec, CommandError> {
    let mut spec = GrantSpec::default();
    for grant in grants {
        let asks = match grant {
            Grant::All => {
                let all = as_asked(asked);
                spec.namespaces.extend(all.namespaces);
                spec.cluster_kinds.extend(all.cluster_kinds);
                spec.host_paths.extend(all.host_paths);
                for (kind, limits) in all.facts {
                    spec.facts.entry(kind).or_default().extend(limits);
                }
                true
            }
            Grant::Namespaces(values) => {
                spec.namespaces.extend_from_slice(values);
                !asked.namespaces.is_empty()
            }
            Grant::ClusterKinds(values) => {
                spec.cluster_kinds.extend_from_slice(values);
                !asked.cluster_kinds.is_empty()
            }
            Grant::HostPaths(values) => {
                spec.host_paths.extend_from_slice(values);
                !asked.host_paths.is_empty()
            }
            Grant::Fact(kind, limits) => {
                let all = spec.facts.entry(kind.clone()).or_default();
                all.extend_from_slice(limits);
                asked.facts.iter().any(|(asked, _)| asked == kind)
            }
        };
        if !asks {
            let message = format!("the plugin does not ask for `--grant {}`", written(grant));
            return Err(CommandError::new(Exit::Usage, message)
                .hint("`ztgit plugin inspect` shows what it asks for"));
        }
    }
    Ok(spec)
}

/// The grants of a plugin, each by itself.
pub(super) fn each(spec: &GrantSpec) -> Vec<Grant> {
    let mut grants = Vec::new();
    let mut add = |values: &[String], grant: fn(Vec<String>) -> Grant| {
        if !values.is_empty() {
            grants.push(grant(values.to_vec()));
        }
    };
    add(&spec.namespaces, Grant::Namespaces);
    add(&spec.cluster_kinds, Grant::ClusterKinds);
    add(&spec.host_paths, Grant::HostPaths);
    let facts = spec.facts.iter();
    grants.extend(facts.map(|(kind, limits)| Grant::Fact(kind.clone(), limits.clone())));
    grants
}

/// The same for people.
pub(super) fn lines(spec: &GrantSpec) -> Vec<String> {
    each(spec).iter().map(Grant::to_string).collect()
}

/// The options that give these grants, for a shell: what a plugin asks for is a
/// stranger's text.
pub(super) fn options(grants: &[Grant]) -> String {
    let words: Vec<String> = grants.iter().map(written).collect();
    let words = words.iter().flat_map(|grant| ["--grant", grant.as_str()]);
    shlex::try_join(words).expect("what a plugin says has no NUL: it is escaped")
}

/// Everything that a plugin asks for, as a stack would grant it.
pub(super) fn as_asked(asked: &Grants) -> GrantSpec {
    let mut spec = GrantSpec {
        namespaces: asked.namespaces.clone(),
        cluster_kinds: asked.cluster_kinds.clone(),
        host_paths: asked.host_paths.clone(),
        facts: BTreeMap::new(),
    };
    for (kind, limits) in &asked.facts {
        let all = spec.facts.entry(kind.clone()).or_default();
        all.extend_from_slice(limits);
    }
    spec
}

fn written(grant: &Grant) -> String {
    match grant {
        Grant::All => "all".to_owned(),
        Grant::Namespaces(values) => format!("namespaces={}", values.join(",")),
        Grant::ClusterKinds(values) => format!("clusterKinds={}", values.join(",")),
        Grant::HostPaths(values) => format!("hostPaths={}", values.join(",")),
        Grant::Fact(kind, limits) => format!("facts.{kind}={}", limits.join(",")),
    }
}

/// As in the stack.
pub(super) fn to_json(spec: &GrantSpec) -> Value {
    json!({
        "namespaces": spec.namespaces,
        "clusterKinds": spec.cluster_kinds,
        "hostPaths": spec.host_paths,
        "facts": spec.facts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Grants {
        Grants {
            namespaces: vec!["monitoring".to_owned()],
            cluster_kinds: Vec::new(),
            host_paths: Vec::new(),
            facts: vec![("flow".to_owned(), vec!["demo".to_owned()])],
        }
    }

    fn parsed(texts: &[&str]) -> Vec<Grant> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn nothing_is_granted_that_is_not_given() {
        assert_eq!(granted(&[], &asked()).unwrap(), GrantSpec::default());
    }

    #[test]
    fn all_is_what_the_plugin_asks_for() {
        let spec = granted(&parsed(&["all"]), &asked()).unwrap();
        let lines = lines(&spec);
        assert_eq!(lines, ["namespaces: monitoring", "fact flow: demo"]);
    }

    #[test]
    fn single_grants_may_differ_from_what_is_asked() {
        let given = parsed(&["namespaces=a,b", "facts.flow=demo,world"]);
        let spec = granted(&given, &asked()).unwrap();
        assert_eq!(lines(&spec), ["namespaces: a, b", "fact flow: demo, world"]);
    }

    #[test]
    fn everything_is_granted_one_by_one_as_by_all() {
        let each = each(&as_asked(&asked()));
        assert_eq!(each, parsed(&["namespaces=monitoring", "facts.flow=demo"]));
        let all = granted(&parsed(&["all"]), &asked()).unwrap();
        assert_eq!(granted(&each, &asked()).unwrap(), all);
    }

    #[test]
    fn what_a_plugin_asks_for_stays_one_word_of_a_shell() {
        let grants = parsed(&["hostPaths=/etc/x'; id #", "facts.flow=*"]);
        let options = options(&grants);
        let words = shlex::split(&options).unwrap();
        let expected = [
            "--grant",
            "hostPaths=/etc/x'; id #",
            "--grant",
            "facts.flow=*",
        ];
        assert_eq!(words, expected, "{options}");
    }

    #[test]
    fn what_the_plugin_does_not_ask_for_is_a_slip() {
        let error = granted(&parsed(&["hostPaths=/etc/x"]), &asked()).unwrap_err();
        assert_eq!(
            error.message,
            "the plugin does not ask for `--grant hostPaths=/etc/x`"
        );
    }

    #[test]
    fn what_is_no_grant_says_which_there_are() {
        for text in ["everything", "namespaces=", "facts.=x", "hosts=a"] {
            let error = text.parse::<Grant>().unwrap_err();
            assert!(
                error.starts_with(&format!("`{text}` is no grant")),
                "{error}"
            );
        }
    }
}

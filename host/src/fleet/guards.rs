//! What a render refuses to do, or does only when it is told to.
//!
//! Flux carries out what the tree says at once and everywhere: what would cut
//! a cluster off is stopped here.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::Phase;

use super::changes::{ChangeSet, Ownership};
use super::cni_upgrade;
use super::steps::Step;
use crate::flux;
use crate::tree::TreePath;

/// Share of a cluster's files that may go without being asked for.
const REMOVAL_PERCENT: usize = 30;
/// Files that may always go.
const REMOVAL_FILES: usize = 10;
/// How the files of definitions begin; their phase holds what guards them, too.
const DEFINITION: &str = "customresourcedefinition.";

/// What the user consents to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Consent {
    /// `--allow-removal`
    pub removal: bool,
    /// `--allow-recreate`
    pub recreate: bool,
}

/// Something that a render does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// A stable code.
    pub code: &'static str,
    /// What it would have done.
    pub message: String,
    /// What to do instead.
    pub hint: String,
}

/// Everything that these changes may not do.
pub fn check(set: &ChangeSet, consent: Consent) -> Vec<Refused> {
    let mut refused: Vec<Refused> = upgrades(set).collect();
    for (cluster, ownership) in &set.ownership {
        let objects = Objects::of(ownership);
        refused.extend(objects.unguarded(cluster.as_str()));
        if !consent.removal {
            refused.extend(removals(cluster.as_str(), ownership));
        }
        if !consent.recreate {
            refused.extend(objects.moved(cluster.as_str()));
        }
    }
    refused
}

/// What is done all the same, and may not be meant.
pub fn remarks(set: &ChangeSet) -> Vec<String> {
    set.steps
        .iter()
        .filter_map(|(cluster, step)| match step {
            Step::Mode {
                namespace,
                from,
                to,
            } if from == "observe" && to == "enforce" => Some(format!(
                "namespace `{namespace}` of cluster `{cluster}` goes from observe to enforce: in audit one would have seen what is refused from now on"
            )),
            Step::Mode { .. } | Step::Cilium { .. } => None,
        })
        .collect()
}

fn upgrades(set: &ChangeSet) -> impl Iterator<Item = Refused> {
    set.steps.iter().filter_map(|(cluster, step)| {
        let Step::Cilium { from, to } = step else {
            return None;
        };
        let problem = cni_upgrade::upgrade(from, to).err()?;
        Some(Refused {
            code: "cni-upgrade",
            message: format!(
                "Cilium of cluster `{cluster}` would go from {from} to {to}, which {problem}"
            ),
            hint: problem.hint(),
        })
    })
}

/// An object's place: `rendered/<cluster>/<phase>/<plugin>/<folder>/<file>`.
struct Placed<'a> {
    phase: Phase,
    plugin: &'a str,
    folder: &'a str,
    file: &'a str,
}

fn placed(path: &TreePath) -> Option<Placed<'_>> {
    let segments: Vec<&str> = path.segments().collect();
    let ["rendered", _, phase, plugin, folder, file] = segments[..] else {
        return None;
    };
    let phase = Phase::ALL.into_iter().find(|known| known.name() == phase)?;
    Some(Placed {
        phase,
        plugin,
        folder,
        file,
    })
}

fn removals(cluster: &str, ownership: &Ownership) -> Vec<Refused> {
    let gone: Vec<&TreePath> = ownership.before.difference(&ownership.after).collect();
    let mut refused = Vec::new();
    let refuse = |message: String| Refused {
        code: "removal",
        message,
        hint: "if that is meant, say `--allow-removal`".to_owned(),
    };
    let moved: BTreeSet<(&str, &str)> = ownership
        .after
        .iter()
        .filter_map(placed)
        .map(|p| (p.folder, p.file))
        .collect();
    for object in gone.iter().filter_map(|path| placed(path)) {
        let what = match object.phase {
            Phase::Namespaces => "a Namespace",
            Phase::Crds if object.file.starts_with(DEFINITION) => "a CustomResourceDefinition",
            Phase::Crds => "an object beside the CustomResourceDefinitions",
            Phase::Network => "an object of the CNI",
            _ => continue,
        };
        if !moved.contains(&(object.folder, object.file)) {
            let file = object.file.trim_end_matches(".yaml");
            refused.push(refuse(format!(
                "cluster `{cluster}` would lose {what}: {file}"
            )));
        }
    }
    let before = ownership.before.len();
    if gone.len() > REMOVAL_FILES && gone.len() * 100 > before * REMOVAL_PERCENT {
        refused.push(refuse(format!(
            "{} of {before} files of cluster `{cluster}` would go, more than {REMOVAL_PERCENT} %",
            gone.len()
        )));
    }
    refused
}

/// The objects of a cluster before and after.
struct Objects<'a> {
    before: Vec<Placed<'a>>,
    after: Vec<Placed<'a>>,
    denying: Vec<Placed<'a>>,
}

impl<'a> Objects<'a> {
    fn of(ownership: &'a Ownership) -> Self {
        Self {
            before: ownership.before.iter().filter_map(placed).collect(),
            after: ownership.after.iter().filter_map(placed).collect(),
            denying: ownership.denying.iter().filter_map(placed).collect(),
        }
    }

    /// What denies and what allows must not go in one commit: Flux prunes the
    /// allow set first, and until it gets to the other everything is refused.
    fn unguarded(&self, cluster: &str) -> Vec<Refused> {
        let mut refused = Vec::new();
        let mut lost = |what: String, belongs: &dyn Fn(&Placed<'_>) -> bool| {
            let allows = |objects: &[Placed<'_>]| {
                objects
                    .iter()
                    .any(|object| object.phase == Phase::Allow && belongs(object))
            };
            let loses_allows = allows(&self.before) && !allows(&self.after);
            if loses_allows && self.denying.iter().any(belongs) {
                refused.push(Refused {
                    code: "enforce-and-allow",
                    message: format!("{what} of cluster `{cluster}` would lose what denies and what allows in one commit"),
                    hint: "set `mode: audit` first and render, so that nothing denies any more; remove it then".to_owned(),
                });
            }
        };
        let all: &dyn Fn(&Placed<'_>) -> bool = &|_| true;
        lost("everything".to_owned(), all);
        for folder in distinct(&self.before, |object| object.folder) {
            if folder != "_cluster" {
                lost(format!("namespace `{folder}`"), &|object| {
                    object.folder == folder
                });
            }
        }
        for plugin in distinct(&self.before, |object| object.plugin) {
            lost(format!("plugin `{plugin}`"), &|object| {
                object.plugin == plugin
            });
        }
        refused.truncate(1);
        refused
    }

    /// To Flux an object in another unit is another object: the old one is
    /// deleted before the new one is made. Not if the new unit comes earlier and
    /// takes it over, and the old one is still there: a unit that goes is deleted
    /// before any other is applied, and what it owns with it.
    fn moved(&self, cluster: &str) -> Vec<Refused> {
        let after: BTreeMap<(&str, &str), &Placed<'_>> = self
            .after
            .iter()
            .map(|object| ((object.folder, object.file), object))
            .collect();
        self.before
            .iter()
            .filter_map(|old| {
                let new = after.get(&(old.folder, old.file))?;
                let same = old.phase == new.phase && old.plugin == new.plugin;
                let unit_stays = self
                    .after
                    .iter()
                    .any(|other| other.phase == old.phase && other.plugin == old.plugin);
                let taken_over = flux::is_after(old.phase, new.phase)
                    && (unit_stays || !flux::deletes_with_unit(old.phase));
                (!same && !taken_over).then(|| Refused {
                    code: "recreate",
                    message: format!(
                        "{} in `{}` of cluster `{cluster}` would move from unit {}-{} to {}-{}, where Flux deletes it and makes it anew",
                        old.file.trim_end_matches(".yaml"),
                        old.folder,
                        old.phase.name(),
                        old.plugin,
                        new.phase.name(),
                        new.plugin
                    ),
                    hint: "if the gap is acceptable, say `--allow-recreate`".to_owned(),
                })
            })
            .collect()
    }
}

fn distinct<'a>(
    objects: &'a [Placed<'a>],
    key: impl Fn(&Placed<'a>) -> &'a str,
) -> BTreeSet<&'a str> {
    objects.iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(list: &[&str]) -> BTreeSet<TreePath> {
        list.iter()
            .map(|path| TreePath::new(format!("rendered/c/{path}")).unwrap())
            .collect()
    }

    fn refused(before: &[&str], after: &[&str], consent: Consent) -> Vec<&'static str> {
        let mut set = ChangeSet::default();
        set.ownership.insert(
            crate::name::ClusterName::new("c").unwrap(),
            Ownership {
                before: paths(before),
                after: paths(after),
                denying: paths(before)
                    .difference(&paths(after))
                    .filter(|path| path.as_str().ends_with("deny.yaml"))
                    .cloned()
                    .collect(),
            },
        );
        check(&set, consent)
            .into_iter()
            .map(|refused| refused.code)
            .collect()
    }

    #[test]
    fn a_namespace_keeps_what_allows_while_it_has_what_denies() {
        let before = [
            "enforce/cilium/demo/deny.yaml",
            "allow/cilium/demo/web.yaml",
        ];
        let all = Consent {
            removal: true,
            recreate: true,
        };
        assert_eq!(refused(&before, &[], all), ["enforce-and-allow"]);
        assert!(refused(&before, &["allow/cilium/demo/web.yaml"], all).is_empty());
    }

    #[test]
    fn a_guardrail_may_go_together_with_what_allows() {
        let before = [
            "enforce/cilium/_cluster/metadata.yaml",
            "allow/cilium/_cluster/dns.yaml",
        ];
        let all = Consent {
            removal: true,
            recreate: true,
        };
        assert!(refused(&before, &[], all).is_empty());
    }

    #[test]
    fn an_object_that_moves_to_a_later_unit_needs_consent() {
        let before = ["allow/cilium/demo/web.yaml"];
        let after = ["apps/cilium/demo/web.yaml"];
        assert_eq!(refused(&before, &after, Consent::default()), ["recreate"]);
        let consent = Consent {
            recreate: true,
            removal: false,
        };
        assert!(refused(&before, &after, consent).is_empty());
    }

    #[test]
    fn an_earlier_unit_takes_over_while_the_later_one_stays() {
        let before = ["apps/cilium/demo/web.yaml", "apps/cilium/demo/api.yaml"];
        let after = ["allow/cilium/demo/web.yaml", "apps/cilium/demo/api.yaml"];
        assert!(refused(&before, &after, Consent::default()).is_empty());
        let both = ["allow/cilium/demo/web.yaml", "allow/cilium/demo/api.yaml"];
        assert_eq!(
            refused(&before, &both, Consent::default()),
            ["recreate", "recreate"]
        );
    }

    #[test]
    fn a_unit_that_is_renamed_needs_consent() {
        let before = ["allow/cilium/demo/web.yaml"];
        let after = ["allow/cni/demo/web.yaml"];
        assert_eq!(refused(&before, &after, Consent::default()), ["recreate"]);
    }

    #[test]
    fn crds_and_namespaces_go_only_with_consent() {
        let before = [
            "namespaces/stack/_cluster/namespace-demo.yaml",
            "crds/gw/_cluster/x.yaml",
        ];
        assert_eq!(
            refused(&before, &[], Consent::default()),
            ["removal", "removal"]
        );
        assert!(
            refused(
                &before,
                &[],
                Consent {
                    removal: true,
                    recreate: false
                }
            )
            .is_empty()
        );
    }

    #[test]
    fn what_stands_beside_definitions_is_not_called_one() {
        let mut set = ChangeSet::default();
        let before = [
            "crds/gw/_cluster/customresourcedefinition.apiextensions.k8s.io-x.yaml",
            "crds/gw/_cluster/validatingadmissionpolicy.admissionregistration.k8s.io-x.yaml",
        ];
        let ownership = Ownership {
            before: paths(&before),
            ..Ownership::default()
        };
        set.ownership
            .insert(crate::name::ClusterName::new("c").unwrap(), ownership);
        let messages: Vec<String> = check(&set, Consent::default())
            .into_iter()
            .map(|refused| refused.message)
            .collect();
        assert_eq!(
            messages,
            [
                "cluster `c` would lose a CustomResourceDefinition: customresourcedefinition.apiextensions.k8s.io-x",
                "cluster `c` would lose an object beside the CustomResourceDefinitions: validatingadmissionpolicy.admissionregistration.k8s.io-x",
            ]
        );
    }

    #[test]
    fn a_large_share_goes_only_with_consent() {
        let before: Vec<String> = (0..20).map(|i| format!("apps/p/n/{i}.yaml")).collect();
        let before: Vec<&str> = before.iter().map(String::as_str).collect();
        assert_eq!(
            refused(&before, &before[..9], Consent::default()),
            ["removal"]
        );
        assert!(refused(&before, &before[..15], Consent::default()).is_empty());
    }
}

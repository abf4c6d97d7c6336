//! What a plugin may state and write.
//!
//! A fact is carried out by others on the plugin's behalf, so stating one is
//! bounded as writing is.

use std::net::IpAddr;

use serde_json::Value;
use ztgit_plugin::cluster::{Flow, Peer};
use ztgit_plugin::fact::{FlowFact, HostPort, LogSource, NamespaceFact, TlsSan, TrustedCidr};
use ztgit_plugin::{Cidr, Fact, File, FileTarget, Grants, StandardFact};

use crate::check::objects::Scope;
use crate::name::PluginName;
use crate::plugin::escaped;
use crate::stack::schema::GrantSpec;

/// A plugin's grants, ready to be asked.
#[derive(Debug, Clone)]
pub struct Granted {
    plugin: PluginName,
    grants: Grants,
}

/// An object by its names.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Its API group, empty for the core group.
    pub group: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// The namespace that it names.
    pub namespace: Option<&'a str>,
    /// Its name.
    pub name: &'a str,
}

/// Something that a plugin may not.
#[derive(Debug, thiserror::Error)]
#[error("plugin `{plugin}` {what}, which its grants do not cover")]
pub struct GrantExceeded {
    plugin: PluginName,
    what: String,
    grant: String,
}

impl GrantExceeded {
    /// What a user would add to the stack if the plugin were to be trusted.
    pub fn hint(&self) -> String {
        format!(
            "if you trust it with that, add to `spec.plugins.{}.grants`: {}",
            self.plugin, self.grant
        )
    }
}

/// `*` is anything.
fn any_of(limits: &[String], covers: impl Fn(&str) -> bool) -> bool {
    limits.iter().any(|limit| limit == "*" || covers(limit))
}

impl Granted {
    /// What a first-party plugin asks for is what it has.
    pub(super) fn first_party(plugin: &PluginName, asked: &Grants) -> Self {
        Self {
            plugin: plugin.clone(),
            grants: asked.clone(),
        }
    }

    /// A third-party plugin has what the stack grants.
    pub(super) fn third_party(plugin: &PluginName, spec: &GrantSpec) -> Self {
        let grants = Grants {
            namespaces: spec.namespaces.clone(),
            cluster_kinds: spec.cluster_kinds.clone(),
            host_paths: spec.host_paths.clone(),
            facts: spec
                .facts
                .iter()
                .map(|(kind, limits)| (kind.clone(), limits.clone()))
                .collect(),
        };
        Self {
            plugin: plugin.clone(),
            grants,
        }
    }

    fn refuse(&self, what: &str, grant: &str) -> GrantExceeded {
        GrantExceeded {
            plugin: self.plugin.clone(),
            what: escaped(what),
            grant: escaped(grant),
        }
    }

    /// An object, by what is known of its kind. An API server ignores the
    /// namespace of an object that is cluster-scoped, so a namespace alone
    /// says nothing: where nobody but the plugin knows the kind, both grants
    /// are needed.
    pub fn check_object(
        &self,
        object: &Named<'_>,
        scope: Option<Scope>,
    ) -> Result<(), GrantExceeded> {
        match (scope, object.namespace) {
            (Some(Scope::Namespaced), Some(namespace)) => self.check_namespace(object, namespace),
            (None, Some(namespace)) => {
                self.check_namespace(object, namespace)?;
                self.check_cluster_kind(object, "of a kind that may be cluster-scoped")
            }
            _ => self.check_cluster_kind(object, "cluster-scoped"),
        }
    }

    fn check_namespace(&self, object: &Named<'_>, namespace: &str) -> Result<(), GrantExceeded> {
        if any_of(&self.grants.namespaces, |granted| granted == namespace) {
            return Ok(());
        }
        Err(self.refuse(
            &format!(
                "emits {} {} in namespace `{namespace}`",
                object.kind, object.name
            ),
            &format!("`namespaces: [{namespace}]`"),
        ))
    }

    fn check_cluster_kind(&self, object: &Named<'_>, what: &str) -> Result<(), GrantExceeded> {
        let full = format!("{}.{}", object.kind, object.group);
        if any_of(&self.grants.cluster_kinds, |granted| granted == full) {
            return Ok(());
        }
        Err(self.refuse(
            &format!("emits {} {}, which is {what}", object.kind, object.name),
            &format!("`clusterKinds: [{full}]`"),
        ))
    }

    /// A path on a host, or a client's as `clients/<client>/<path>`: what is
    /// handed to a person is run with that person's rights.
    pub fn check_file(&self, file: &File) -> Result<(), GrantExceeded> {
        let (path, place) = match &file.target {
            FileTarget::Node(_) => (file.path.clone(), "on a host".to_owned()),
            FileTarget::Client(client) => (
                format!("clients/{client}/{}", file.path),
                format!("for client `{client}`"),
            ),
        };
        let covered = any_of(&self.grants.host_paths, |granted| {
            granted == path || (granted.ends_with('/') && path.starts_with(granted))
        });
        if covered {
            return Ok(());
        }
        Err(self.refuse(
            &format!("writes {} {place}", file.path),
            &format!("`hostPaths: [{path}]`"),
        ))
    }

    /// A fact, within the limits of its kind.
    pub(super) fn check_fact(&self, fact: &Fact) -> Result<(), GrantExceeded> {
        let Some((_, limits)) = self
            .grants
            .facts
            .iter()
            .find(|(kind, _)| *kind == fact.kind)
        else {
            return Err(self.refuse(
                &format!("states a fact `{}`", fact.kind),
                &format!("`facts: {{{}: [\"…\"]}}`", fact.kind),
            ));
        };
        match uncovered(fact, limits) {
            None => Ok(()),
            Some(beyond) => Err(self.refuse(
                &format!("states a fact `{}` of {beyond}", fact.kind),
                &format!("`facts: {{{}: [{beyond:?}]}}`", fact.kind),
            )),
        }
    }
}

/// What of a fact is beyond the limits, if anything.
fn uncovered(fact: &Fact, limits: &[String]) -> Option<String> {
    if limits.iter().any(|limit| limit == "*") {
        return None;
    }
    match fact.kind.as_str() {
        FlowFact::KIND => flow_beyond(&parsed::<FlowFact>(fact).flow, limits),
        NamespaceFact::KIND => beyond(parsed::<NamespaceFact>(fact).name, limits, |l, n| l == n),
        HostPort::KIND => host_port_beyond(&parsed(fact), limits),
        TrustedCidr::KIND => {
            let range = parsed::<TrustedCidr>(fact).range;
            beyond(range.to_string(), limits, |limit, _| {
                limit
                    .parse::<Cidr>()
                    .is_ok_and(|within| within.contains(&range))
            })
        }
        TlsSan::KIND => beyond(parsed::<TlsSan>(fact).name, limits, |limit, name| {
            limit == name
                || limit.strip_prefix('*').is_some_and(|suffix| {
                    suffix.starts_with('.')
                        && name.ends_with(suffix)
                        && name.parse::<IpAddr>().is_err()
                })
        }),
        "cilium-values" => {
            let mut paths = Vec::new();
            leaves(&fact.value["values"], String::new(), &mut paths);
            paths.into_iter().find(|path| {
                !any_of(limits, |limit| {
                    path == limit || path.strip_prefix(limit).is_some_and(|r| r.starts_with('.'))
                })
            })
        }
        LogSource::KIND => {
            let name = match parsed(fact) {
                LogSource::Journal { unit, .. } => unit,
                LogSource::File { path, .. } => path,
            };
            beyond(name, limits, |limit, name| limit == name)
        }
        _ => Some("any value".to_owned()),
    }
}

fn parsed<F: StandardFact>(fact: &Fact) -> F {
    serde_json::from_value(fact.value.clone()).expect("the fact was checked against its schema")
}

fn beyond(value: String, limits: &[String], covers: impl Fn(&str, &str) -> bool) -> Option<String> {
    (!any_of(limits, |limit| covers(limit, &value))).then_some(value)
}

/// Every end of a flow that is pods has to be in a granted namespace; an end
/// that is not pods is written as it stands in a flow.
fn flow_beyond(flow: &Flow, limits: &[String]) -> Option<String> {
    let mut has_pods = false;
    for peer in [&flow.from, &flow.to] {
        if let Peer::Workload { namespace, .. } | Peer::Pods { namespace, .. } = peer {
            has_pods = true;
            if !any_of(limits, |limit| limit == namespace) {
                return Some(namespace.clone());
            }
        }
    }
    (!has_pods).then(|| "*".to_owned())
}

fn host_port_beyond(port: &HostPort, limits: &[String]) -> Option<String> {
    let last = port.end_port.unwrap_or(port.port);
    let protocol = port.protocol.name().to_ascii_lowercase();
    let text = if last == port.port {
        format!("{protocol}/{last}")
    } else {
        format!("{protocol}/{}-{last}", port.port)
    };
    beyond(text, limits, |limit, _| {
        let Some((granted, range)) = limit.split_once('/') else {
            return false;
        };
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        granted.eq_ignore_ascii_case(&protocol)
            && low.parse::<u16>().is_ok_and(|low| low <= port.port)
            && high.parse::<u16>().is_ok_and(|high| high >= last)
    })
}

/// The dotted paths of all values that are not maps.
fn leaves(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                leaves(value, below, paths);
            }
        }
        _ => paths.push(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use ztgit_plugin::FactScope;

    use super::*;

    fn granted(kind: &str, limits: &[&str]) -> Granted {
        let spec = GrantSpec {
            facts: [(
                kind.to_owned(),
                limits.iter().map(|&l| l.to_owned()).collect(),
            )]
            .into(),
            ..GrantSpec::default()
        };
        Granted::third_party(&PluginName::new("metrics").unwrap(), &spec)
    }

    fn fact(kind: &str, value: Value) -> Fact {
        Fact {
            kind: kind.to_owned(),
            scope: FactScope::Cluster,
            value,
        }
    }

    #[test]
    fn a_range_wider_than_granted_is_refused() {
        let wide = fact(
            "trusted-cidr",
            json!({"range": "0.0.0.0/0", "purpose": "all"}),
        );
        let narrow = fact(
            "trusted-cidr",
            json!({"range": "10.9.1.0/24", "purpose": "office"}),
        );
        let grants = granted("trusted-cidr", &["10.9.0.0/16"]);
        assert!(grants.check_fact(&narrow).is_ok());
        let error = grants.check_fact(&wide).unwrap_err();
        assert_eq!(
            error.to_string(),
            "plugin `metrics` states a fact `trusted-cidr` of 0.0.0.0/0, which its grants do not cover"
        );
    }

    #[test]
    fn a_port_outside_the_granted_range_is_refused() {
        let port = |port: u16| {
            fact(
                "host-port",
                json!({"protocol": "TCP", "port": port, "from": "world", "purpose": "x"}),
            )
        };
        let grants = granted("host-port", &["tcp/9100-9199"]);
        assert!(grants.check_fact(&port(9100)).is_ok());
        assert!(grants.check_fact(&port(22)).is_err());
    }

    #[test]
    fn cilium_values_outside_the_granted_prefix_are_refused() {
        let values = |values: Value| fact("cilium-values", json!({ "values": values }));
        let grants = granted("cilium-values", &["prometheus", "hubble.metrics"]);
        assert!(
            grants
                .check_fact(&values(json!({"prometheus": {"enabled": true}})))
                .is_ok()
        );
        assert!(
            grants
                .check_fact(&values(json!({"hubble": {"metrics": {"port": 1}}})))
                .is_ok()
        );
        assert!(
            grants
                .check_fact(&values(json!({"policyEnforcementMode": "never"})))
                .is_err()
        );
        assert!(
            grants
                .check_fact(&values(json!({"prometheusX": 1})))
                .is_err()
        );
    }

    #[test]
    fn a_flow_into_a_namespace_that_is_not_granted_is_refused() {
        let flow = |to: &str| {
            fact(
                "flow",
                json!({"name": "scrape", "flow": {
                    "from": {"pods": {"namespace": "monitoring"}},
                    "to": {"pods": {"namespace": to}}
                }}),
            )
        };
        let grants = granted("flow", &["monitoring", "demo"]);
        assert!(grants.check_fact(&flow("demo")).is_ok());
        assert!(grants.check_fact(&flow("payments")).is_err());
    }
}

//! From the hosts of the config and the cluster to sites: hosts of which every
//! reference is known to exist.
//!
//! What does not resolve is left out and reported; all of it in one go.

use std::collections::BTreeMap;

use ztgit_plugin::cluster::{Namespace, Protocol, Workload};
use ztgit_plugin::{Cluster, Diagnostic};

use crate::config::{Config, Host, TargetPort};
use crate::host_name::HostName;
use crate::reference::NamespacedName;

/// A host that can be served.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    pub(crate) host: HostName,
    pub(crate) service: &'a NamespacedName,
    pub(crate) service_port: u16,
    pub(crate) workload: &'a NamespacedName,
    pub(crate) target_port: u16,
}

/// The sites of a cluster, sorted as their keys in the config, and what is
/// wrong with the other hosts.
pub(crate) fn resolve<'a>(
    cluster: &'a Cluster,
    config: &'a Config,
) -> (Vec<Site<'a>>, Vec<Diagnostic>) {
    let mut seen: BTreeMap<HostName, &str> = BTreeMap::new();
    let mut sites = Vec::new();
    let mut diagnostics = Vec::new();
    for (key, entry) in &config.hosts {
        let site = host_name(key)
            .and_then(|host| match seen.insert(host.clone(), key) {
                Some(other) => Err(duplicate(key, other)),
                None => Ok(host),
            })
            .and_then(|host| site(cluster, key, host, entry));
        match site {
            Ok(site) => sites.push(site),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    (sites, diagnostics)
}

fn host_name(key: &str) -> Result<HostName, Diagnostic> {
    HostName::parse(key).map_err(|error| {
        Diagnostic::error(error.code(), format!("host `{key}` {error}"))
            .at_config(["hosts", key])
            .hint(error.hint())
    })
}

fn duplicate(key: &str, other: &str) -> Diagnostic {
    Diagnostic::error(
        "duplicate-host",
        format!("hosts `{other}` and `{key}` are the same name"),
    )
    .at_config(["hosts", key])
    .hint("keep one of them: DNS names do not differ by case")
}

fn site<'a>(
    cluster: &'a Cluster,
    key: &str,
    host: HostName,
    entry: &'a Host,
) -> Result<Site<'a>, Diagnostic> {
    let namespace = namespace(cluster, key, entry)?;
    let workload = workload(namespace, key, entry)?;
    let target_port = target_port(workload, key, entry)?;
    Ok(Site {
        host,
        service: &entry.service,
        service_port: entry.port.get(),
        workload: &entry.workload,
        target_port,
    })
}

fn namespace<'a>(
    cluster: &'a Cluster,
    key: &str,
    entry: &Host,
) -> Result<&'a Namespace, Diagnostic> {
    let name = &entry.service.namespace;
    cluster.namespaces.get(name).ok_or_else(|| {
        Diagnostic::error(
            "unknown-namespace",
            format!("namespace `{name}` is not declared"),
        )
        .at_config(["hosts", key, "service"])
        .hint(format!(
            "declare it under `namespaces`, or use {}",
            one_of(&cluster.namespaces)
        ))
    })
}

fn workload<'a>(
    namespace: &'a Namespace,
    key: &str,
    entry: &Host,
) -> Result<&'a Workload, Diagnostic> {
    let (service, workload) = (&entry.service, &entry.workload);
    let place = ["hosts", key, "workload"];
    if workload.namespace != service.namespace {
        let message = format!(
            "workload `{workload}` cannot be behind Service `{service}` of another namespace"
        );
        return Err(Diagnostic::error("workload-elsewhere", message)
            .at_config(place)
            .hint(format!(
                "name a workload of namespace `{}`: a Service selects no others",
                service.namespace
            )));
    }
    namespace.workloads.get(&workload.name).ok_or_else(|| {
        Diagnostic::error(
            "unknown-workload",
            format!("workload `{workload}` is not declared"),
        )
        .at_config(place)
        .hint(format!(
            "declare it in namespace `{}`, or use {}",
            workload.namespace,
            one_of(&namespace.workloads)
        ))
    })
}

/// The port that the Service leads to. Policy sees connections after the
/// Service's translation, so the Service's own port would open nothing.
fn target_port(workload: &Workload, key: &str, entry: &Host) -> Result<u16, Diagnostic> {
    let ports = tcp_ports(workload);
    let declared = |number: u16| ports.values().copied().find(|&port| port == number);
    let found = match &entry.target_port {
        Some(TargetPort::Number(number)) => declared(number.get()),
        Some(TargetPort::Name(name)) => ports.get(name.as_str()).copied(),
        None => declared(entry.port.get()).or_else(|| only(&ports)),
    };
    found.ok_or_else(|| {
        let (message, field) = unknown_target_port(entry);
        Diagnostic::error("unknown-target-port", message)
            .at_config(["hosts", key, field])
            .hint(format!("set `targetPort` to {}", one_of(&ports)))
    })
}

fn tcp_ports(workload: &Workload) -> BTreeMap<&str, u16> {
    let tcp = workload
        .ports
        .iter()
        .filter(|(_, port)| port.protocol == Protocol::Tcp);
    tcp.map(|(name, port)| (name.as_str(), port.port)).collect()
}

fn only(ports: &BTreeMap<&str, u16>) -> Option<u16> {
    let mut numbers = ports.values();
    numbers.next().copied().filter(|_| numbers.next().is_none())
}

/// What to say, and of which field.
fn unknown_target_port(entry: &Host) -> (String, &'static str) {
    let workload = &entry.workload;
    match &entry.target_port {
        Some(TargetPort::Number(number)) => (
            format!("workload `{workload}` has no TCP port {number}"),
            "targetPort",
        ),
        Some(TargetPort::Name(name)) => (
            format!("workload `{workload}` has no TCP port `{name}`"),
            "targetPort",
        ),
        None => {
            let message = format!(
                "which TCP port of workload `{workload}` the Service leads to is not clear"
            );
            (message, "workload")
        }
    }
}

/// The declared names, for a hint.
fn one_of<K: std::fmt::Display, V>(declared: &BTreeMap<K, V>) -> String {
    if declared.is_empty() {
        return "one that is declared (none is yet)".to_owned();
    }
    let names: Vec<_> = declared.keys().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}

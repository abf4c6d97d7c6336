//! Services, with the pods behind them.
//!
//! Policy sees connections after the Service's translation, so what opens a
//! connection is the pods' port; a Service's own would open nothing.

use std::collections::BTreeMap;

use ztgit_plugin::cluster::{Namespace, Protocol, Service, Workload};
use ztgit_plugin::{Cluster, Diagnostic};

use super::one_of;
use crate::config::{self, BackendTls, Host, TargetPort};
use crate::reference::NamespacedName;

/// A Service that is known to lead to pods.
#[derive(Debug, Clone)]
pub(crate) struct Backend<'a> {
    pub(crate) service: &'a NamespacedName,
    pub(crate) service_port: u16,
    pub(crate) workload: NamespacedName,
    pub(crate) target_port: u16,
    pub(crate) weight: Option<u32>,
    pub(crate) tls: Option<&'a BackendTls>,
}

/// A back-end as it stands in the config, in a host or for itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    service: &'a NamespacedName,
    port: u16,
    workload: Option<&'a NamespacedName>,
    target_port: Option<&'a TargetPort>,
    weight: Option<u32>,
    tls: Option<&'a BackendTls>,
}

impl<'a> From<&'a config::Backend> for Written<'a> {
    fn from(backend: &'a config::Backend) -> Self {
        Self {
            service: &backend.service,
            port: backend.port.get(),
            workload: backend.workload.as_ref(),
            target_port: backend.target_port.as_ref(),
            weight: backend.weight,
            tls: backend.tls.as_ref(),
        }
    }
}

impl<'a> Written<'a> {
    /// The one of a host that has one Service.
    pub(super) fn of_host(key: &str, host: &'a Host) -> Result<Self, Diagnostic> {
        let (Some(service), Some(port)) = (&host.service, host.port) else {
            let message = "a Service has several ports at times: which one it is must be said";
            return Err(Diagnostic::error("missing-port", message)
                .at_config(["hosts", key])
                .hint("set `port` to the Service's port"));
        };
        Ok(Self {
            service,
            port: port.get(),
            workload: host.workload.as_ref(),
            target_port: host.target_port.as_ref(),
            weight: None,
            tls: host.tls.as_ref(),
        })
    }
}

/// A back-end whose Service, workload and port exist.
pub(super) fn resolve<'a>(
    cluster: &'a Cluster,
    place: &[&str],
    written: Written<'a>,
) -> Result<Backend<'a>, Diagnostic> {
    let at = Place(place);
    let namespace = namespace(cluster, at, written.service)?;
    let service = namespace.services.get(&written.service.name);
    let workload = workload_name(at, written, service)?;
    let declared = declared(namespace, at, written.service, &workload)?;
    let target_port = match (written.target_port, service) {
        (None, Some(service)) => target_of(service, at, written)?,
        _ => target_port(declared, at, written, &workload)?,
    };
    Ok(Backend {
        service: written.service,
        service_port: written.port,
        workload,
        target_port,
        weight: written.weight,
        tls: written.tls,
    })
}

/// A place in the config to which a field is added.
#[derive(Clone, Copy)]
struct Place<'a>(&'a [&'a str]);

impl Place<'_> {
    fn error(self, code: &str, message: impl Into<String>, field: &str) -> Diagnostic {
        let segments = self.0.iter().copied().chain([field]);
        Diagnostic::error(code, message).at_config(segments)
    }
}

fn namespace<'a>(
    cluster: &'a Cluster,
    at: Place<'_>,
    service: &NamespacedName,
) -> Result<&'a Namespace, Diagnostic> {
    let name = &service.namespace;
    cluster.namespaces.get(name).ok_or_else(|| {
        let message = format!("namespace `{name}` is not declared");
        at.error("unknown-namespace", message, "service")
            .hint(format!(
                "declare it under `namespaces`, or use {}",
                one_of(cluster.namespaces.keys())
            ))
    })
}

/// The workload that is named, or that of the declared Service.
fn workload_name(
    at: Place<'_>,
    written: Written<'_>,
    service: Option<&Service>,
) -> Result<NamespacedName, Diagnostic> {
    let namespace = &written.service.namespace;
    match (written.workload, service) {
        (Some(workload), Some(service)) if workload.name != service.workload => {
            Err(other_workload(at, written.service, service, workload))
        }
        (Some(workload), _) if workload.namespace != *namespace => {
            Err(workload_elsewhere(at, written.service, workload))
        }
        (Some(workload), _) => Ok(workload.clone()),
        (None, Some(service)) => Ok(NamespacedName {
            namespace: namespace.clone(),
            name: service.workload.clone(),
        }),
        (None, None) => Err(missing_workload(at, written.service)),
    }
}

fn other_workload(
    at: Place<'_>,
    name: &NamespacedName,
    service: &Service,
    workload: &NamespacedName,
) -> Diagnostic {
    let message = format!(
        "Service `{name}` selects workload `{}`, not `{workload}`",
        service.workload
    );
    at.error("other-workload", message, "workload")
        .hint("leave `workload` out where the Service is declared")
}

fn workload_elsewhere(
    at: Place<'_>,
    service: &NamespacedName,
    workload: &NamespacedName,
) -> Diagnostic {
    let message =
        format!("workload `{workload}` cannot be behind Service `{service}` of another namespace");
    at.error("workload-elsewhere", message, "workload")
        .hint(format!(
            "name a workload of namespace `{}`: a Service selects no others",
            service.namespace
        ))
}

fn missing_workload(at: Place<'_>, service: &NamespacedName) -> Diagnostic {
    let message = format!("which pods are behind Service `{service}` is not declared");
    at.error("missing-workload", message, "service")
        .hint("name them with `workload: NAMESPACE/NAME`")
        .hint(format!(
            "declare the Service under `namespaces.{}.services`",
            service.namespace
        ))
}

fn declared<'a>(
    namespace: &'a Namespace,
    at: Place<'_>,
    service: &NamespacedName,
    workload: &NamespacedName,
) -> Result<&'a Workload, Diagnostic> {
    namespace.workloads.get(&workload.name).ok_or_else(|| {
        let message = format!("workload `{workload}` is not declared");
        at.error("unknown-workload", message, "workload")
            .hint(format!(
                "declare it in namespace `{}`, or use {}",
                service.namespace,
                one_of(namespace.workloads.keys())
            ))
    })
}

/// The pods' port behind a port of a declared Service.
fn target_of(service: &Service, at: Place<'_>, written: Written<'_>) -> Result<u16, Diagnostic> {
    let mut tcp = service
        .ports
        .values()
        .filter(|port| port.protocol == Protocol::Tcp);
    let found = tcp.clone().find(|port| port.port == written.port);
    found.map(|port| port.target_port).ok_or_else(|| {
        let message = format!(
            "Service `{}` has no TCP port {}",
            written.service, written.port
        );
        at.error("unknown-service-port", message, "port")
            .hint(format!(
                "use {}",
                one_of(tcp.by_ref().map(|port| port.port))
            ))
    })
}

/// The pods' port that the config names, or that can only be meant.
fn target_port(
    workload: &Workload,
    at: Place<'_>,
    written: Written<'_>,
    name: &NamespacedName,
) -> Result<u16, Diagnostic> {
    let ports = tcp_ports(workload);
    let declared = |number: u16| ports.values().copied().find(|&port| port == number);
    let found = match written.target_port {
        Some(TargetPort::Number(number)) => declared(number.get()),
        Some(TargetPort::Name(name)) => ports.get(name.as_str()).copied(),
        None => declared(written.port).or_else(|| only(&ports)),
    };
    found.ok_or_else(|| {
        let (message, field) = unknown_target_port(written, name);
        at.error("unknown-target-port", message, field)
            .hint(format!("set `targetPort` to {}", one_of(ports.keys())))
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
fn unknown_target_port(written: Written<'_>, workload: &NamespacedName) -> (String, &'static str) {
    match written.target_port {
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

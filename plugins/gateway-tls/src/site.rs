//! From the hosts of the config and the cluster to sites: hosts of which every
//! reference is known to exist.
//!
//! What does not resolve is left out and reported; all of it in one go.

mod backend;
mod rule;

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::{Cluster, Diagnostic};

use crate::certificate::{self, Certificate};
use crate::config::{Config, GrpcRule, Host, HttpRule, PlainHttp};
use crate::gateway::Gateway;
use crate::host_name::HostName;

pub(crate) use backend::Backend;
pub(crate) use rule::{Rule, Settings};

/// A host that can be served.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    /// As it stands in the config, which may differ by case.
    pub(crate) key: &'a str,
    pub(crate) host: HostName,
    pub(crate) gateway: Gateway<'a>,
    /// `None` where whoever answers has it.
    pub(crate) certificate: Option<Certificate<'a>>,
    /// The namespace of its route.
    pub(crate) namespace: &'a str,
    pub(crate) traffic: Traffic<'a>,
    pub(crate) http: PlainHttp,
}

/// What goes through a host.
#[derive(Debug)]
pub(crate) enum Traffic<'a> {
    Http(Vec<Rule<'a, HttpRule>>),
    Grpc(Vec<Rule<'a, GrpcRule>>),
    /// TLS that goes on as it is.
    Passthrough(Backend<'a>),
}

impl<'a> Traffic<'a> {
    /// All Services behind it.
    pub(crate) fn backends(&self) -> Vec<&Backend<'a>> {
        match self {
            Self::Http(rules) => rules.iter().flat_map(|rule| &rule.backends).collect(),
            Self::Grpc(rules) => rules.iter().flat_map(|rule| &rule.backends).collect(),
            Self::Passthrough(backend) => vec![backend],
        }
    }
}

/// The sites of a cluster, sorted as their keys in the config, and what is
/// wrong with the other hosts.
pub(crate) fn resolve<'a>(
    cluster: &'a Cluster,
    config: &'a Config,
    gateways: &[Gateway<'a>],
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
            .map_err(|error| vec![error])
            .and_then(|host| site(cluster, config, gateways, key, host, entry));
        match site {
            Ok(site) => sites.push(site),
            Err(found) => diagnostics.extend(found),
        }
    }
    (sites, diagnostics)
}

fn site<'a>(
    cluster: &'a Cluster,
    config: &'a Config,
    gateways: &[Gateway<'a>],
    key: &'a str,
    host: HostName,
    entry: &'a Host,
) -> Result<Site<'a>, Vec<Diagnostic>> {
    let one = |diagnostic| vec![diagnostic];
    let gateway = gateway(gateways, key, entry).map_err(one)?;
    let traffic = traffic(cluster, key, entry)?;
    let certificate = match traffic {
        Traffic::Passthrough(_) => {
            not_passed_through(key, entry).map_err(one)?;
            None
        }
        Traffic::Http(_) | Traffic::Grpc(_) => {
            Some(certificate::resolve(config, &gateway, key, &host, entry).map_err(one)?)
        }
    };
    let namespace = route_namespace(cluster, &gateway, key, entry, &traffic).map_err(one)?;
    Ok(Site {
        key,
        host,
        gateway,
        certificate,
        namespace,
        traffic,
        http: entry.http,
    })
}

fn traffic<'a>(
    cluster: &'a Cluster,
    key: &str,
    entry: &'a Host,
) -> Result<Traffic<'a>, Vec<Diagnostic>> {
    let place = ["hosts", key];
    let given = [
        entry.service.is_some(),
        !entry.routes.is_empty(),
        !entry.grpc.is_empty(),
        entry.passthrough.is_some(),
    ];
    if given.into_iter().filter(|&given| given).count() != 1 {
        return Err(vec![not_one_of(key)]);
    }
    if !entry.routes.is_empty() {
        return rule::all(cluster, &place, &entry.routes).map(Traffic::Http);
    }
    if !entry.grpc.is_empty() {
        return rule::all(cluster, &place, &entry.grpc).map(Traffic::Grpc);
    }
    if let Some(passthrough) = &entry.passthrough {
        let backend = backend::resolve(cluster, &["hosts", key, "passthrough"], passthrough.into());
        return backend
            .map(Traffic::Passthrough)
            .map_err(|error| vec![error]);
    }
    let written = backend::Written::of_host(key, entry).map_err(|error| vec![error])?;
    let backend = backend::resolve(cluster, &place, written).map_err(|error| vec![error])?;
    Ok(Traffic::Http(vec![Rule::unconditional(backend)]))
}

fn not_one_of(key: &str) -> Diagnostic {
    let message =
        format!("what answers for `{key}` is one of `service`, `routes`, `grpc` and `passthrough`");
    Diagnostic::error("host-traffic", message)
        .at_config(["hosts", key])
        .hint("give `service` and `port` where one Service answers everything")
}

/// Where the route is: with its Services, so that they need not be granted to
/// another namespace.
fn route_namespace<'a>(
    cluster: &Cluster,
    gateway: &Gateway<'_>,
    key: &str,
    entry: &'a Host,
    traffic: &Traffic<'a>,
) -> Result<&'a str, Diagnostic> {
    if let Some(namespace) = &entry.namespace {
        if cluster.namespaces.contains_key(namespace) || namespace == gateway.namespace() {
            return Ok(namespace);
        }
        let message = format!("namespace `{namespace}` is not declared");
        return Err(Diagnostic::error("unknown-namespace", message)
            .at_config(["hosts", key, "namespace"])
            .hint(format!("use {}", one_of(cluster.namespaces.keys()))));
    }
    let services = traffic.backends().into_iter();
    let namespaces: BTreeSet<&str> = services
        .map(|backend| backend.service.namespace.as_str())
        .collect();
    let mut namespaces = namespaces.into_iter();
    if let (Some(only), None) = (namespaces.next(), namespaces.next()) {
        return Ok(only);
    }
    let message =
        format!("the Services behind `{key}` are in several namespaces, and its route is in one");
    Err(Diagnostic::error("route-namespace", message)
        .at_config(["hosts", key])
        .hint("say with `namespace` in which: the Services of others are granted to it"))
}

fn gateway<'a>(
    gateways: &[Gateway<'a>],
    key: &str,
    entry: &Host,
) -> Result<Gateway<'a>, Diagnostic> {
    let wanted = entry.gateway.as_deref();
    let found = gateways.iter().find(|gateway| gateway.key() == wanted);
    found.copied().ok_or_else(|| {
        let name = wanted.expect("the Gateway without a key is always there");
        let names: Vec<_> = gateways.iter().filter_map(Gateway::key).collect();
        Diagnostic::error(
            "unknown-gateway",
            format!("there is no Gateway `{name}` in `gateways`"),
        )
        .at_config(["hosts", key, "gateway"])
        .hint(format!(
            "use {}, or leave it out for the Gateway under `gateway`",
            one_of(names.into_iter())
        ))
    })
}

fn not_passed_through(key: &str, entry: &Host) -> Result<(), Diagnostic> {
    let (field, message) = match entry {
        Host {
            secret: Some(_), ..
        } => ("secret", HAS_THE_CERTIFICATE),
        Host {
            issuer: Some(_), ..
        } => ("issuer", HAS_THE_CERTIFICATE),
        Host {
            http: PlainHttp::Serve,
            ..
        } => (
            "http",
            "what is passed through is TLS: without it there is nothing to serve",
        ),
        _ => return Ok(()),
    };
    Err(Diagnostic::error("passthrough", message)
        .at_config(["hosts", key, field])
        .hint(format!("remove `{field}`")))
}

const HAS_THE_CERTIFICATE: &str =
    "TLS that is passed through ends at the Service, which has the certificate";

fn host_name(key: &str) -> Result<HostName, Diagnostic> {
    HostName::parse(key).map_err(|error| {
        Diagnostic::error("invalid-host", format!("host `{key}` {error}"))
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

/// The declared names, for a hint.
pub(crate) fn one_of(names: impl Iterator<Item = impl std::fmt::Display>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return "one that is declared (none is yet)".to_owned();
    }
    names.join(" or ")
}

//! Gateways: names, listeners, ports.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::Diagnostic;

use crate::config::Exposure;
use crate::controller::Controller;
use crate::exposure::ports;
use crate::gateway::{Gateway, MAX_HOSTS};
use crate::plan::Plan;

/// All findings about Gateways.
pub(super) fn all(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut found = same_name(plan);
    found.extend(port_clashes(plan));
    let gateways = plan.gateways.iter();
    for gateway in gateways {
        found.extend(one_port(gateway));
        found.extend(too_many(plan, gateway));
        found.extend(ignored_options(gateway));
        found.extend(overlaps(plan, gateway));
    }
    found
}

fn same_name(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for gateway in &plan.gateways {
        let name = (gateway.namespace(), gateway.name());
        if !seen.insert(name) {
            let message = format!("there are two Gateways {}/{}", name.0, name.1);
            found.push(
                Diagnostic::error("duplicate-gateway", message)
                    .at_config(gateway.place(&[]))
                    .hint("give one of them another `name` or `namespace`"),
            );
        }
    }
    found
}

/// On the host network a port is one Gateway's.
fn port_clashes(plan: &Plan<'_>) -> Vec<Diagnostic> {
    if plan.config.exposure != Exposure::HostNetwork {
        return Vec::new();
    }
    let mut owners: BTreeMap<u16, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for gateway in plan.of_cilium() {
        for (port, _) in ports(gateway) {
            let owner = *owners.entry(port).or_insert(gateway.name());
            if owner != gateway.name() {
                let message = format!(
                    "port {port} of every node is Gateway `{owner}`'s: on the host network \
                     Gateway `{}` needs ports of its own",
                    gateway.name()
                );
                found.push(
                    Diagnostic::error("port-clash", message)
                        .at_config(gateway.place(&[]))
                        .hint("give it other `ports`, with certificates by `challenge: dns01`")
                        .hint("choose an `exposure` that gives each Gateway an address"),
                );
            }
        }
    }
    found
}

fn one_port(gateway: &Gateway<'_>) -> Option<Diagnostic> {
    let [(http, _), (https, _)] = ports(gateway);
    (http == https).then(|| {
        Diagnostic::error("one-port", format!("port {http} is for both HTTP and TLS"))
            .at_config(gateway.place(&["ports"]))
            .hint("give each a port")
    })
}

fn too_many(plan: &Plan<'_>, gateway: &Gateway<'_>) -> Option<Diagnostic> {
    let count = plan.sites_of(gateway).count();
    (count > MAX_HOSTS).then(|| {
        let message =
            format!("a Gateway has listeners for {MAX_HOSTS} hosts, and there are {count}");
        Diagnostic::error("too-many-hosts", message)
            .at_config(["hosts"])
            .hint("serve some of them from another of `gateways`")
            .hint("cover several names of one domain by a wildcard")
    })
}

fn ignored_options(gateway: &Gateway<'_>) -> Option<Diagnostic> {
    let ignored =
        !gateway.settings.tls_options.is_empty() && gateway.controller() == Controller::Cilium;
    ignored.then(|| {
        Diagnostic::warning(
            "tls-options-ignored",
            "Cilium reads no TLS options of a listener: its Envoy takes TLS 1.2 and 1.3, \
             and no setting of the Gateway API changes that",
        )
        .at_config(gateway.place(&["tlsOptions"]))
        .hint("remove `tlsOptions`")
    })
}

/// A name of which the TLS is both ended and passed through: which of the two
/// would happen is decided by nothing that the client sends.
fn overlaps(plan: &Plan<'_>, gateway: &Gateway<'_>) -> Vec<Diagnostic> {
    let sites: Vec<_> = plan.sites_of(gateway).collect();
    let passed = sites.iter().filter(|site| site.certificate.is_none());
    let mut found = Vec::new();
    for passed in passed {
        let ended = sites.iter().filter(|site| site.certificate.is_some());
        for ended in ended.filter(|ended| ended.host.overlaps(&passed.host)) {
            let message = format!(
                "TLS for `{}` is passed through and overlaps with `{}`, whose TLS ends here: \
                 Cilium accepts neither listener",
                passed.host, ended.host
            );
            found.push(
                Diagnostic::error("passthrough-overlap", message)
                    .at_config(["hosts", passed.key])
                    .hint("serve one of them from another of `gateways`"),
            );
        }
    }
    found
}

//! Services: what clients connect to, and the workload's port behind it.

use std::collections::BTreeMap;

use ztgit_plugin::cluster::{Service, ServicePort, Workload};

use super::node::Node;
use super::resolve::invalid_name;
use super::schema::{NamespaceSpec, ServicePortSpec, ServiceSpec};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::name::is_dns_label;

/// The services of a namespace. What refers to nothing is reported and left out.
pub(super) fn resolve(
    namespace: &str,
    spec: &NamespaceSpec,
    workloads: &BTreeMap<String, Workload>,
    merged: &Node,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Service> {
    let mut services = BTreeMap::new();
    for (name, service) in &spec.services {
        if !is_dns_label(name) {
            let place = merged.key_place(&["namespaces", namespace, "services"], name);
            diagnostics.push(invalid_name("service", name, place));
            continue;
        }
        let mut resolver = Resolver {
            path: ["namespaces", namespace, "services", name],
            merged,
            diagnostics,
        };
        if let Some(service) = resolver.service(service, workloads) {
            services.insert(name.clone(), service);
        }
    }
    services
}

struct Resolver<'a> {
    path: [&'a str; 4],
    merged: &'a Node,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_> {
    fn service(
        &mut self,
        spec: &ServiceSpec,
        workloads: &BTreeMap<String, Workload>,
    ) -> Option<Service> {
        let Some(workload) = workloads.get(&spec.workload) else {
            let message = format!("the namespace has no workload `{}`", spec.workload);
            self.dangling(&["workload"], message, &spec.workload, workloads.keys());
            return None;
        };
        let mut ports = BTreeMap::new();
        for (name, port) in &spec.ports {
            let (number, target) = match port {
                ServicePortSpec::Number(number) => (*number, name),
                ServicePortSpec::Full(full) => (full.port, &full.target_port),
            };
            let Some(behind) = workload.ports.get(target) else {
                let message = format!("workload `{}` has no port `{target}`", spec.workload);
                self.dangling(&["ports", name], message, target, workload.ports.keys());
                continue;
            };
            ports.insert(
                name.clone(),
                ServicePort {
                    port: number,
                    target_port: behind.port,
                    protocol: behind.protocol,
                },
            );
        }
        Some(Service {
            workload: spec.workload.clone(),
            ports,
        })
    }

    fn dangling<'b>(
        &mut self,
        below: &[&str],
        message: String,
        written: &str,
        known: impl Iterator<Item = &'b String>,
    ) {
        let path = [&self.path[..], below].concat();
        let mut diagnostic =
            Diagnostic::error("unknown-reference", message).at(self.merged.place(path));
        if let Some(hint) = did_you_mean(written, known.map(String::as_str)) {
            diagnostic = diagnostic.hint(hint);
        }
        self.diagnostics.push(diagnostic);
    }
}

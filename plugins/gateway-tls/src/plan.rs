//! What is rendered: the config with every reference resolved.

use ztgit_plugin::{Cluster, Diagnostic};

use crate::access_log;
use crate::certificate::Proof;
use crate::config::Config;
use crate::controller::Controller;
use crate::gateway::Gateway;
use crate::host_name::HostName;
use crate::site::{self, Site};

/// Cluster and config, with the Gateways and the hosts that resolve.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(crate) config: &'a Config,
    pub(crate) gateways: Vec<Gateway<'a>>,
    pub(crate) sites: Vec<Site<'a>>,
}

impl<'a> Plan<'a> {
    /// The plan, and what is wrong with the hosts that are not in it.
    pub(crate) fn of(cluster: &'a Cluster, config: &'a Config) -> (Self, Vec<Diagnostic>) {
        let gateways = Gateway::all(config);
        let (sites, diagnostics) = site::resolve(cluster, config, &gateways);
        let plan = Self {
            cluster,
            config,
            gateways,
            sites,
        };
        (plan, diagnostics)
    }

    /// The Gateways that Cilium implements.
    pub(crate) fn of_cilium(&self) -> impl Iterator<Item = &Gateway<'a>> {
        let gateways = self.gateways.iter();
        gateways.filter(|gateway| gateway.controller() == Controller::Cilium)
    }

    /// The hosts of a Gateway.
    pub(crate) fn sites_of<'p>(
        &'p self,
        gateway: &'p Gateway<'_>,
    ) -> impl Iterator<Item = &'p Site<'a>> {
        let sites = self.sites.iter();
        sites.filter(|site| site.gateway.key() == gateway.key())
    }

    /// The class of a Gateway: for one with access logs, the class that has them.
    pub(crate) fn class_of<'p>(&'p self, gateway: &'p Gateway<'_>) -> &'p str {
        match (gateway.controller(), self.config.access_log) {
            (Controller::Cilium, Some(_)) => access_log::CLASS,
            _ => &gateway.settings.class,
        }
    }

    /// The hosts whose names are shown to an ACME server in that way.
    pub(crate) fn proven_by(&self, way: impl Fn(Proof<'_>) -> bool) -> Vec<&HostName> {
        let proven = self.sites.iter().filter(|site| {
            let issuance = site.certificate.as_ref().and_then(|each| each.issuance());
            issuance
                .and_then(|issuance| issuance.proof)
                .is_some_and(&way)
        });
        proven.map(|site| &site.host).collect()
    }

    /// Whether any name is shown by DNS.
    pub(crate) fn uses_dns01(&self) -> bool {
        !self
            .proven_by(|proof| matches!(proof, Proof::Dns01(_)))
            .is_empty()
    }
}

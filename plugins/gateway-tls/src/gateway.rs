//! The Gateways: each has one HTTP listener for redirects and ACME challenges,
//! and one TLS listener for each of its hosts.
//!
//! cert-manager makes a Certificate of every listener that [`crate::shim`] says
//! it does. A listener whose Secret is not there yet does not keep the Gateway
//! from being programmed: the HTTP listener serves the challenge that leads to
//! the Secret.

mod listener;

use serde_json::{Value, json};
use ztgit_plugin::{Health, Manifest, Object, Phase};

use crate::certificate::{Certificate, IssuerName};
use crate::config::{Config, GatewaySettings};
use crate::controller::Controller;
use crate::plan::Plan;
use crate::site::Site;

pub(crate) use listener::{HTTP_LISTENER, MAX_HOSTS, tls_listener};

/// The API's group.
pub(crate) const GROUP: &str = "gateway.networking.k8s.io";

/// The API's group and version.
pub(crate) const API_VERSION: &str = "gateway.networking.k8s.io/v1";

/// The first start pulls Envoy's image and waits for an address.
const GATEWAY_TIMEOUT_SECONDS: u32 = 600;

/// A Gateway of the config.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gateway<'a> {
    /// Its key among `gateways`; `None` for `gateway`.
    key: Option<&'a str>,
    pub(crate) settings: &'a GatewaySettings,
    config: &'a Config,
}

impl<'a> Gateway<'a> {
    /// All of a config, the one that hosts get unless they say so first.
    pub(crate) fn all(config: &'a Config) -> Vec<Self> {
        let gateway = |key, settings| Self {
            key,
            settings,
            config,
        };
        let further = config.gateways.iter();
        let further = further.map(|(key, settings)| gateway(Some(key.as_str()), settings));
        [gateway(None, &config.gateway)]
            .into_iter()
            .chain(further)
            .collect()
    }

    pub(crate) fn key(&self) -> Option<&'a str> {
        self.key
    }

    pub(crate) fn name(&self) -> &'a str {
        let given = self.settings.name.as_deref();
        given.or(self.key).unwrap_or("gateway")
    }

    pub(crate) fn namespace(&self) -> &'a str {
        &self.settings.namespace
    }

    pub(crate) fn controller(&self) -> Controller {
        Controller::of(self.settings)
    }

    /// Who signs its hosts' certificates, unless they say so.
    pub(crate) fn issuer(&self) -> IssuerName<'a> {
        let own = self.settings.issuer.as_deref();
        IssuerName::parse(own.unwrap_or(&self.config.issuer))
    }

    /// Where it stands in the config.
    pub(crate) fn place<'p>(&'p self, field: &[&'p str]) -> Vec<&'p str> {
        let mut place = match self.key {
            Some(key) => vec!["gateways", key],
            None => vec!["gateway"],
        };
        place.extend(field);
        place
    }

    /// The label of the namespaces that may attach routes. Its own namespace
    /// has it too: that is where cert-manager puts the route of a challenge.
    /// Each Gateway has one of its own, so that what may use the one may not
    /// use the other.
    pub(crate) fn access_label(&self) -> (String, String) {
        let key = match self.key {
            Some(key) => format!("gateway-access/{key}"),
            None => "gateway-access".to_owned(),
        };
        (key, "true".to_owned())
    }

    /// What routes and solvers attach to.
    pub(crate) fn reference(&self, listener: &str) -> Value {
        json!({
            "group": GROUP,
            "kind": "Gateway",
            "name": self.name(),
            "namespace": self.namespace(),
            "sectionName": listener,
        })
    }
}

/// The Gateways with their listeners.
///
/// Their health does not wait for certificates: one that cannot be issued yet,
/// because its name does not lead here, must not hold back everything that
/// comes after.
pub(crate) fn manifests(plan: &Plan<'_>) -> Vec<Manifest> {
    let gateways = plan.gateways.iter();
    gateways
        .map(|gateway| {
            let health = Health::condition("Programmed", GATEWAY_TIMEOUT_SECONDS);
            Manifest::new(Phase::Ingress, object(plan, gateway)).health(health)
        })
        .collect()
}

/// A Gateway as it is rendered.
pub(crate) fn object(plan: &Plan<'_>, gateway: &Gateway<'_>) -> Object {
    let sites: Vec<_> = plan.sites_of(gateway).collect();
    let mut spec = json!({
        "gatewayClassName": plan.class_of(gateway),
        "listeners": listener::all(gateway, &sites),
    });
    if !gateway.settings.addresses.is_empty() {
        let addresses = gateway.settings.addresses.iter();
        let addresses: Vec<_> = addresses
            .map(|address| json!({"type": "IPAddress", "value": address.to_string()}))
            .collect();
        spec["addresses"] = addresses.into();
    }
    let object =
        Object::namespaced(API_VERSION, "Gateway", gateway.namespace(), gateway.name()).spec(spec);
    let object = match gateway.issuer().object_name() {
        Some(issuer) => object.annotation("cert-manager.io/cluster-issuer", issuer),
        None => return object,
    };
    let ignored = ignored(&sites);
    if ignored.is_empty() {
        return object;
    }
    object.annotation("cert-manager.io/ignore-tls-listeners", &ignored.join(","))
}

/// Listeners of which cert-manager shall make no Certificate, as somebody else
/// did.
fn ignored(sites: &[&Site<'_>]) -> Vec<String> {
    let others = sites.iter().filter(|site| {
        matches!(
            site.certificate,
            Some(Certificate::Explicit(_) | Certificate::Existing(_))
        )
    });
    others.map(|site| tls_listener(&site.host)).collect()
}

//! The config as it stands in a stack: shapes only. What a shape cannot say
//! (that a workload exists, that a name can have a certificate) is checked in
//! [`crate::site`] and [`crate::check`].

mod gateway;
mod host;
mod issuer;
mod route;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use gateway::{AccessLog, BgpPeer, Exposure, GatewaySettings, Ports};
pub use host::{Backend, BackendTls, Challenge, Host, PlainHttp, TargetPort, TrustedCa};
pub use issuer::{
    AccessKey, CertManager, Dns01, Installation, IssuerSettings, SecretKey, TsigAlgorithm,
};
pub use route::{GrpcMatch, GrpcRule, Headers, HttpMatch, HttpRule, Method, Timeouts};

/// Gateway API, cert-manager and the hosts that are served over TLS.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The address under which the ACME accounts are registered; without it
    /// there are no issuers of Let's Encrypt. Let's Encrypt refuses addresses in
    /// reserved domains such as example.com.
    #[serde(default)]
    pub email: Option<String>,
    /// Who signs the hosts' certificates: `letsencrypt-staging` (the default),
    /// `letsencrypt-prod`, one of `issuers`, or `none` where every host brings
    /// its Secret. Begin with staging: its rate limits forgive mistakes, but
    /// browsers do not trust it.
    #[serde(default = "staging")]
    #[schemars(length(min = 1))]
    pub issuer: String,
    /// Issuers of your own, by name: for labs, and for names that no public CA
    /// knows.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": DNS_LABEL, "maxLength": 63}))]
    pub issuers: BTreeMap<String, IssuerSettings>,
    /// Who serves the DNS of a zone, by zone: needed for wildcard hosts, and for
    /// hosts that HTTP from outside does not reach.
    #[serde(default)]
    pub dns01: BTreeMap<String, Dns01>,
    /// cert-manager itself.
    #[serde(default)]
    pub cert_manager: CertManager,
    /// The Gateway through which the hosts are reached.
    #[serde(default)]
    pub gateway: GatewaySettings,
    /// Further Gateways, by name. A host says which one it wants.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": DNS_LABEL, "maxLength": 63}))]
    pub gateways: BTreeMap<String, GatewaySettings>,
    /// How connections from outside reach the Gateways.
    #[serde(default)]
    pub exposure: Exposure,
    /// How each request is logged by Cilium's Envoy, to its standard output;
    /// left out, it is not.
    #[serde(default)]
    pub access_log: Option<AccessLog>,
    /// What is served, by host name: `app.example.net`, or `*.example.net` for
    /// all names one label below. Each host gets a listener, a certificate, a
    /// route and a redirect from HTTP.
    #[serde(default)]
    pub hosts: BTreeMap<String, Host>,
}

fn staging() -> String {
    "letsencrypt-staging".to_owned()
}

const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
const DNS_NAME: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

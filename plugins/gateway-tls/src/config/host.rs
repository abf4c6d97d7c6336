//! Hosts and what answers for them.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;

use super::route::{GrpcRule, HttpRule};
use super::{DNS_LABEL, DNS_NAME};
use crate::reference::NamespacedName;

/// What answers for a host. One of `service`, `routes`, `grpc` and
/// `passthrough` says so.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Host {
    /// The Service that answers all requests.
    pub service: Option<NamespacedName>,
    /// That Service's port (`ports[].port`).
    pub port: Option<NonZeroU16>,
    /// The declared workload behind that Service: policy lets the Gateway reach
    /// its pods. Not needed where the stack declares the Service.
    pub workload: Option<NamespacedName>,
    /// The workload's port that the Service leads to, by name or number.
    /// Without it: the port with the Service's number, else the only TCP port.
    pub target_port: Option<TargetPort>,
    /// The Gateway speaks TLS to that Service too.
    pub tls: Option<BackendTls>,
    /// Which requests go where, by a name of your choice. The most specific
    /// match wins, whatever the order.
    #[schemars(extend("maxProperties" = 16, "propertyNames" = {"pattern": DNS_LABEL, "maxLength": 63}))]
    pub routes: BTreeMap<String, HttpRule>,
    /// The same for gRPC, instead of `routes`.
    #[schemars(extend("maxProperties" = 16, "propertyNames" = {"pattern": DNS_LABEL, "maxLength": 63}))]
    pub grpc: BTreeMap<String, GrpcRule>,
    /// The connection goes on as it is, TLS and all, to a Service that has the
    /// certificate itself.
    pub passthrough: Option<Backend>,
    /// The namespace of the host's route, where its back-ends are in several.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub namespace: Option<String>,
    /// The Gateway that serves it: one of `gateways`, else `gateway`.
    pub gateway: Option<String>,
    /// Who signs its certificate, instead of the Gateway's `issuer`.
    #[schemars(length(min = 1))]
    pub issuer: Option<String>,
    /// How the ACME server is shown that the name is yours. A wildcard can only
    /// be shown by `dns01`.
    pub challenge: Challenge,
    /// A Secret with certificate and key that is in the Gateway's namespace
    /// already; cert-manager leaves it alone.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub secret: Option<String>,
    /// What requests without TLS get.
    pub http: PlainHttp,
}

/// A Service and the pods behind it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Backend {
    /// The Service.
    pub service: NamespacedName,
    /// The Service's port (`ports[].port`).
    pub port: NonZeroU16,
    /// The declared workload behind it. Not needed where the stack declares the
    /// Service.
    #[serde(default)]
    pub workload: Option<NamespacedName>,
    /// The workload's port that the Service leads to, by name or number.
    /// Without it: the port with the Service's number, else the only TCP port.
    #[serde(default)]
    pub target_port: Option<TargetPort>,
    /// Its share of the requests, beside the weights of the others; 1 unless
    /// given.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    pub weight: Option<u32>,
    /// The Gateway speaks TLS to it too.
    #[serde(default)]
    pub tls: Option<BackendTls>,
}

/// A declared port of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TargetPort {
    /// By number.
    Number(NonZeroU16),
    /// By name.
    Name(String),
}

/// TLS between the Gateway and a Service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackendTls {
    /// The name that the Service's certificate must have; also sent as SNI.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub hostname: String,
    /// Who must have signed it.
    pub ca: TrustedCa,
}

/// Whose signature on a Service's certificate is taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum TrustedCa {
    /// Any public CA's.
    System,
    /// The CAs in a `ConfigMap`'s `ca.crt`, in the Service's namespace.
    ConfigMap(String),
}

/// How an ACME server is shown that a name is yours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Challenge {
    /// By DNS for wildcards, by HTTP for all others.
    #[default]
    Automatic,
    /// By an answer over HTTP, through the Gateway.
    Http01,
    /// By a DNS record, through `dns01`.
    Dns01,
}

/// What requests without TLS get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PlainHttp {
    /// A redirect to HTTPS. ACME challenges are answered all the same.
    #[default]
    Redirect,
    /// The same as with TLS.
    Serve,
    /// 404.
    None,
}

//! cert-manager, issuers and DNS providers. Secrets are named, never given:
//! they lie in cert-manager's namespace.

use std::net::IpAddr;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{DNS_LABEL, DNS_NAME};

/// cert-manager itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CertManager {
    /// Its version: what is installed, or what is there.
    pub version: String,
    /// Who installs it.
    pub installation: Installation,
    /// Its namespace.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub namespace: String,
}

impl Default for CertManager {
    fn default() -> Self {
        Self {
            version: "v1.21.1".to_owned(),
            installation: Installation::default(),
            namespace: "cert-manager".to_owned(),
        }
    }
}

/// Who installs cert-manager.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Installation {
    /// This plugin, from its chart.
    #[default]
    Chart,
    /// You did, with its support for Gateways on.
    Existing,
}

/// An issuer of your own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum IssuerSettings {
    /// Each certificate signs itself: for a first try.
    SelfSigned,
    /// A CA that is made in the cluster, with its key in a Secret there. People
    /// trust it by installing its certificate.
    #[serde(rename = "internalCA")]
    InternalCa {
        /// The name in its certificate.
        #[schemars(length(min = 1, max = 64))]
        common_name: String,
    },
    /// A CA whose certificate and key are in a Secret (`tls.crt`, `tls.key`) in
    /// cert-manager's namespace.
    Ca {
        /// The Secret's name.
        #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
        secret: String,
    },
}

/// Who serves the DNS of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Dns01 {
    /// Cloudflare.
    Cloudflare {
        /// A token that may edit the zone's records (`Zone:DNS:Edit`) and read
        /// zones (`Zone:Zone:Read`).
        api_token: SecretKey,
    },
    /// Amazon Route 53.
    Route53 {
        /// The region, such as `eu-central-1`.
        #[schemars(length(min = 1))]
        region: String,
        /// The zone's id; without it, the zone is looked for.
        #[serde(default, rename = "hostedZoneID")]
        hosted_zone_id: Option<String>,
        /// The ARN of a role to take.
        #[serde(default)]
        role: Option<String>,
        /// A user's access key; without it, what the pod gets from its service
        /// account or its node.
        #[serde(default)]
        access_key: Option<AccessKey>,
    },
    /// A server that takes dynamic updates (RFC 2136), such as BIND or Knot.
    Rfc2136 {
        /// Its address.
        nameserver: IpAddr,
        /// Its port; 53 unless given.
        #[serde(default)]
        port: Option<NonZeroU16>,
        /// The name of the TSIG key.
        #[schemars(length(min = 1))]
        key_name: String,
        /// What the TSIG key is for.
        #[serde(default)]
        algorithm: TsigAlgorithm,
        /// The TSIG key.
        key: SecretKey,
    },
}

/// A key of a Secret in cert-manager's namespace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretKey {
    /// The Secret's name.
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub secret: String,
    /// Which of its keys.
    #[schemars(length(min = 1))]
    pub key: String,
}

/// An access key of Amazon's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessKey {
    /// Its public half, in a Secret too.
    pub id: SecretKey,
    /// Its secret half.
    pub secret: SecretKey,
}

/// How a dynamic update is signed. MD5 and SHA-1 are left out on purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum TsigAlgorithm {
    /// HMAC with SHA-256.
    #[default]
    #[serde(rename = "HMACSHA256")]
    HmacSha256,
    /// HMAC with SHA-512.
    #[serde(rename = "HMACSHA512")]
    HmacSha512,
}

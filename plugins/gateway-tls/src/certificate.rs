//! Where a host's certificate comes from, and how the ACME server is shown that
//! the name is its owner's.

use ztgit_plugin::Diagnostic;

use crate::cert_manager::Version;
use crate::config::{Challenge, Config, Host};
use crate::gateway::Gateway;
use crate::host_name::HostName;

/// Who signs, as the config names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IssuerName<'a> {
    LetsEncrypt(Environment),
    /// One of the config's `issuers`.
    Own(&'a str),
    /// Nobody: hosts bring their Secrets.
    Nobody,
}

/// One of Let's Encrypt's two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Environment {
    /// Generous limits, untrusted root.
    Staging,
    Production,
}

impl Environment {
    pub(crate) const ALL: [Self; 2] = [Self::Staging, Self::Production];

    /// The `ClusterIssuer`'s name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Staging => "letsencrypt-staging",
            Self::Production => "letsencrypt-prod",
        }
    }

    /// The host of its ACME server; every URL of the protocol is on it.
    pub(crate) fn acme_host(self) -> &'static str {
        match self {
            Self::Staging => "acme-staging-v02.api.letsencrypt.org",
            Self::Production => "acme-v02.api.letsencrypt.org",
        }
    }
}

impl<'a> IssuerName<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        if text == "none" {
            return Self::Nobody;
        }
        let public = Environment::ALL
            .into_iter()
            .find(|each| each.name() == text);
        public.map_or(Self::Own(text), Self::LetsEncrypt)
    }

    /// The name of its `ClusterIssuer`, if it has one.
    pub(crate) fn object_name(self) -> Option<&'a str> {
        match self {
            Self::LetsEncrypt(environment) => Some(environment.name()),
            Self::Own(name) => Some(name),
            Self::Nobody => None,
        }
    }
}

/// Where the certificate of a host comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Certificate<'a> {
    /// cert-manager makes it of the listener, as the Gateway's annotation says.
    OfListener(Issuance<'a>),
    /// From an object of this plugin's, as another issuer signs it.
    Explicit(Issuance<'a>),
    /// From a Secret that is there.
    Existing(&'a str),
}

/// Who signs a certificate and what the name's ownership is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuance<'a> {
    pub(crate) issuer: IssuerName<'a>,
    /// `None` where the issuer takes the stack's word.
    pub(crate) proof: Option<Proof<'a>>,
}

/// How an ACME server is shown that a name is its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Proof<'a> {
    Http01,
    /// By a record in this zone, a key of `dns01`.
    Dns01(&'a str),
}

impl<'a> Certificate<'a> {
    /// The Secret that the listener names.
    pub(crate) fn secret(&self, host: &HostName) -> String {
        match self {
            Self::OfListener(_) | Self::Explicit(_) => host.object_name("tls"),
            Self::Existing(name) => (*name).to_owned(),
        }
    }

    pub(crate) fn issuance(&self) -> Option<&Issuance<'a>> {
        match self {
            Self::OfListener(issuance) | Self::Explicit(issuance) => Some(issuance),
            Self::Existing(_) => None,
        }
    }
}

/// Where the certificate of a host comes from, or why it cannot have one.
pub(crate) fn resolve<'a>(
    config: &'a Config,
    gateway: &Gateway<'a>,
    key: &str,
    host: &HostName,
    entry: &'a Host,
) -> Result<Certificate<'a>, Diagnostic> {
    let contested = gateway.issuer() != IssuerName::Nobody && !ignores_listeners(config);
    if let Some(secret) = &entry.secret {
        if entry.issuer.is_some() {
            return Err(secret_and_issuer(key));
        }
        if contested {
            return Err(overwritten(config, key, "secret"));
        }
        return Ok(Certificate::Existing(secret));
    }
    let issuer = match entry.issuer.as_deref() {
        Some(own) => IssuerName::parse(own),
        None => gateway.issuer(),
    };
    let proof = match issuer {
        IssuerName::LetsEncrypt(_) => Some(proof(config, gateway, key, host, entry.challenge)?),
        IssuerName::Own(_) | IssuerName::Nobody => None,
    };
    let issuance = Issuance { issuer, proof };
    if issuer == gateway.issuer() || issuer == IssuerName::Nobody {
        return Ok(Certificate::OfListener(issuance));
    }
    if contested {
        return Err(overwritten(config, key, "issuer"));
    }
    Ok(Certificate::Explicit(issuance))
}

fn ignores_listeners(config: &Config) -> bool {
    Version::of(&config.cert_manager).is_some_and(Version::ignores_listeners)
}

fn proof<'a>(
    config: &'a Config,
    gateway: &Gateway<'_>,
    key: &str,
    host: &HostName,
    challenge: Challenge,
) -> Result<Proof<'a>, Diagnostic> {
    match (challenge, host.is_wildcard()) {
        (Challenge::Http01, true) => Err(wildcard_over_http(key)),
        (Challenge::Dns01, _) | (Challenge::Automatic, true) => match zone(config, host) {
            Some(zone) => Ok(Proof::Dns01(zone)),
            None if host.is_wildcard() => Err(wildcard_without_zone(key, host)),
            None => Err(no_zone(key, host)),
        },
        (Challenge::Http01 | Challenge::Automatic, false) => {
            match gateway.settings.ports.http.get() {
                80 => Ok(Proof::Http01),
                port => Err(not_on_port_80(key, port)),
            }
        }
    }
}

/// The longest zone of the config that the name is in.
fn zone<'a>(config: &'a Config, host: &HostName) -> Option<&'a str> {
    let zones = config.dns01.keys().map(String::as_str);
    zones
        .filter(|zone| host.is_within(zone))
        .max_by_key(|zone| zone.len())
}

fn wildcard_over_http(key: &str) -> Diagnostic {
    let message = format!("an HTTP-01 challenge proves single names, and `{key}` is a wildcard");
    Diagnostic::error("wildcard-host", message)
        .at_config(["hosts", key, "challenge"])
        .hint("leave `challenge` out: wildcards are shown by DNS")
}

fn wildcard_without_zone(key: &str, host: &HostName) -> Diagnostic {
    let message = format!(
        "`{key}` is a wildcard, which only a DNS-01 challenge proves, and no zone in `dns01` \
         contains it"
    );
    Diagnostic::error("wildcard-host", message)
        .at_config(["hosts", key])
        .hint(format!(
            "say under `dns01` who serves the zone of {}",
            host.base()
        ))
        .hint("list each host on its own")
}

fn no_zone(key: &str, host: &HostName) -> Diagnostic {
    let message = format!("no zone in `dns01` contains `{host}`");
    Diagnostic::error("dns01-zone", message)
        .at_config(["hosts", key, "challenge"])
        .hint("add its zone to `dns01`")
}

fn not_on_port_80(key: &str, port: u16) -> Diagnostic {
    let message = format!(
        "an HTTP-01 challenge is asked for on port 80, and the Gateway of `{key}` listens on {port}"
    );
    Diagnostic::error("http01-port", message)
        .at_config(["hosts", key])
        .hint("set `challenge: dns01`, or serve the host from a Gateway with port 80")
}

fn secret_and_issuer(key: &str) -> Diagnostic {
    let message = "the certificate is either in a Secret that is there or signed by an issuer";
    Diagnostic::error("two-certificates", message)
        .at_config(["hosts", key, "secret"])
        .hint("keep one of `secret` and `issuer`")
}

/// Before 1.21 cert-manager makes a Certificate of every listener of a Gateway
/// with an issuer, and thereby writes over the Secret.
fn overwritten(config: &Config, key: &str, field: &str) -> Diagnostic {
    let message = format!(
        "cert-manager {} makes a certificate for every listener of a Gateway that has an issuer, \
         and would write over this one",
        config.cert_manager.version
    );
    Diagnostic::error("certificate-overwritten", message)
        .at_config(["hosts", key, field])
        .hint("use cert-manager 1.21 or newer, which can be told to leave a listener alone")
        .hint("serve the host from a Gateway of its own with the right `issuer`, or `none`")
}

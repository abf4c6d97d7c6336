//! Issuers, and the certificate that each host gets.

use std::collections::BTreeMap;

use ztgit_plugin::Diagnostic;

use crate::certificate::{Certificate, Environment, Issuance, IssuerName, Proof};
use crate::gateway::{self, tls_listener};
use crate::host_name::HostName;
use crate::issuer;
use crate::plan::Plan;
use crate::shim::{self, Outcome};
use crate::site::{Site, one_of};

/// All findings about certificates.
pub(super) fn all(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut found = missing(plan);
    found.extend(reserved_names(plan));
    found.extend(invalid_zones(plan));
    found.extend(staging(plan));
    found.extend(of_hosts(plan));
    found
}

/// Issuers that are referred to and do not exist, each where it is named.
fn missing(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut named: Vec<(Vec<&str>, IssuerName<'_>)> =
        vec![(vec!["issuer"], IssuerName::parse(&plan.config.issuer))];
    for gateway in &plan.gateways {
        if let Some(issuer) = &gateway.settings.issuer {
            named.push((gateway.place(&["issuer"]), IssuerName::parse(issuer)));
        }
    }
    for (key, host) in &plan.config.hosts {
        if let Some(issuer) = &host.issuer {
            named.push((vec!["hosts", key, "issuer"], IssuerName::parse(issuer)));
        }
    }
    let missing = named.into_iter();
    missing
        .filter(|(_, issuer)| !issuer::exists(plan, *issuer))
        .filter_map(|(place, issuer)| {
            let found = match issuer {
                // Nobody minds an issuer by default that nobody needs.
                IssuerName::LetsEncrypt(_) if plan.sites.is_empty() => return None,
                IssuerName::LetsEncrypt(_) => no_email(),
                IssuerName::Own(name) => unknown(plan, name),
                IssuerName::Nobody => return None,
            };
            Some(found.at_config(place))
        })
        .collect()
}

fn no_email() -> Diagnostic {
    let message = "an account with Let's Encrypt needs an address, and `email` is not given";
    Diagnostic::error("missing-email", message)
        .hint("set `email` to an address that somebody reads")
        .hint("for a lab, name an issuer of your own under `issuers`")
}

fn unknown(plan: &Plan<'_>, name: &str) -> Diagnostic {
    let names = issuer::names(plan).into_iter();
    Diagnostic::error("unknown-issuer", format!("there is no issuer `{name}`"))
        .hint(format!("use {}", one_of(names)))
        .hint("add it to `issuers`")
}

fn reserved_names(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let names = plan.config.issuers.keys();
    let taken = names.filter(|name| !matches!(IssuerName::parse(name), IssuerName::Own(_)));
    taken
        .map(|name| {
            let message = format!("`{name}` is not free as a name: it means something already");
            Diagnostic::error("issuer-name", message)
                .at_config(["issuers", name])
                .hint("choose another name")
        })
        .collect()
}

fn invalid_zones(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let zones = plan.config.dns01.keys();
    let invalid = zones.filter(|zone| !HostName::parse(zone).is_ok_and(|zone| !zone.is_wildcard()));
    invalid
        .map(|zone| {
            Diagnostic::error("invalid-zone", format!("`{zone}` is not a DNS zone"))
                .at_config(["dns01", zone])
                .hint("name the zone as your DNS provider does, such as your-domain.net")
        })
        .collect()
}

fn staging(plan: &Plan<'_>) -> Option<Diagnostic> {
    let staged = plan.sites.iter().any(|site| {
        let issuance = site.certificate.as_ref().and_then(Certificate::issuance);
        issuance.is_some_and(|each| each.issuer == IssuerName::LetsEncrypt(Environment::Staging))
    });
    staged.then(|| {
        Diagnostic::info(
            "staging-issuer",
            "browsers do not trust certificates of the staging issuer",
        )
        .at_config(["issuer"])
        .hint("set `issuer: letsencrypt-prod` once staging has issued certificates")
    })
}

/// What cert-manager makes of each listener as it is rendered.
fn of_hosts(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for gateway in &plan.gateways {
        let object = gateway::object(plan, gateway);
        let outcomes: BTreeMap<String, Outcome> = shim::outcomes(&object).into_iter().collect();
        for site in plan.sites_of(gateway) {
            let outcome = &outcomes[&tls_listener(&site.host)];
            found.extend(of_host(site, outcome));
        }
    }
    found
}

fn of_host(site: &Site<'_>, outcome: &Outcome) -> Option<Diagnostic> {
    let namespace = site.gateway.namespace();
    let message = match (&site.certificate, outcome) {
        (None, _) => return None,
        (Some(Certificate::OfListener(issuance)), Outcome::Certificate(name)) => {
            format!(
                "cert-manager makes Certificate {namespace}/{name} for `{}`{}",
                site.host,
                signed(issuance)
            )
        }
        (Some(Certificate::OfListener(_)), Outcome::Refused(reason)) => {
            return Some(none(site, reason));
        }
        (Some(Certificate::OfListener(_)), Outcome::Unwanted) => {
            return Some(none(site, "the listener is passed over"));
        }
        (Some(Certificate::Explicit(issuance)), _) => {
            let name = site.host.object_name("tls");
            format!(
                "Certificate {namespace}/{name} is for `{}`{}",
                site.host,
                signed(issuance)
            )
        }
        (Some(Certificate::Existing(secret)), _) => format!(
            "`{}` has the certificate in Secret {namespace}/{secret}, which somebody else keeps",
            site.host
        ),
    };
    Some(Diagnostic::info("certificate", message).at_config(["hosts", site.key]))
}

fn signed(issuance: &Issuance<'_>) -> String {
    let issuer = issuance.issuer.object_name().unwrap_or("nobody");
    match issuance.proof {
        None => format!(", signed by {issuer}"),
        Some(Proof::Http01) => format!(", signed by {issuer} after an HTTP-01 challenge"),
        Some(Proof::Dns01(zone)) => {
            format!(", signed by {issuer} after a DNS-01 challenge in zone {zone}")
        }
    }
}

fn none(site: &Site<'_>, reason: &str) -> Diagnostic {
    let message = format!(
        "cert-manager makes no certificate for `{}`, as {reason}: every client's handshake fails",
        site.host
    );
    Diagnostic::error("no-certificate", message)
        .at_config(["hosts", site.key])
        .hint("name an `issuer` for its Gateway")
        .hint("name with `secret` one that is there")
}

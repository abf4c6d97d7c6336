//! A public CA is asked about a name that nobody can own.

use std::collections::BTreeSet;

use ztgit_plugin::{Severity, host_name};

use crate::finding::Found;
use crate::gateway::issuer::{Issuer, is_lets_encrypt, issuers};
use crate::gateway::{issuer, listeners};
use crate::json::text;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "reserved-name",
    severity: Severity::Warning,
    text: include_str!("reserved_name.md"),
    find,
};

/// Set aside by RFC 2606, RFC 6761, RFC 6762, RFC 8375 and ICANN: no public CA
/// issues certificates below them.
const RESERVED: [&str; 10] = [
    "example",
    "example.com",
    "example.net",
    "example.org",
    "home.arpa",
    "internal",
    "invalid",
    "local",
    "localhost",
    "test",
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    // Usually the same for both of Let's Encrypt's environments.
    let mut told = BTreeSet::new();
    let mails = issuers(subject)
        .filter(asks_lets_encrypt)
        .filter(|issuer| told.insert(address(*issuer)))
        .filter_map(mail);
    let hosts = listeners(subject).filter_map(|listener| {
        let host = listener.host()?;
        let suffix = reserved_suffix(host)?;
        issuer::of_listener(subject, listener).filter(asks_lets_encrypt)?;
        Some(listener.finding(
            "/hostname",
            format!("`{suffix}` is reserved: no public CA issues a certificate for `{host}`"),
            "replace it by a name in a domain of yours, or sign it by an issuer of your own",
        ))
    });
    mails.chain(hosts).collect()
}

fn mail(issuer: Issuer<'_>) -> Option<Found> {
    let address = address(issuer);
    let (_, domain) = address.rsplit_once('@')?;
    let suffix = reserved_suffix(domain)?;
    Some(issuer.spot.finding(
        "/spec/acme/email",
        format!("`{suffix}` is reserved: Let's Encrypt refuses to register `{address}`"),
        "give the address of somebody who reads about expiring certificates",
    ))
}

fn address(issuer: Issuer<'_>) -> &str {
    text(issuer.spot.object.value, "/spec/acme/email")
}

/// The suffix that keeps a name out of the public DNS, if it has one.
fn reserved_suffix(host: &str) -> Option<&'static str> {
    let mut reserved = RESERVED.into_iter();
    reserved.find(|suffix| host_name::is_within(host, suffix))
}

fn asks_lets_encrypt(issuer: &Issuer<'_>) -> bool {
    issuer.acme_server().is_some_and(is_lets_encrypt)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{
        GATEWAY, HOST, ISSUER, PRODUCTION, STAGING, gateway, https, issuer,
    };
    use crate::testing::Lint;

    #[test]
    fn a_host_of_an_example_is_found() {
        let lint = Lint::homelab().object(gateway(&[https("myapp.example.com")]));
        lint.object(issuer(STAGING)).finds(super::RULE, GATEWAY);
    }

    #[test]
    fn an_address_of_an_example_is_found() {
        let mut issuer = issuer(STAGING);
        issuer["spec"]["acme"]["email"] = "ops@example.net".into();
        Lint::homelab().object(issuer).finds(super::RULE, ISSUER);
    }

    #[test]
    fn one_address_for_both_environments_is_one_finding() {
        let named = |name: &str, server: &str| {
            let mut issuer = issuer(server);
            issuer["metadata"]["name"] = name.into();
            issuer["spec"]["acme"]["email"] = "ops@example.net".into();
            issuer
        };
        let lint = Lint::homelab()
            .object(named("letsencrypt-prod", PRODUCTION))
            .object(named("letsencrypt-staging", STAGING));
        lint.finds(super::RULE, "ClusterIssuer/letsencrypt-prod");
    }

    #[test]
    fn a_name_is_reserved_by_its_last_labels_only() {
        assert_eq!(super::reserved_suffix("nas.local"), Some("local"));
        assert_eq!(super::reserved_suffix("*.lab.test"), Some("test"));
        assert_eq!(super::reserved_suffix("myexample.com"), None);
    }

    #[test]
    fn a_name_that_a_ca_of_ones_own_signs_is_fine() {
        let mut issuer = issuer(STAGING);
        issuer["spec"] = serde_json::json!({"ca": {"secretName": "own-ca"}});
        let lint = Lint::homelab().object(gateway(&[https("nas.home.arpa")]));
        lint.object(issuer).passes(super::RULE);
    }

    #[test]
    fn names_that_can_be_owned_are_fine() {
        let lint = Lint::homelab().object(gateway(&[https(HOST)]));
        lint.object(issuer(STAGING)).passes(super::RULE);
    }
}

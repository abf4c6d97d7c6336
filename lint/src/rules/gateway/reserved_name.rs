//! A public CA is asked about a name that nobody can own.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::issuer::{Issuer, is_lets_encrypt, issuers};
use crate::gateway::{host_name, issuer, listeners, text};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "reserved-name",
    severity: Severity::Warning,
    text: include_str!("reserved_name.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mails = issuers(subject).filter(asks_lets_encrypt).filter_map(mail);
    let hosts = listeners(subject).filter_map(|listener| {
        let host = listener.host()?;
        let suffix = host_name::reserved_suffix(host)?;
        issuer::of_listener(subject, listener).filter(asks_lets_encrypt)?;
        Some(listener.finding(
            "/hostname",
            format!("`{suffix}` is reserved: no public CA issues a certificate for `{host}`"),
            "replace it by a name in a domain of yours",
        ))
    });
    mails.chain(hosts).collect()
}

fn mail(issuer: Issuer<'_>) -> Option<Found> {
    let address = text(issuer.object.value, "/spec/acme/email");
    let (_, domain) = address.rsplit_once('@')?;
    let suffix = host_name::reserved_suffix(domain)?;
    Some(issuer.finding(
        "/spec/acme/email",
        format!("`{suffix}` is reserved: Let's Encrypt refuses to register `{address}`"),
        "give the address of somebody who reads about expiring certificates",
    ))
}

fn asks_lets_encrypt(issuer: &Issuer<'_>) -> bool {
    issuer.acme_server().is_some_and(is_lets_encrypt)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{GATEWAY, HOST, ISSUER, STAGING, gateway, https, issuer};
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

//! Certificates are ordered from Let's Encrypt without a way to try it first.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::issuer::{Issuer, is_lets_encrypt, is_staging, issuers};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-staging-issuer",
    severity: Severity::Warning,
    text: include_str!("no_staging.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let asks =
        |is: fn(&str) -> bool| move |issuer: &Issuer<'_>| issuer.acme_server().is_some_and(is);
    if issuers(subject).any(|issuer| asks(is_staging)(&issuer)) {
        return Vec::new();
    }
    issuers(subject)
        .filter(asks(is_lets_encrypt))
        .map(|issuer| {
            issuer.spot.finding(
                "/spec/acme/server",
                "no issuer asks Let's Encrypt's staging environment, where mistakes cost nothing",
                "add an issuer for https://acme-staging-v02.api.letsencrypt.org/directory",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{ISSUER, PRODUCTION, STAGING, issuer};
    use crate::testing::Lint;

    #[test]
    fn production_alone_is_found() {
        let lint = Lint::homelab().object(issuer(PRODUCTION));
        lint.finds(super::RULE, ISSUER);
    }

    #[test]
    fn production_beside_staging_is_fine() {
        let lint = Lint::homelab().object(issuer(PRODUCTION));
        lint.object(issuer(STAGING)).passes(super::RULE);
    }

    #[test]
    fn another_ca_has_no_staging_to_miss() {
        let lint = Lint::homelab().object(issuer("https://ca.homelab-one.net/acme/directory"));
        lint.passes(super::RULE);
    }
}

//! A wildcard's certificate is to be proved by HTTP.

use ztgit_plugin::{Severity, host_name};

use crate::finding::Found;
use crate::gateway::{issuer, listeners};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wildcard-by-http01",
    severity: Severity::Error,
    text: include_str!("wildcard_by_http01.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    listeners(subject)
        .filter_map(|listener| {
            let host = listener
                .host()
                .filter(|host| host_name::is_wildcard(host))?;
            let issuer = issuer::of_listener(subject, listener)?;
            issuer.acme_server()?;
            let mut solvers = issuer.solvers_for(host);
            (!solvers.any(|solver| solver.get("dns01").is_some())).then(|| {
                listener.finding(
                    "/hostname",
                    format!(
                        "`{host}` needs a challenge in the DNS, and {} has none for it",
                        issuer.spot.object.id()
                    ),
                    "give the issuer a `dns01` solver for its zone, or list the hosts one by one",
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{GATEWAY, STAGING, gateway, https, issuer};
    use crate::testing::Lint;

    fn with(solver: Option<Value>) -> Lint {
        let mut issuer = issuer(STAGING);
        let solvers = issuer["spec"]["acme"]["solvers"]
            .as_array_mut()
            .expect("a list");
        solvers.extend(solver);
        let lint = Lint::homelab().object(gateway(&[https("*.homelab-one.net")]));
        lint.object(issuer)
    }

    fn dns01(zone: &str) -> Value {
        json!({"dns01": {"rfc2136": {}}, "selector": {"dnsZones": [zone]}})
    }

    #[test]
    fn a_wildcard_without_a_challenge_in_its_zone_is_found() {
        with(None).finds(super::RULE, GATEWAY);
        with(Some(dns01("homelab-two.net"))).finds(super::RULE, GATEWAY);
    }

    #[test]
    fn one_with_such_a_challenge_is_fine() {
        with(Some(dns01("homelab-one.net"))).passes(super::RULE);
    }
}

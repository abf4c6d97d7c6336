//! A rule about external names covers more than one owner's names.

use ztgit_plugin::Severity;
use ztgit_policy::model::PeerSelector;

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "fqdn-wide",
    severity: Severity::Warning,
    text: include_str!("wide_name.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::peers(subject)
        .filter_map(|(spot, peer)| {
            let PeerSelector::Fqdn {
                pattern: Some(pattern),
                ..
            } = &peer.selector
            else {
                return None;
            };
            let (severity, what) = width(pattern)?;
            let message = format!("`{pattern}` {what}");
            let hint = "name the hosts one by one, or narrow the pattern to a domain of one owner";
            Some(
                spot.finding(&peer.pointer, message, hint)
                    .severity(severity),
            )
        })
        .collect()
}

/// Suffixes under which anybody can have a name, as far as they stand in policies.
const SHARED: [&str; 12] = [
    "amazonaws.com",
    "appspot.com",
    "azurewebsites.net",
    "blob.core.windows.net",
    "cloudfront.net",
    "co.uk",
    "github.io",
    "googleapis.com",
    "herokuapp.com",
    "pages.dev",
    "vercel.app",
    "workers.dev",
];

fn width(pattern: &str) -> Option<(Severity, &'static str)> {
    let name = pattern.trim_end_matches('.').to_ascii_lowercase();
    let fixed: Vec<&str> = name
        .split('.')
        .filter(|label| !label.contains('*'))
        .collect();
    if fixed.len() == name.split('.').count() {
        return None;
    }
    match fixed.len() {
        0 => Some((Severity::Error, "stands for every name there is")),
        1 => Some((Severity::Error, "stands for a whole top-level domain")),
        _ if SHARED.contains(&fixed.join(".").as_str()) => {
            Some((Severity::Error, "stands for names that anybody can have"))
        }
        _ => Some((Severity::Warning, "stands for names that are not listed")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    use ztgit_plugin::Severity;

    fn to(pattern: &str) -> serde_json::Value {
        policy(
            &json!({"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchPattern": pattern}]}]}),
        )
    }

    #[test]
    fn a_wildcard_is_a_warning() {
        Lint::homelab().object(to("*.example.com")).finds_of(
            super::RULE,
            POLICY,
            Severity::Warning,
        );
    }

    #[test]
    fn a_whole_domain_or_one_that_anybody_has_names_in_is_an_error() {
        for pattern in ["*", "*.com", "*.github.io", "*.s3.amazonaws.com"] {
            let expected = if pattern == "*.s3.amazonaws.com" {
                Severity::Warning
            } else {
                Severity::Error
            };
            Lint::homelab()
                .object(to(pattern))
                .finds_of(super::RULE, POLICY, expected);
        }
    }

    #[test]
    fn a_name_is_nothing() {
        Lint::homelab()
            .object(to("api.example.com"))
            .passes(super::RULE);
    }
}

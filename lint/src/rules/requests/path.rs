//! A path that is a regular expression admits more, or less, than it seems.

use ztgit_plugin::Severity;
use ztgit_policy::pattern;

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "http-path",
    severity: Severity::Warning,
    text: include_str!("path.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::l7(subject)
        .flat_map(|(spot, l7)| l7.http().iter().map(move |rule| (spot, rule)))
        .filter_map(|(spot, rule)| {
            let path = rule.path.as_deref()?;
            let (message, hint) = problem(path)?;
            Some(spot.finding(&rule.pointer.key("path"), message, hint))
        })
        .collect()
}

fn problem(path: &str) -> Option<(String, &'static str)> {
    // The proxy matches the whole of path and query.
    let stem = path.strip_suffix(".*")?;
    if stem.is_empty() || stem.ends_with('/') || stem.ends_with("[?]") || stem.ends_with("\\?") {
        return None;
    }
    let matcher = pattern::http(path).ok()?;
    let sample = stem.replace("(?:", "").replace(['(', ')', '\\'], "");
    let sample = sample.split('|').next().unwrap_or_default();
    matcher.matches(&format!("{sample}-else")).then(|| {
        (
            format!("`{path}` also admits every path that only begins so, as `{sample}-else`"),
            "end it with `(/.*)?` for what is below, and `([?].*)?` for a query",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn get(path: &str) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{
            "fromEndpoints": [{}],
            "toPorts": [{
                "ports": [{"port": "8080", "protocol": "TCP"}],
                "rules": {"http": [{"method": "GET", "path": path}]}
            }]
        }]}))
    }

    #[test]
    fn a_tail_behind_half_a_segment_is_found() {
        Lint::homelab()
            .object(get("/api/v1/(balance|transactions).*"))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(get("/transfer.*"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_tail_behind_a_slash_or_a_query_is_not() {
        for path in ["/api/.*", "/transfer([?].*)?", "/transfer", ".*"] {
            Lint::homelab().object(get(path)).passes(super::RULE);
        }
    }
}

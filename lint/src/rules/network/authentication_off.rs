//! A rule demands mutual authentication that is off, or going away.

use serde_json::Value;
use ztgit_plugin::Severity;
use ztgit_policy::CiliumVersion;
use ztgit_policy::model::Authentication;

use crate::agent;
use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "authentication-off",
    severity: Severity::Error,
    text: include_str!("authentication_off.md"),
    find,
};

/// The first whose chart has it switched off.
const OFF_BY_DEFAULT: CiliumVersion = CiliumVersion::new(1, 19);
/// The first that warns of its end.
const DEPRECATED: CiliumVersion = CiliumVersion::new(1, 20);

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((severity, message, hint)) = problem(subject) else {
        return Vec::new();
    };
    spot::entries(subject)
        .filter_map(|spot| Some((spot, spot.entry.authentication.as_ref()?)))
        .filter(|(_, authentication)| is_demanded(authentication))
        .map(|(spot, authentication)| {
            let at = authentication.pointer.key("mode");
            spot.finding(&at, message.clone(), hint).severity(severity)
        })
        .collect()
}

fn is_demanded(authentication: &Authentication) -> bool {
    authentication.mode == "required"
}

fn problem(subject: &Subject<'_>) -> Option<(Severity, String, &'static str)> {
    let version = agent::version(subject);
    if version >= CiliumVersion::WITHOUT_AUTHENTICATION {
        let message = format!("Cilium {version} has no mutual authentication");
        let hint = "leave it out, and encrypt between nodes with WireGuard";
        return Some((Severity::Error, message, hint));
    }
    let values = subject.cilium_values().map(|(_, values)| values);
    let enabled = values.map(|values| {
        let written = values.pointer("/authentication/enabled");
        let written = written.and_then(Value::as_bool);
        written.unwrap_or(version < OFF_BY_DEFAULT)
    });
    if enabled == Some(false) {
        let message = "authentication is switched off, so these connections are all refused";
        let hint =
            "leave it out, or set `authentication.enabled: true` with SPIRE in Cilium's values";
        return Some((Severity::Error, message.to_owned(), hint));
    }
    (version >= DEPRECATED).then(|| {
        let message = "mutual authentication is deprecated, and gone with Cilium 1.21";
        let hint = "plan without it: a policy that demands it will not survive the upgrade";
        (Severity::Warning, message.to_owned(), hint)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use ztgit_plugin::Severity;

    use super::super::release;
    use crate::testing::{Lint, POLICY, policy};

    fn required(version: &str, values: &Value) -> Lint {
        Lint::homelab()
            .cluster(&json!({"cni": {"version": version}}))
            .object(release(values))
            .object(policy(&json!({"endpointSelector": {}, "ingress": [{
                "fromEndpoints": [{}],
                "authentication": {"mode": "required"}
            }]})))
    }

    fn on() -> Value {
        json!({"authentication": {"enabled": true}})
    }

    #[test]
    fn where_it_is_off_everything_is_refused() {
        required("1.20.2", &json!({})).finds_of(super::RULE, POLICY, Severity::Error);
        let off = json!({"authentication": {"enabled": false}});
        required("1.18.0", &off).finds_of(super::RULE, POLICY, Severity::Error);
    }

    #[test]
    fn where_it_is_gone_it_is_an_error() {
        required("1.21.0", &on()).finds_of(super::RULE, POLICY, Severity::Error);
    }

    #[test]
    fn where_it_is_deprecated_it_is_a_warning() {
        required("1.20.2", &on()).finds_of(super::RULE, POLICY, Severity::Warning);
    }

    #[test]
    fn where_it_is_on_it_passes() {
        required("1.19.1", &on()).passes(super::RULE);
        required("1.18.0", &json!({})).passes(super::RULE);
    }
}

//! A Gateway is Cilium's, and Cilium is not told to make any.

use serde_json::Value;
use ztgit_plugin::Severity;

use super::is_on;
use crate::finding::{Found, Place};
use crate::gateway::of_cilium;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "gateway-off",
    severity: Severity::Error,
    text: include_str!("gateway_off.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((index, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    let Some(gateway) = of_cilium(subject).next() else {
        return Vec::new();
    };
    let whose = gateway.spot.object.id();
    let missing = missing(values).into_iter();
    missing
        .map(|(pointer, needed)| {
            Found::new(
                subject.object(index).id(),
                Place::Object(index, format!("/spec/values{pointer}")),
                format!("{whose} is Cilium's, which makes none without `{needed}`"),
                format!(
                    "set `{needed}`, or let the gateway-tls plugin take part, which asks for it"
                ),
            )
        })
        .collect()
}

fn missing(values: &Value) -> Vec<(&'static str, &'static str)> {
    let replaces = is_on(values, "/kubeProxyReplacement") || is_on(values, "/nodePort/enabled");
    let switches = [
        (
            is_on(values, "/gatewayAPI/enabled"),
            ("/gatewayAPI", "gatewayAPI: {enabled: true}"),
        ),
        (
            replaces,
            ("/kubeProxyReplacement", "kubeProxyReplacement: true"),
        ),
        (
            values.pointer("/l7Proxy") != Some(&Value::Bool(false)),
            ("/l7Proxy", "l7Proxy: true"),
        ),
    ];
    let off = switches.into_iter().filter(|(on, _)| !on);
    off.map(|(_, missing)| missing).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{RELEASE, gateway, http, release};
    use crate::testing::Lint;

    fn with(values: &Value) -> Lint {
        let lint = Lint::homelab().object(release(values));
        lint.object(gateway(&[http()]))
    }

    #[test]
    fn each_switch_that_is_off_is_found() {
        for values in [
            json!({"kubeProxyReplacement": true}),
            json!({"gatewayAPI": {"enabled": true}}),
            json!({"gatewayAPI": {"enabled": true}, "kubeProxyReplacement": true, "l7Proxy": false}),
        ] {
            with(&values).finds(super::RULE, RELEASE);
        }
    }

    #[test]
    fn a_release_that_makes_gateways_is_fine() {
        with(&json!({"gatewayAPI": {"enabled": true}, "kubeProxyReplacement": "true"}))
            .passes(super::RULE);
    }

    #[test]
    fn without_a_gateway_nothing_has_to_be_on() {
        Lint::homelab()
            .object(release(&json!({})))
            .passes(super::RULE);
    }
}

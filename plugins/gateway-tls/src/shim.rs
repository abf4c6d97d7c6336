//! Which Certificates cert-manager makes of a Gateway.
//!
//! A Gateway goes in, as it is rendered; for each listener comes out what
//! cert-manager makes of it. The rules are those of its gateway-shim
//! (`pkg/controller/certificate-shim/sync.go` in its repository, 1.21): it
//! passes over what does not fit with an event on the Gateway, which nobody
//! reads, so that a listener without a Secret is found by its clients.

use serde_json::Value;
use ztgit_plugin::Object;

const CLUSTER_ISSUER: &str = "cert-manager.io/cluster-issuer";
const ISSUER: &str = "cert-manager.io/issuer";
const IGNORED_LISTENERS: &str = "cert-manager.io/ignore-tls-listeners";

/// What cert-manager makes of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A Certificate of this name, for a Secret of the same name.
    Certificate(String),
    /// Nothing, as nobody wants one.
    Unwanted,
    /// Nothing, though clients will ask for one.
    Refused(&'static str),
}

/// Each listener's name with its outcome, in their order.
pub(crate) fn outcomes(gateway: &Object) -> Vec<(String, Outcome)> {
    let listeners = gateway.at("/spec/listeners").and_then(Value::as_array);
    let listeners = listeners.into_iter().flatten();
    listeners
        .map(|listener| {
            let name = listener["name"].as_str().unwrap_or_default();
            (name.to_owned(), outcome(gateway, listener))
        })
        .collect()
}

fn outcome(gateway: &Object, listener: &Value) -> Outcome {
    let name = listener["name"].as_str().unwrap_or_default();
    let tls = matches!(listener["protocol"].as_str(), Some("HTTPS" | "TLS"));
    if !tls
        || listener.pointer("/tls/mode") == Some(&"Passthrough".into())
        || is_ignored(gateway, name)
    {
        return Outcome::Unwanted;
    }
    match issuer(gateway).and_then(|()| certificate(gateway, listener)) {
        Ok(secret) => Outcome::Certificate(secret),
        Err(reason) => Outcome::Refused(reason),
    }
}

fn is_ignored(gateway: &Object, listener: &str) -> bool {
    let ignored = annotation(gateway, IGNORED_LISTENERS).unwrap_or_default();
    ignored.split(',').any(|name| name.trim() == listener)
}

/// Whether the annotations name one issuer.
fn issuer(gateway: &Object) -> Result<(), &'static str> {
    let present = |key| annotation(gateway, key).is_some();
    let refined = present("cert-manager.io/issuer-kind") || present("cert-manager.io/issuer-group");
    match (
        annotation(gateway, CLUSTER_ISSUER),
        annotation(gateway, ISSUER),
    ) {
        (None, None) => Err("the Gateway has no issuer"),
        (Some(_), Some(_)) => Err("the Gateway has two issuers"),
        (Some(_), None) if refined => {
            Err("a cluster issuer takes neither issuer-kind nor issuer-group")
        }
        (Some(""), _) | (_, Some("")) => Err("the issuer has no name"),
        _ => Ok(()),
    }
}

/// The Secret of a listener that a Certificate can be made of. What is absent
/// has the API server's default.
fn certificate(gateway: &Object, listener: &Value) -> Result<String, &'static str> {
    if listener["hostname"].as_str().unwrap_or_default().is_empty() {
        return Err("it has no host name");
    }
    let Some(tls) = listener.get("tls") else {
        return Err("it has no `tls`");
    };
    let references = tls["certificateRefs"].as_array().map(Vec::as_slice);
    let [reference] = references.unwrap_or_default() else {
        return Err("it does not name exactly one Secret");
    };
    let is = |field: &str, default: &str, accepted: &[&str]| {
        accepted.contains(&reference[field].as_str().unwrap_or(default))
    };
    if !is("group", "", &["", "core"]) || !is("kind", "Secret", &["Secret", ""]) {
        return Err("its certificate is no Secret");
    }
    let own = gateway.namespace().unwrap_or_default();
    if !is("namespace", own, &[own]) {
        return Err("its Secret is in another namespace");
    }
    Ok(reference["name"].as_str().unwrap_or_default().to_owned())
}

fn annotation<'a>(gateway: &'a Object, key: &str) -> Option<&'a str> {
    let annotations = gateway.at("/metadata/annotations")?;
    annotations.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gateway(annotations: &Value, listener: &Value) -> Object {
        let mut gateway = json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "edge", "namespace": "ingress"},
            "spec": {"listeners": [{
                "name": "https",
                "hostname": "app.homelab-one.net",
                "port": 443,
                "protocol": "HTTPS",
                "tls": {"mode": "Terminate", "certificateRefs": [{"name": "tls-app"}]},
            }]},
        });
        gateway["metadata"]["annotations"] = annotations.clone();
        ztgit_plugin::testing::merge_patch(&mut gateway["spec"]["listeners"][0], listener);
        let Value::Object(gateway) = gateway else {
            panic!("an object")
        };
        Object::from_map(gateway)
    }

    fn outcome_of(annotations: &Value, listener: &Value) -> Outcome {
        let mut outcomes = outcomes(&gateway(annotations, listener));
        assert_eq!(outcomes.len(), 1);
        outcomes.remove(0).1
    }

    fn with_issuer(listener: &Value) -> Outcome {
        outcome_of(&json!({CLUSTER_ISSUER: "letsencrypt-prod"}), listener)
    }

    #[track_caller]
    fn assert_refused(outcome: &Outcome) {
        assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:?}");
    }

    #[test]
    fn a_certificate_is_called_like_its_secret() {
        let made = Outcome::Certificate("tls-app".to_owned());
        assert_eq!(with_issuer(&json!({})), made);
        assert_eq!(with_issuer(&json!({"protocol": "TLS"})), made);
        assert_eq!(outcome_of(&json!({ISSUER: "own"}), &json!({})), made);
    }

    #[test]
    fn what_the_api_server_fills_in_is_known() {
        let tls = json!({"tls": {"mode": null, "certificateRefs": [{"name": "tls-app", "group": "", "kind": "Secret"}]}});
        assert_eq!(
            with_issuer(&tls),
            Outcome::Certificate("tls-app".to_owned())
        );
    }

    #[test]
    fn a_listener_without_tls_of_its_own_wants_no_certificate() {
        let plain = json!({"protocol": "HTTP", "tls": null});
        assert_eq!(with_issuer(&plain), Outcome::Unwanted);
        let passed_through = json!({"protocol": "TLS", "tls": {"mode": "Passthrough"}});
        assert_eq!(with_issuer(&passed_through), Outcome::Unwanted);
    }

    #[test]
    fn a_listener_that_an_annotation_names_is_left_alone() {
        let annotations =
            json!({CLUSTER_ISSUER: "letsencrypt-prod", IGNORED_LISTENERS: "other, https"});
        assert_eq!(outcome_of(&annotations, &json!({})), Outcome::Unwanted);
        let annotations = json!({CLUSTER_ISSUER: "letsencrypt-prod", IGNORED_LISTENERS: "https-2"});
        assert_ne!(outcome_of(&annotations, &json!({})), Outcome::Unwanted);
    }

    #[test]
    fn a_gateway_without_one_clear_issuer_gets_nothing() {
        assert_refused(&outcome_of(&json!({}), &json!({})));
        assert_refused(&outcome_of(
            &json!({CLUSTER_ISSUER: "one", ISSUER: "two"}),
            &json!({}),
        ));
        assert_refused(&outcome_of(
            &json!({CLUSTER_ISSUER: "one", "cert-manager.io/issuer-kind": "Issuer"}),
            &json!({}),
        ));
    }

    #[test]
    fn a_listener_for_every_host_gets_nothing() {
        assert_refused(&with_issuer(&json!({"hostname": null})));
        assert_refused(&with_issuer(&json!({"hostname": ""})));
    }

    #[test]
    fn a_listener_must_name_exactly_one_secret_of_the_gateways_namespace() {
        let references =
            |references: Value| with_issuer(&json!({"tls": {"certificateRefs": references}}));
        assert_refused(&references(json!([])));
        assert_refused(&references(json!([{"name": "one"}, {"name": "two"}])));
        assert_refused(&references(json!([{"name": "one", "namespace": "other"}])));
        assert_refused(&references(json!([{"name": "one", "kind": "ConfigMap"}])));
        assert_refused(&references(
            json!([{"name": "one", "group": "example.com"}]),
        ));
        assert_refused(&with_issuer(&json!({"tls": null})));
        let own = references(json!([{"name": "one", "namespace": "ingress"}]));
        assert_eq!(own, Outcome::Certificate("one".to_owned()));
    }
}

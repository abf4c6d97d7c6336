//! A listener ends TLS and gets no certificate.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::issuer::{certificates, is_made_of};
use crate::gateway::{Listener, listeners};
use crate::json::list;
use crate::rule::Rule;
use crate::subject::{Object, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "listener-certificate",
    severity: Severity::Error,
    text: include_str!("listener_certificate.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    listeners(subject)
        .filter(|listener| listener.ends_tls())
        .filter_map(|listener| problem(subject, listener))
        .collect()
}

fn problem<'s>(subject: &'s Subject<'s>, listener: Listener<'s>) -> Option<Found> {
    let name = listener.name();
    let secrets = listener.secrets();
    let Some(first) = secrets.first() else {
        let options = listener.value.pointer("/tls/options");
        return options.is_none().then(|| {
            listener.finding(
                "/tls",
                format!("listener `{name}` ends TLS and names no certificate"),
                "name a Secret under `tls.certificateRefs`",
            )
        });
    };
    let namespace = listener.gateway.spot.namespace();
    let own: Vec<&Object<'_>> = certificates(subject, namespace, first).collect();
    if let Some(certificate) = own.first() {
        return uncovered(listener, certificate);
    }
    if is_made_of(listener) {
        return passed_over(listener, &secrets);
    }
    let mut given = subject.of_kind("", "Secret");
    let given = given.any(|secret| secret.object.id() == format!("Secret/{namespace}/{first}"));
    (!given).then(|| {
        let found = listener.finding(
            "/tls/certificateRefs/0",
            format!("nothing in the stack makes Secret `{first}`, which listener `{name}` needs"),
            "make sure that it is there, or annotate the Gateway with an issuer",
        );
        // Somebody else may well keep it.
        found.severity(Severity::Info)
    })
}

/// What cert-manager passes over with no more than an event.
fn passed_over(listener: Listener<'_>, secrets: &[&str]) -> Option<Found> {
    let name = listener.name();
    if listener.host().is_none() {
        return Some(listener.finding(
            "",
            format!("cert-manager makes no certificate for listener `{name}`, which has no host"),
            "give it a `hostname`",
        ));
    }
    (secrets.len() > 1).then(|| {
        listener.finding(
            "/tls/certificateRefs",
            format!("listener `{name}` names several Secrets: cert-manager fills none of them"),
            "name one",
        )
    })
}

fn uncovered(listener: Listener<'_>, certificate: &Object<'_>) -> Option<Found> {
    let host = listener.host()?;
    let names = list(certificate.value, "/spec/dnsNames").iter();
    let mut names = names.filter_map(Value::as_str);
    let covered = names.any(|name| covers(name, host));
    (!covered).then(|| {
        listener.finding(
            "/hostname",
            format!("{} is not for `{host}`", certificate.id()),
            format!("add `{host}` to its `dnsNames`"),
        )
    })
}

/// Whether a name of a certificate is good for a host: `*.` stands for one label.
fn covers(name: &str, host: &str) -> bool {
    let one_label_less = || host.split_once('.').map(|(_, rest)| rest);
    name == host
        || name
            .strip_prefix("*.")
            .is_some_and(|rest| one_label_less() == Some(rest))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use ztgit_plugin::Severity;

    use super::super::fixtures::{GATEWAY, HOST, gateway, https};
    use crate::testing::Lint;

    fn with(change: impl Fn(&mut Value)) -> Lint {
        let mut gateway = gateway(&[https(HOST)]);
        change(&mut gateway);
        Lint::homelab().object(gateway)
    }

    fn certificate(name: &str) -> Value {
        json!({
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": "tls-app", "namespace": "ingress"},
            "spec": {"secretName": "tls-app", "dnsNames": [name]}
        })
    }

    #[test]
    fn a_listener_that_names_no_secret_is_found() {
        with(|gateway| gateway["spec"]["listeners"][0]["tls"] = json!({})).finds_of(
            super::RULE,
            GATEWAY,
            Severity::Error,
        );
    }

    #[test]
    fn a_listener_without_a_host_gets_none_from_cert_manager() {
        with(|gateway| gateway["spec"]["listeners"][0]["hostname"] = Value::Null)
            .finds(super::RULE, GATEWAY);
    }

    #[test]
    fn a_certificate_for_another_host_is_found() {
        let lint = with(|_| ()).object(certificate("other.homelab-one.net"));
        lint.finds(super::RULE, GATEWAY);
        with(|_| ())
            .object(certificate("*.homelab-one.net"))
            .passes(super::RULE);
    }

    #[test]
    fn a_secret_that_somebody_else_keeps_is_merely_told() {
        with(|gateway| gateway["metadata"]["annotations"] = json!({})).finds_of(
            super::RULE,
            GATEWAY,
            Severity::Info,
        );
    }

    #[test]
    fn a_listener_that_cert_manager_understands_is_fine() {
        with(|_| ()).passes(super::RULE);
    }
}

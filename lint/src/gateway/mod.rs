//! Gateways, routes, issuers and what installs them, as far as rules look into
//! them.
//!
//! Enters: the objects of a subject, whoever made them. Leaves: listeners, what
//! attaches to them, and who signs their certificates.

pub(crate) mod attachment;
pub(crate) mod cert_manager;
pub(crate) mod issuer;
pub(crate) mod route;

use std::collections::BTreeSet;

use serde_json::Value;
use ztgit_plugin::cluster::Labels;

use crate::finding::Found;
use crate::json::{list, text};
use crate::spot::ObjectSpot;
use crate::subject::{Object, Subject};

/// The Gateway API's group.
pub(crate) const GROUP: &str = "gateway.networking.k8s.io";

/// The label that Kubernetes gives every namespace.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// A Gateway.
#[derive(Clone, Copy)]
pub(crate) struct Gateway<'s> {
    /// Its object.
    pub(crate) spot: ObjectSpot<'s>,
}

/// A listener of a Gateway.
#[derive(Clone, Copy)]
pub(crate) struct Listener<'s> {
    /// Whose it is.
    pub(crate) gateway: Gateway<'s>,
    /// Its position in the Gateway's list.
    pub(crate) position: usize,
    /// As it is written.
    pub(crate) value: &'s Value,
}

/// Every Gateway.
pub(crate) fn gateways<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Gateway<'s>> {
    let found = subject.of_kind(GROUP, "Gateway");
    found.map(|spot| Gateway { spot })
}

/// Every listener.
pub(crate) fn listeners<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Listener<'s>> {
    gateways(subject).flat_map(Gateway::listeners)
}

/// The Gateways that Cilium implements.
pub(crate) fn of_cilium<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Gateway<'s>> {
    let classes = subject.of_kind(GROUP, "GatewayClass");
    let classes = classes.map(|class| class.object).filter(|class| {
        class.value.pointer("/spec/controllerName") == Some(&"io.cilium/gateway-controller".into())
    });
    let mut names: BTreeSet<&str> = classes.map(Object::name).collect();
    names.insert("cilium");
    gateways(subject).filter(move |gateway| names.contains(gateway.class()))
}

impl<'s> Gateway<'s> {
    /// An annotation.
    pub(crate) fn annotation(self, key: &str) -> Option<&'s str> {
        let annotations = self.spot.object.value.pointer("/metadata/annotations")?;
        annotations.get(key)?.as_str()
    }

    /// Its listeners.
    pub(crate) fn listeners(self) -> impl Iterator<Item = Listener<'s>> {
        let listeners = list(self.spot.object.value, "/spec/listeners")
            .iter()
            .enumerate();
        listeners.map(move |(position, value)| Listener {
            gateway: self,
            position,
            value,
        })
    }

    fn class(self) -> &'s str {
        text(self.spot.object.value, "/spec/gatewayClassName")
    }
}

impl<'s> Listener<'s> {
    /// Its name.
    pub(crate) fn name(self) -> &'s str {
        text(self.value, "/name")
    }

    /// The host that it is for; none for all of them.
    pub(crate) fn host(self) -> Option<&'s str> {
        Some(text(self.value, "/hostname")).filter(|host| !host.is_empty())
    }

    /// Its port.
    pub(crate) fn port(self) -> u64 {
        self.value["port"].as_u64().unwrap_or_default()
    }

    /// Its protocol.
    pub(crate) fn protocol(self) -> &'s str {
        text(self.value, "/protocol")
    }

    /// Whether it ends TLS itself, and so needs a certificate.
    pub(crate) fn ends_tls(self) -> bool {
        let passes_on = self.value.pointer("/tls/mode") == Some(&"Passthrough".into());
        matches!(self.protocol(), "HTTPS" | "TLS") && !passes_on
    }

    /// The Secrets that its certificates are in.
    pub(crate) fn secrets(self) -> Vec<&'s str> {
        let references = list(self.value, "/tls/certificateRefs").iter();
        references
            .map(|reference| text(reference, "/name"))
            .collect()
    }

    /// Whether it takes routes of a namespace.
    pub(crate) fn admits(self, subject: &Subject<'_>, namespace: &str) -> bool {
        let from = self.value.pointer("/allowedRoutes/namespaces");
        let same = || namespace == self.gateway.spot.namespace();
        let Some(from) = from else { return same() };
        match from["from"].as_str() {
            Some("All") => true,
            Some("Selector") => {
                let mut labels = subject
                    .inventory()
                    .namespace_labels(namespace)
                    .cloned()
                    .unwrap_or_default();
                labels.insert(NAMESPACE_NAME.to_owned(), namespace.to_owned());
                selects(&from["selector"], &labels)
            }
            Some("None") => false,
            _ => same(),
        }
    }

    /// A finding at a place in it.
    pub(crate) fn finding(
        self,
        field: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Found {
        let pointer = format!("/spec/listeners/{}{field}", self.position);
        self.gateway.spot.finding(&pointer, message, hint)
    }
}

/// Whether a label selector of Kubernetes selects labels.
fn selects(selector: &Value, labels: &Labels) -> bool {
    let pairs = selector["matchLabels"].as_object().into_iter().flatten();
    let mut pairs = pairs.map(|(key, value)| (key, value.as_str()));
    pairs.all(|(key, value)| labels.get(key).map(String::as_str) == value)
        && list(selector, "/matchExpressions")
            .iter()
            .all(|expression| {
                let value = labels.get(text(expression, "/key"));
                let listed = || {
                    let values = list(expression, "/values").iter();
                    let mut values = values.filter_map(Value::as_str);
                    value.is_some_and(|value| values.any(|one| one == value))
                };
                match text(expression, "/operator") {
                    "Exists" => value.is_some(),
                    "DoesNotExist" => value.is_none(),
                    "In" => listed(),
                    "NotIn" => !listed(),
                    _ => false,
                }
            })
}

/// Major and minor number of a version.
pub(crate) fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

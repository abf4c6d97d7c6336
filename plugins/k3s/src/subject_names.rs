//! The names on the API server's certificate, beside those that k3s puts there
//! by itself.
//!
//! k3s refuses names that it was not told of, so an address by which people
//! come (a VPN's, say) has to be here or their clients refuse the certificate.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ztgit_plugin::fact::TlsSan;
use ztgit_plugin::{Diagnostic, FactScope, Facts};

use crate::config::Config;
use crate::yaml::Item;

/// Valid names, each with where it holds and who asked for it.
#[derive(Debug, Default)]
pub(crate) struct SubjectNames(Vec<SubjectName>);

#[derive(Debug)]
struct SubjectName {
    name: String,
    scope: FactScope,
    origin: String,
}

impl SubjectNames {
    /// The names of the config and of the facts; those that are neither a DNS
    /// name nor an address are reported.
    pub(crate) fn gather(
        config: &Config,
        facts: &Facts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut names = Self::default();
        for (key, name) in &config.tls_sans {
            if is_subject_name(name) {
                names.add(name, FactScope::Cluster, key);
            } else {
                diagnostics.push(invalid(name).at_config(["tlsSans", key]));
            }
        }
        for stated in facts.of::<TlsSan>() {
            if is_subject_name(&stated.value.name) {
                names.add(&stated.value.name, stated.scope.clone(), stated.provider);
            } else {
                diagnostics.push(invalid(&stated.value.name).at_fact(stated.index));
            }
        }
        names
    }

    fn add(&mut self, name: &str, scope: FactScope, origin: &str) {
        self.0.push(SubjectName {
            name: name.to_owned(),
            scope,
            origin: origin.to_owned(),
        });
    }

    /// The names for one node, sorted, each with all who asked for it.
    pub(crate) fn on(&self, node: &str) -> impl Iterator<Item = Item> {
        let mut origins: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for subject in self.0.iter().filter(|subject| subject.scope.covers(node)) {
            origins
                .entry(&subject.name)
                .or_default()
                .insert(&subject.origin);
        }
        origins.into_iter().map(|(name, origins)| Item {
            value: name.to_owned(),
            remark: Some(origins.into_iter().collect::<Vec<_>>().join(", ")),
        })
    }
}

fn invalid(name: &str) -> Diagnostic {
    Diagnostic::error(
        "invalid-name",
        format!("`{name}` is neither a DNS name nor an IP address"),
    )
    .hint("leave out scheme and port")
}

fn is_subject_name(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok() || is_dns_name(name)
}

fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // What ends in a number is an address that went wrong.
    let is_address_like = name
        .rsplit('.')
        .next()
        .is_some_and(|last| last.parse::<u64>().is_ok());
    name.len() <= 253 && !is_address_like && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::is_subject_name;

    #[test]
    fn dns_names_and_addresses_are_subject_names() {
        for name in ["api.example.net", "pi-1", "10.100.0.1", "fd00::1"] {
            assert!(is_subject_name(name), "{name}");
        }
    }

    #[test]
    fn anything_else_is_not_a_subject_name() {
        for name in [
            "",
            "https://api",
            "api:6443",
            "10.100.0.256",
            "10.100.0.0/24",
            "a_b",
            "-a",
            "a b",
        ] {
            assert!(!is_subject_name(name), "{name}");
        }
    }
}

//! CrowdSec may ban people who come over the VPN.

use ipnet::IpNet;
use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::wireguard::of_nodes;
use crate::host::{FileSpot, files, yaml};
use crate::meet::range;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "crowdsec-bans-vpn",
    severity: Severity::Warning,
    text: include_str!("crowdsec_bans_vpn.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    of_nodes(subject)
        .filter_map(|interface| {
            let node = interface.file.node()?;
            let crowdsec = |file: &FileSpot<'_>| {
                file.node() == Some(node) && file.file.path.starts_with("/etc/crowdsec/")
            };
            let own: Vec<FileSpot<'_>> = files(subject).filter(crowdsec).collect();
            let first = *own.first()?;
            let spared: Vec<IpNet> = own.iter().flat_map(|file| spared(*file)).collect();
            let networks = interface
                .addresses()
                .into_iter()
                .map(|address| address.trunc());
            let mut banned = networks.filter(|net| !spared.iter().any(|range| range.contains(net)));
            let net = banned.next()?;
            let list = own.iter().find(|file| file.text().contains("whitelist:"));
            let file = list.copied().unwrap_or(first);
            Some(file.finding(
                file.line_of("cidr:"),
                format!(
                    "a few mistyped passwords ban `{net}`, the range of `{}`",
                    interface.name
                ),
                format!("add `{net}` to a whitelist"),
            ))
        })
        .collect()
}

/// The ranges that a file's whitelist spares.
fn spared(file: FileSpot<'_>) -> Vec<IpNet> {
    let documents = yaml::documents(file.text()).into_iter();
    documents
        .flat_map(|document| {
            let lists = ["/whitelist/cidr", "/whitelist/ip"];
            let texts = |at| {
                document
                    .pointer(at)
                    .map_or(Vec::new(), |value: &Value| yaml::texts(value))
            };
            lists.into_iter().flat_map(texts).collect::<Vec<_>>()
        })
        .filter_map(|text| range(&text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{NODE, tunnel};
    use crate::testing::Lint;

    const PATH: &str = "/etc/crowdsec/parsers/s02-enrich/own.yaml";

    fn with(range: &str) -> Lint {
        let text = format!("name: own\nwhitelist:\n  reason: x\n  cidr:\n    - \"{range}\"\n");
        tunnel(&[]).file(NODE, PATH, &text)
    }

    #[test]
    fn a_vpn_that_is_not_spared_is_found() {
        with("10.42.0.0/16").finds(super::RULE, &format!("pi-1:{PATH}"));
    }

    #[test]
    fn a_vpn_that_is_spared_is_fine() {
        with("10.100.0.0/24").passes(super::RULE);
        with("10.0.0.0/8").passes(super::RULE);
    }

    #[test]
    fn without_crowdsec_nobody_is_banned() {
        tunnel(&[]).passes(super::RULE);
    }
}

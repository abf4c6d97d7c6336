//! What the config says that cannot work, or not as its author may think.
//! What concerns one host's references is in [`crate::site`].

use ztgit_plugin::cluster::Network;
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::config::{Config, Exposure};
use crate::controller::Controller;
use crate::gateway::MAX_HOSTS;
use crate::host_name::HostName;
use crate::issuer::Issuer;
use crate::site::Site;

/// All findings beyond those of the sites themselves.
pub(crate) fn all(cluster: &Cluster, config: &Config, sites: &[Site<'_>]) -> Vec<Diagnostic> {
    let mut found: Vec<_> = Controller::of(config)
        .check(cluster, config)
        .into_iter()
        .collect();
    found.extend(email(&config.email));
    found.extend(sites.iter().filter_map(|site| reserved_host(config, site)));
    found.extend(too_many(config));
    found.extend(staging(config));
    found.extend(exposure(cluster, &config.exposure));
    found
}

fn email(address: &str) -> Option<Diagnostic> {
    let Some(domain) = mail_domain(address) else {
        let message = format!("`{address}` is not an e-mail address");
        return Some(
            Diagnostic::error("invalid-email", message)
                .at_config(["email"])
                .hint("give the plain address of somebody who reads about expiring accounts"),
        );
    };
    let suffix = domain.reserved_suffix()?;
    Some(
        Diagnostic::warning(
            "reserved-email",
            format!(
                "`{suffix}` is reserved: Let's Encrypt refuses to register `{address}`, so no \
                 issuer gets ready and no Gateway is applied"
            ),
        )
        .at_config(["email"])
        .hint("give an address that exists"),
    )
}

/// The domain of a plain address: no display name, no `mailto:`, no quoting.
fn mail_domain(address: &str) -> Option<HostName> {
    let (local, domain) = address.split_once('@')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let dots_apart = local.split('.').all(|part| !part.is_empty());
    if !dots_apart || local.len() > 64 || !local.bytes().all(plain) {
        return None;
    }
    HostName::parse(domain).ok()
}

fn reserved_host(config: &Config, site: &Site<'_>) -> Option<Diagnostic> {
    let suffix = site.host.reserved_suffix()?;
    // The key as it stands, which may differ by case.
    let key = config
        .hosts
        .keys()
        .find(|key| key.eq_ignore_ascii_case(site.host.as_str()))?;
    Some(
        Diagnostic::warning(
            "reserved-host",
            format!("`{suffix}` is reserved: no public CA issues a certificate for `{key}`"),
        )
        .at_config(["hosts", key])
        .hint("replace it by a name in a domain of yours"),
    )
}

fn too_many(config: &Config) -> Option<Diagnostic> {
    let count = config.hosts.len();
    (count > MAX_HOSTS).then(|| {
        let message =
            format!("a Gateway has listeners for {MAX_HOSTS} hosts, and there are {count}");
        Diagnostic::error("too-many-hosts", message)
            .at_config(["hosts"])
            .hint("serve some of them from another cluster")
    })
}

fn staging(config: &Config) -> Option<Diagnostic> {
    (config.issuer == Issuer::Staging && !config.hosts.is_empty()).then(|| {
        Diagnostic::info(
            "staging-issuer",
            "browsers do not trust certificates of the staging issuer",
        )
        .at_config(["issuer"])
        .hint("set `issuer: letsencrypt-prod` once staging has issued certificates")
    })
}

fn exposure(cluster: &Cluster, exposure: &Exposure) -> Vec<Diagnostic> {
    let (place, addresses) = match exposure {
        Exposure::HostNetwork => return Vec::new(),
        Exposure::L2 { addresses } => (vec!["exposure", "l2"], addresses.as_slice()),
        Exposure::NodeIpam => (vec!["exposure"], &[][..]),
    };
    let bypass = Diagnostic::warning(
        "host-firewall-bypassed",
        "Cilium translates connections to a LoadBalancer before the host firewall sees them: \
         neither it nor what bans addresses through it filters ports 80 and 443",
    )
    .at_config(place)
    .hint("use `exposure: hostNetwork` to have them filtered");
    let overlaps = addresses.iter().enumerate().filter_map(|(index, range)| {
        let what = used_by(cluster, range)?;
        let message = format!("{range} contains addresses of {what}");
        Some(
            Diagnostic::error("address-in-use", message)
                .at_config(["exposure", "l2", "addresses", &index.to_string()])
                .hint("choose addresses that nothing else uses"),
        )
    });
    overlaps.chain([bypass]).collect()
}

/// What else has an address in the range.
fn used_by(cluster: &Cluster, range: &Cidr) -> Option<String> {
    let Network {
        pod_cidrs,
        service_cidrs,
        ..
    } = &cluster.network;
    let meets = |ranges: &[Cidr]| ranges.iter().any(|other| other.overlaps(range));
    if meets(pod_cidrs) {
        return Some("pods".to_owned());
    }
    if meets(service_cidrs) {
        return Some("services".to_owned());
    }
    let on_node = |addresses: &[std::net::IpAddr]| {
        addresses
            .iter()
            .any(|&address| range.contains_address(address))
    };
    let (name, _) = cluster
        .nodes
        .iter()
        .find(|(_, node)| on_node(&node.addresses))?;
    Some(format!("node `{name}`"))
}

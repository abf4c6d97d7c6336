//! What the config says that cannot work, or not as its author may think.
//! What concerns one host's references is in [`crate::site`].

mod certificates;
mod exposure;
mod gateways;

use ztgit_plugin::Diagnostic;

use crate::certificate::IssuerName;
use crate::config::AccessLog;
use crate::host_name::HostName;
use crate::plan::Plan;
use crate::site::Site;
use crate::{cert_manager, controller, route};

/// All findings beyond those of the sites themselves.
pub(crate) fn all(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut found = controller::check(plan.cluster, &plan.gateways);
    found.extend(cert_manager::check(plan.config));
    found.extend(plan.config.email.as_deref().and_then(email));
    found.extend(plan.sites.iter().filter_map(reserved_host));
    found.extend(gateways::all(plan));
    found.extend(certificates::all(plan));
    found.extend(exposure::all(plan));
    found.extend(route::conflicts(plan));
    found.extend(access_log(plan));
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
    let domain = HostName::parse(domain).ok()?;
    (!domain.is_wildcard()).then_some(domain)
}

/// A name that no public CA vouches for, where one is asked to.
fn reserved_host(site: &Site<'_>) -> Option<Diagnostic> {
    let issuance = site.certificate.as_ref()?.issuance()?;
    if !matches!(issuance.issuer, IssuerName::LetsEncrypt(_)) {
        return None;
    }
    let suffix = site.host.reserved_suffix()?;
    let key = site.key;
    Some(
        Diagnostic::warning(
            "reserved-host",
            format!("`{suffix}` is reserved: no public CA issues a certificate for `{key}`"),
        )
        .at_config(["hosts", key])
        .hint("replace it by a name in a domain of yours")
        .hint("for a lab, sign it by an issuer of your own under `issuers`"),
    )
}

fn access_log(plan: &Plan<'_>) -> Option<Diagnostic> {
    let found = match plan.config.access_log? {
        _ if !controller::any_of_cilium(&plan.gateways) => Diagnostic::warning(
            "access-log-elsewhere",
            "no Gateway is of class cilium: how another class logs requests is its controller's",
        )
        .hint("set up access logs where you install that controller"),
        AccessLog::Json => Diagnostic::info(
            "access-log-unread",
            "CrowdSec has no parser for requests as JSON, so nothing here reads this log",
        )
        .hint("set `accessLog: combined` to have CrowdSec read it"),
        AccessLog::Combined => return None,
    };
    Some(found.at_config(["accessLog"]))
}

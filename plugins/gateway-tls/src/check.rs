//! What the config says that cannot work, or not as its author may think.
//! What concerns one host's references is in [`crate::site`].

mod certificates;
mod exposure;
mod gateways;

use ztgit_plugin::Diagnostic;

use crate::config::AccessLog;
use crate::host_name::HostName;
use crate::plan::Plan;
use crate::{cert_manager, controller, route};

/// All findings beyond those of the sites themselves.
pub(crate) fn all(plan: &Plan<'_>) -> Vec<Diagnostic> {
    let mut found = controller::check(plan.cluster, &plan.gateways);
    found.extend(cert_manager::check(plan.config));
    found.extend(plan.config.email.as_deref().and_then(email));
    found.extend(gateways::all(plan));
    found.extend(certificates::all(plan));
    found.extend(exposure::all(plan));
    found.extend(route::conflicts(plan));
    found.extend(access_log(plan));
    found
}

fn email(address: &str) -> Option<Diagnostic> {
    (!is_plain_address(address)).then(|| {
        let message = format!("`{address}` is not an e-mail address");
        Diagnostic::error("invalid-email", message)
            .at_config(["email"])
            .hint("give the plain address of somebody who reads about expiring accounts")
    })
}

/// Whether it is an address without display name, `mailto:` and quoting.
fn is_plain_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let dots_apart = local.split('.').all(|part| !part.is_empty());
    dots_apart
        && local.len() <= 64
        && local.bytes().all(plain)
        && HostName::parse(domain).is_ok_and(|domain| !domain.is_wildcard())
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

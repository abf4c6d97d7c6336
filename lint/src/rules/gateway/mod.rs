//! Gateways, routes through them, and their certificates.

pub(super) mod bundle_unsuited;
pub(super) mod cert_manager_blind;
pub(super) mod gateway_off;
pub(super) mod gateway_refused;
pub(super) mod http01_unreachable;
pub(super) mod listener_certificate;
pub(super) mod listener_twice;
pub(super) mod listener_unused;
pub(super) mod no_address_pool;
pub(super) mod no_redirect;
pub(super) mod no_staging;
pub(super) mod privileged_port;
pub(super) mod reference_grant;
pub(super) mod reserved_name;
pub(super) mod route_host;
pub(super) mod route_unattached;
pub(super) mod wildcard_by_http01;

#[cfg(test)]
mod fixtures;

use serde_json::Value;

/// Whether a value of Cilium's release is on; the chart takes the text as well.
fn is_on(values: &Value, pointer: &str) -> bool {
    let value = values.pointer(pointer);
    value == Some(&Value::Bool(true)) || value == Some(&Value::from("true"))
}

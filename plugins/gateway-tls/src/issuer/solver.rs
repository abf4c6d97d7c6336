//! How names are shown to an ACME server.
//!
//! cert-manager takes the solver whose selector names the host, else one without
//! a selector. So the Gateway that hosts get by default has one without, and
//! everything else has its hosts by name: neither depends on the order.

use serde_json::{Value, json};

use crate::certificate::Proof;
use crate::config::{AccessKey, Dns01, SecretKey, TsigAlgorithm};
use crate::gateway::{Gateway, HTTP_LISTENER};
use crate::plan::Plan;

/// The solvers of an ACME issuer.
pub(super) fn all(plan: &Plan<'_>) -> Vec<Value> {
    let gateways = plan.gateways.iter();
    let http = gateways.filter_map(|gateway| over_http(plan, gateway));
    let zones = plan.config.dns01.iter();
    let dns = zones.filter_map(|(zone, provider)| {
        let hosts = plan.proven_by(|proof| proof == Proof::Dns01(zone));
        let names: Vec<_> = hosts.iter().map(|host| host.as_str()).collect();
        (!names.is_empty())
            .then(|| json!({"selector": {"dnsNames": names}, "dns01": over_dns(provider)}))
    });
    http.chain(dns).collect()
}

/// The solver's Service is reached from inside alone; left out, its type is
/// `NodePort`, which opens a port on every node past the host firewall.
fn over_http(plan: &Plan<'_>, gateway: &Gateway<'_>) -> Option<Value> {
    let solver = json!({
        "http01": {
            "gatewayHTTPRoute": {
                "serviceType": "ClusterIP",
                "parentRefs": [gateway.reference(HTTP_LISTENER)],
            }
        }
    });
    if gateway.key().is_none() {
        return Some(solver);
    }
    let proven = plan.sites_of(gateway).filter(|site| {
        let issuance = site.certificate.as_ref().and_then(|each| each.issuance());
        issuance.is_some_and(|issuance| issuance.proof == Some(Proof::Http01))
    });
    let names: Vec<_> = proven.map(|site| site.host.as_str()).collect();
    (!names.is_empty()).then(|| {
        let mut solver = solver;
        solver["selector"] = json!({"dnsNames": names});
        solver
    })
}

fn over_dns(provider: &Dns01) -> Value {
    match provider {
        Dns01::Cloudflare { api_token } => {
            json!({"cloudflare": {"apiTokenSecretRef": secret(api_token)}})
        }
        Dns01::Route53 {
            region,
            hosted_zone_id,
            role,
            access_key,
        } => {
            json!({"route53": route53(region, hosted_zone_id.as_deref(), role.as_deref(), access_key.as_ref())})
        }
        Dns01::Rfc2136 {
            nameserver,
            port,
            key_name,
            algorithm,
            key,
        } => {
            let port = port.map_or(53, std::num::NonZero::get);
            json!({"rfc2136": {
                "nameserver": std::net::SocketAddr::new(*nameserver, port).to_string(),
                "tsigKeyName": key_name,
                "tsigAlgorithm": algorithm_name(*algorithm),
                "tsigSecretSecretRef": secret(key),
            }})
        }
    }
}

fn route53(
    region: &str,
    zone: Option<&str>,
    role: Option<&str>,
    access_key: Option<&AccessKey>,
) -> Value {
    let mut settings = json!({"region": region});
    if let Some(zone) = zone {
        settings["hostedZoneID"] = zone.into();
    }
    if let Some(role) = role {
        settings["role"] = role.into();
    }
    if let Some(key) = access_key {
        settings["accessKeyIDSecretRef"] = secret(&key.id);
        settings["secretAccessKeySecretRef"] = secret(&key.secret);
    }
    settings
}

fn algorithm_name(algorithm: TsigAlgorithm) -> &'static str {
    match algorithm {
        TsigAlgorithm::HmacSha256 => "HMACSHA256",
        TsigAlgorithm::HmacSha512 => "HMACSHA512",
    }
}

fn secret(reference: &SecretKey) -> Value {
    json!({"name": reference.secret, "key": reference.key})
}

//! Requests as rules of Cilium's HTTP proxy.
//!
//! The proxy matches `method`, `path` and `host` as a whole against regular
//! expressions; its path includes the query string. So a literal path gets
//! anchors, which change nothing for the proxy but tell the reader, and an
//! optional query behind it: who may read `/items` may read `/items?page=2`.

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::HttpMatch;

use super::regex::literal;

/// The rule for one kind of request.
pub(crate) fn rule(request: &HttpMatch) -> Value {
    let mut rule = Map::new();
    if let Some(method) = &request.method {
        rule.insert("method".to_owned(), literal(method).into());
    }
    if let Some(path) = &request.path {
        rule.insert(
            "path".to_owned(),
            format!(r"^{}(\?.*)?$", literal(path)).into(),
        );
    }
    if let Some(regex) = &request.path_regex {
        rule.insert("path".to_owned(), regex.as_str().into());
    }
    if let Some(host) = &request.host {
        rule.insert("host".to_owned(), host_regex(host).into());
    }
    if !request.headers.is_empty() {
        let headers: Vec<Value> = request
            .headers
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        rule.insert("headerMatches".to_owned(), headers.into());
    }
    Value::Object(rule)
}

/// Clients add the port to the header where it is not the scheme's own.
fn host_regex(host: &str) -> String {
    if host.contains(':') {
        literal(host)
    } else {
        format!("{}(:[0-9]+)?", literal(host))
    }
}

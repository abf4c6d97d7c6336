//! Which requests go where.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::host::Backend;

/// Requests over HTTP and what happens to them. `backend` or `backends` says
/// where they go.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HttpRule {
    /// Which requests: those that any of these describes; all without.
    #[schemars(length(max = 64))]
    pub matches: Vec<HttpMatch>,
    /// Where they go.
    pub backend: Option<Backend>,
    /// Where they go, by shares; by a name of your choice, such as `stable` and
    /// `canary`.
    #[schemars(extend("maxProperties" = 16))]
    pub backends: BTreeMap<String, Backend>,
    /// How long a request may take.
    pub timeouts: Timeouts,
    /// Changes to the request's headers.
    pub request_headers: Headers,
    /// Changes to the response's headers.
    pub response_headers: Headers,
}

/// A description of requests; all that it says must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HttpMatch {
    /// The path, or the beginning of it, segment by segment: `/api` is the
    /// beginning of `/api/v1` and not of `/apis`.
    #[schemars(regex(pattern = "^/"))]
    pub path: Option<String>,
    /// The whole path.
    #[schemars(regex(pattern = "^/"))]
    pub exact_path: Option<String>,
    /// The whole path as a regular expression (RE2).
    #[schemars(length(min = 1))]
    pub path_regex: Option<String>,
    /// The method.
    pub method: Option<Method>,
    /// Headers with exactly these values.
    #[schemars(extend("maxProperties" = 16))]
    pub headers: BTreeMap<String, String>,
    /// Query parameters with exactly these values.
    #[schemars(extend("maxProperties" = 16))]
    pub query: BTreeMap<String, String>,
}

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the methods are what they are")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Connect,
    Options,
    Trace,
    Patch,
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
            Self::Patch => "PATCH",
        }
    }
}

/// How long a request may take, as in `10s` or `1m30s`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Timeouts {
    /// From the client's request to the end of the response.
    #[schemars(regex(pattern = "^([0-9]{1,5}(h|m|s|ms)){1,4}$"))]
    pub request: Option<String>,
    /// Of one try at the back-end.
    #[schemars(regex(pattern = "^([0-9]{1,5}(h|m|s|ms)){1,4}$"))]
    pub backend: Option<String>,
}

/// Changes to headers, in this order: set, add, remove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Headers {
    /// Instead of what is there.
    #[schemars(extend("maxProperties" = 16))]
    pub set: BTreeMap<String, String>,
    /// Beside what is there.
    #[schemars(extend("maxProperties" = 16))]
    pub add: BTreeMap<String, String>,
    /// Taken away.
    #[schemars(length(max = 16))]
    pub remove: Vec<String>,
}

/// Calls over gRPC and what happens to them. `backend` or `backends` says where
/// they go.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GrpcRule {
    /// Which calls: those that any of these describes; all without.
    #[schemars(length(max = 64))]
    pub matches: Vec<GrpcMatch>,
    /// Where they go.
    pub backend: Option<Backend>,
    /// Where they go, by shares; by a name of your choice.
    #[schemars(extend("maxProperties" = 16))]
    pub backends: BTreeMap<String, Backend>,
    /// Changes to the request's headers.
    pub request_headers: Headers,
    /// Changes to the response's headers.
    pub response_headers: Headers,
}

/// A description of calls; all that it says must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GrpcMatch {
    /// The service with its package, such as `shop.v1.Orders`.
    #[schemars(regex(pattern = "^\\.?[A-Za-z_][A-Za-z_0-9]*(\\.[A-Za-z_][A-Za-z_0-9]*)*$"))]
    pub service: Option<String>,
    /// The method, such as `Place`.
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z_0-9]*$"))]
    pub method: Option<String>,
    /// Headers with exactly these values.
    #[schemars(extend("maxProperties" = 16))]
    pub headers: BTreeMap<String, String>,
}

//! Questions: one connection, and perhaps one request inside it.

use std::collections::BTreeMap;

use crate::model::Protocol;

/// May `from` open this to `to`?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// The name of who opens.
    pub from: &'a str,
    /// The name of who answers.
    pub to: &'a str,
    /// Any but [`Protocol::Any`].
    pub protocol: Protocol,
    /// The port after services have been translated, or the ICMP type; 0 for
    /// protocols that have neither.
    pub port: u16,
    /// What is sent, where that matters.
    pub request: Option<Request>,
}

/// What is sent over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// HTTP in plain text.
    Http(HttpRequest),
    /// A DNS query for a name.
    Dns(String),
    /// A TLS handshake, with the name that the client sends in the clear.
    Tls(Option<String>),
    /// Something else.
    Other,
}

/// A request over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// `GET`.
    pub method: String,
    /// The path with its query string.
    pub path: String,
    /// The `Host` header, with its port if it has one.
    pub host: String,
    /// The other headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
}

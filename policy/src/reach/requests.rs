//! Rules about what is inside a connection, ready to be asked.

use std::sync::OnceLock;

use super::question::{HttpRequest, Request};
use crate::model::{DnsRule, HeaderMatch, HttpRule, L7Rules, PortRule, Protocol};
use crate::pattern::{self, Pattern};

/// Who reads a connection, the one that comes first last: where rules disagree, the
/// greatest wins (`ListenerPriority` in `pkg/policy/l4.go`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Parser {
    /// Nobody.
    Nobody,
    /// A listener that somebody configured.
    Listener,
    /// The DNS proxy.
    Dns,
    /// Envoy, for the name in a TLS handshake.
    Tls,
    /// Envoy, for HTTP.
    Http,
}

/// What may be sent where a rule allows a connection.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    pub(super) parser: Parser,
    /// Whether the proxy opens TLS, so that it can read what is inside.
    pub(super) opens_tls: bool,
    http: Vec<Http>,
    dns: Vec<Pattern>,
    pub(super) restricts_dns: bool,
    server_names: Vec<Pattern>,
}

impl Requests {
    /// Whatever.
    pub(super) fn any() -> Self {
        Self {
            parser: Parser::Nobody,
            opens_tls: false,
            http: Vec::new(),
            dns: Vec::new(),
            restricts_dns: false,
            server_names: Vec::new(),
        }
    }

    /// What a rule lets pass above a protocol.
    pub(super) fn of(rule: &PortRule, protocol: Protocol) -> Self {
        let l7 = rule.l7.as_ref();
        let http = l7.map(L7Rules::http).unwrap_or_default();
        let dns = l7.map(L7Rules::dns).unwrap_or_default();
        let http = if protocol == Protocol::Tcp && dns.is_empty() {
            http
        } else {
            &[]
        };
        let contexts = rule.terminating_tls.is_some() || rule.originating_tls.is_some();
        let parser = match () {
            () if rule.listener.is_some() => Parser::Listener,
            () if !dns.is_empty() => Parser::Dns,
            () if !http.is_empty() => Parser::Http,
            () if contexts || !rule.server_names.is_empty() => Parser::Tls,
            () => Parser::Nobody,
        };
        let names = rule.server_names.iter();
        Self {
            parser,
            opens_tls: rule.terminating_tls.is_some(),
            http: http.iter().map(Http::of).collect(),
            dns: dns.iter().flat_map(dns_patterns).collect(),
            restricts_dns: !dns.is_empty(),
            server_names: names
                .filter_map(|(_, name)| pattern::server_name(name).ok())
                .collect(),
        }
    }

    /// Whether the rule has HTTP or DNS rules.
    pub(super) fn has_rules(&self) -> bool {
        !self.http.is_empty() || self.restricts_dns
    }

    /// Whether names of servers are demanded.
    pub(super) fn names_servers(&self) -> bool {
        !self.server_names.is_empty()
    }

    /// Whether the request begins with a TLS handshake for one of these names.
    pub(super) fn admit_server_name(&self, request: &Request) -> bool {
        let Request::Tls(Some(name)) = request else {
            return false;
        };
        self.server_names.iter().any(|one| one.matches(name))
    }

    /// Whether a request over HTTP may be sent.
    pub(super) fn admit_http(&self, request: &HttpRequest) -> bool {
        self.http.is_empty() || self.http.iter().any(|rule| rule.matches(request))
    }

    /// Whether a name may be asked for.
    pub(super) fn admit_dns(&self, name: &str) -> bool {
        !self.restricts_dns || self.dns.iter().any(|pattern| pattern.matches(name))
    }
}

fn dns_patterns(rule: &DnsRule) -> Vec<Pattern> {
    let written = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let name = written(&rule.name).map(|name| pattern::dns_name(&name));
    let wildcard = written(&rule.pattern).map(|wildcard| pattern::dns_pattern(&wildcard));
    name.into_iter()
        .chain(wildcard)
        .filter_map(Result::ok)
        .collect()
}

/// An HTTP rule.
#[derive(Clone, Debug)]
struct Http {
    method: Option<Expression>,
    path: Option<Expression>,
    host: Option<Expression>,
    headers: Vec<Header>,
}

/// A regular expression, compiled when a request is first asked about: most questions
/// have none.
#[derive(Clone, Debug)]
struct Expression {
    text: String,
    compiled: OnceLock<Pattern>,
}

/// What a header has to be.
#[derive(Clone, Debug)]
enum Header {
    Present(String),
    Is(String, String),
    /// A secret decides, which nothing here knows.
    Unknown,
}

impl Http {
    fn of(rule: &HttpRule) -> Self {
        let plain = rule.headers.iter().map(|(_, text)| plain_header(text));
        let matched = rule.header_matches.iter().filter_map(matched_header);
        Self {
            method: Expression::of(rule.method.as_deref()),
            path: Expression::of(rule.path.as_deref()),
            host: Expression::of(rule.host.as_deref()),
            headers: plain.chain(matched).collect(),
        }
    }

    fn matches(&self, request: &HttpRequest) -> bool {
        let fits = |expression: &Option<Expression>, text: &str| {
            let expression = expression.as_ref();
            expression.is_none_or(|expression| expression.matches(text))
        };
        fits(&self.method, &request.method)
            && fits(&self.path, &request.path)
            && fits(&self.host, &request.host)
            && self.headers.iter().all(|header| header.matches(request))
    }
}

impl Expression {
    fn of(text: Option<&str>) -> Option<Self> {
        let text = text.filter(|text| !text.is_empty())?;
        Some(Self {
            text: text.to_owned(),
            compiled: OnceLock::new(),
        })
    }

    fn matches(&self, text: &str) -> bool {
        // What does not compile never gets here, but for hosts; then Envoy refuses the
        // rule, and nothing matches.
        let compile = || pattern::http(&self.text).unwrap_or_else(|_| pattern::nothing());
        self.compiled.get_or_init(compile).matches(text)
    }
}

impl Header {
    fn matches(&self, request: &HttpRequest) -> bool {
        match self {
            Self::Present(name) => request.headers.contains_key(name),
            Self::Is(name, value) => request.headers.get(name) == Some(value),
            Self::Unknown => false,
        }
    }
}

/// `X-Name: value` or `X-Name`.
fn plain_header(text: &str) -> Header {
    match text.split_once(' ') {
        Some((name, value)) => {
            let name = name.trim_end_matches(':').to_ascii_lowercase();
            Header::Is(name, value.to_owned())
        }
        None => Header::Present(text.to_ascii_lowercase()),
    }
}

/// Only a header without an action on mismatch refuses; the others rewrite or log.
fn matched_header(header: &HeaderMatch) -> Option<Header> {
    let acts = header
        .mismatch
        .as_deref()
        .is_some_and(|text| !text.is_empty());
    if acts {
        return None;
    }
    let name = header.name.to_ascii_lowercase();
    let value = header.value.clone().filter(|value| !value.is_empty());
    Some(match (value, &header.secret) {
        (_, Some(_)) => Header::Unknown,
        (Some(value), None) => Header::Is(name, value),
        (None, None) => Header::Present(name),
    })
}

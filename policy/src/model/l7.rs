//! Rules about what is inside a connection.

use super::Pointer;
use super::peer::read_places;
use super::reading::{Field, Reader};

/// `rules` of an item of `toPorts`. Without any rule it does not restrict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct L7Rules {
    /// Where it stands.
    pub pointer: Pointer,
    /// Any of these requests; an empty list does not restrict.
    pub http: Option<Vec<HttpRule>>,
    /// Any of these names; an empty list does not restrict.
    pub dns: Option<Vec<DnsRule>>,
    /// Parsers that Cilium once had.
    pub removed: Vec<RemovedParser>,
}

impl L7Rules {
    /// The HTTP rules.
    pub fn http(&self) -> &[HttpRule] {
        self.http.as_deref().unwrap_or_default()
    }

    /// The DNS rules.
    pub fn dns(&self) -> &[DnsRule] {
        self.dns.as_deref().unwrap_or_default()
    }

    /// Whether nothing restricts.
    pub fn is_empty(&self) -> bool {
        self.http().is_empty() && self.dns().is_empty()
    }
}

/// A request over HTTP. Every part that is there must match; a rule without any part
/// matches every request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRule {
    /// Where it stands.
    pub pointer: Pointer,
    /// A regular expression for the whole path, with its query string.
    pub path: Option<String>,
    /// A regular expression for the whole method.
    pub method: Option<String>,
    /// A regular expression for the whole `Host`.
    pub host: Option<String>,
    /// `Name` or `Name: value`; values are compared, not matched.
    pub headers: Vec<(Pointer, String)>,
    /// Headers with what to do on a mismatch.
    pub header_matches: Vec<HeaderMatch>,
}

impl HttpRule {
    /// Whether every request matches.
    pub fn is_empty(&self) -> bool {
        let absent = |text: &Option<String>| text.as_deref().unwrap_or_default().is_empty();
        absent(&self.path)
            && absent(&self.method)
            && absent(&self.host)
            && self.headers.is_empty()
            && self.header_matches.is_empty()
    }
}

/// An item of `headerMatches`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderMatch {
    /// Where it stands.
    pub pointer: Pointer,
    /// The header.
    pub name: String,
    /// The value to compare with; absent: any.
    pub value: Option<String>,
    /// What to do on a mismatch; absent: refuse.
    pub mismatch: Option<String>,
    /// The name in `secret`, empty where it has none.
    pub secret: Option<String>,
}

/// A query for a DNS name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsRule {
    /// Where it stands.
    pub pointer: Pointer,
    /// `matchName`.
    pub name: Option<String>,
    /// `matchPattern`.
    pub pattern: Option<String>,
}

/// Rules of a parser that newer versions of Cilium do not have. There the key is
/// dropped, and what is left does not restrict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedParser {
    /// Where the key stands.
    pub pointer: Pointer,
    /// `kafka`, `l7` or `l7proto`.
    pub key: &'static str,
}

const REMOVED: [&str; 3] = ["kafka", "l7", "l7proto"];

impl L7Rules {
    pub(super) fn read(reader: &mut Reader, field: &Field<'_>) -> Option<Self> {
        let object = reader.object(field, &["http", "dns", "kafka", "l7", "l7proto"])?;
        let removed = REMOVED.into_iter().filter_map(|key| {
            let pointer = object.get(key)?.pointer();
            Some(RemovedParser { pointer, key })
        });
        Some(Self {
            removed: removed.collect(),
            http: reader.list(object.get("http"), read_http),
            dns: reader.list(object.get("dns"), read_dns),
            pointer: object.pointer(),
        })
    }
}

fn read_http(reader: &mut Reader, field: &Field<'_>) -> Option<HttpRule> {
    let known = &["path", "method", "host", "headers", "headerMatches"];
    let object = reader.object(field, known)?;
    Some(HttpRule {
        path: reader.text(object.get("path")),
        method: reader.text(object.get("method")),
        host: reader.text(object.get("host")),
        headers: read_places(reader, object.get("headers")),
        header_matches: reader
            .list(object.get("headerMatches"), read_header_match)
            .unwrap_or_default(),
        pointer: object.pointer(),
    })
}

fn read_header_match(reader: &mut Reader, field: &Field<'_>) -> Option<HeaderMatch> {
    let object = reader.object(field, &["name", "value", "mismatch", "secret"])?;
    let secret = object
        .get("secret")
        .and_then(|field| reader.object(&field, &["name", "namespace"]));
    Some(HeaderMatch {
        name: reader.text(object.get("name")).unwrap_or_default(),
        value: reader.text(object.get("value")),
        mismatch: reader.text(object.get("mismatch")),
        secret: secret.map(|secret| reader.text(secret.get("name")).unwrap_or_default()),
        pointer: object.pointer(),
    })
}

fn read_dns(reader: &mut Reader, field: &Field<'_>) -> Option<DnsRule> {
    let object = reader.object(field, &["matchName", "matchPattern"])?;
    Some(DnsRule {
        name: reader.text(object.get("matchName")),
        pattern: reader.text(object.get("matchPattern")),
        pointer: object.pointer(),
    })
}

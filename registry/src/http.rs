//! HTTP under limits: time, size, and where credentials may go.
//!
//! One invariant holds everything here together: a request carries its
//! `Authorization` only to the origin that it was made for. A redirect to
//! anywhere else goes without.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use ureq::http::{Method, Request, Response, StatusCode, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use crate::Failure;

const MAX_REDIRECTS: usize = 5;

/// How registries are reached: with the system's certificate authorities, and
/// through the proxy that the environment names, if any.
#[derive(Debug, Clone)]
pub struct Connection {
    /// A file of certificate authorities, in PEM, besides the system's.
    pub authorities: Option<PathBuf>,
    /// Which registries are spoken to without TLS.
    pub plain_http: PlainHttp,
    /// How long one request may take, its body included.
    pub timeout: Duration,
}

/// Which registries are spoken to without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// Those on this machine that do not speak TLS.
    Loopback,
    /// All.
    Always,
}

/// A request whose body, if any, is at hand.
#[derive(Clone)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) authorization: Option<String>,
    pub(crate) body: &'a [u8],
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, uri: Uri) -> Self {
        Self {
            method,
            uri,
            headers: Vec::new(),
            authorization: None,
            body: &[],
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        self
    }
}

/// An answer, with the address that gave it: it differs from the one asked
/// where a redirect was followed.
pub(crate) struct Answer {
    pub(crate) uri: Uri,
    pub(crate) response: Response<Body>,
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Every value of a header, as one list.
    pub(crate) fn list(&self, name: &str) -> String {
        let values = self.response.headers().get_all(name).iter();
        let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        values.join(", ")
    }

    /// The address in `Location`, which may leave out the host.
    pub(crate) fn location(&self) -> Result<Uri, Failure> {
        let location = self.header("location");
        let missing = || Failure::Malformed("a redirect without `Location`".to_owned());
        resolve(&self.uri, location.ok_or_else(missing)?)
    }

    /// The body, which must not be longer than `limit`.
    pub(crate) fn bytes(self, limit: u64) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        self.reader(limit)
            .read_to_end(&mut bytes)
            .map_err(read_failure)?;
        if bytes.len() as u64 > limit {
            return Err(Failure::TooLarge { limit });
        }
        Ok(bytes)
    }

    /// The body, cut off one byte after `limit`, so that more than that shows.
    pub(crate) fn reader(self, limit: u64) -> impl Read {
        self.response.into_body().into_reader().take(limit + 1)
    }
}

/// Sends requests, and follows redirects of those that only read.
pub(crate) struct Http {
    connection: Connection,
    /// Made at the first use: the system's authorities take a while to read.
    agent: OnceLock<Agent>,
}

impl Http {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            agent: OnceLock::new(),
        }
    }

    pub(crate) fn plain_http(&self) -> PlainHttp {
        self.connection.plain_http
    }

    pub(crate) fn send(&self, mut call: Call<'_>) -> Result<Answer, Failure> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.exchange(&call)?;
            let answer = Answer {
                uri: call.uri.clone(),
                response,
            };
            if !answer.status().is_redirection() {
                return Ok(answer);
            }
            let target = answer.location()?;
            let reads = [Method::GET, Method::HEAD].contains(&call.method);
            let unencrypted =
                call.uri.scheme_str() == Some("https") && target.scheme_str() != Some("https");
            if !reads || unencrypted {
                return Err(Failure::Redirect(without_query(&target)));
            }
            if origin(&target) != origin(&call.uri) {
                call.authorization = None;
            }
            call.uri = target;
        }
        Err(Failure::Redirect(without_query(&call.uri)))
    }

    fn exchange(&self, call: &Call<'_>) -> Result<Response<Body>, Failure> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(call.uri.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        if let Some(authorization) = &call.authorization {
            request = request.header("authorization", authorization);
        }
        let malformed = |error: &dyn std::fmt::Display| Failure::Malformed(error.to_string());
        let agent = self.agent()?;
        let sends = [Method::POST, Method::PUT].contains(&call.method);
        let response = if sends {
            agent.run(request.body(call.body).map_err(|e| malformed(&e))?)
        } else {
            agent.run(request.body(()).map_err(|e| malformed(&e))?)
        };
        response.map_err(failure)
    }

    fn agent(&self) -> Result<&Agent, Failure> {
        if let Some(agent) = self.agent.get() {
            return Ok(agent);
        }
        let agent = agent(&self.connection)?;
        Ok(self.agent.get_or_init(|| agent))
    }
}

fn agent(connection: &Connection) -> Result<Agent, Failure> {
    let tls = TlsConfig::builder()
        .root_certs(authorities(connection)?)
        .build();
    let config = Agent::config_builder()
        .user_agent(concat!("ztgit/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(connection.timeout))
        .tls_config(tls);
    Ok(config.build().into())
}

fn authorities(connection: &Connection) -> Result<RootCerts, Failure> {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut certificates: Vec<_> = system
        .iter()
        .map(|der| Certificate::from_der(der).to_owned())
        .collect();
    if let Some(path) = &connection.authorities {
        let named = read_authorities(path).map_err(|source| {
            let path = path.display().to_string();
            Failure::Authorities { path, source }
        })?;
        certificates.extend(named);
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn read_authorities(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    let pem = fs::read(path)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(io::Error::other)? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(io::Error::other("it has no certificate in PEM"));
    }
    Ok(certificates)
}

/// What a failed exchange means.
fn failure(error: ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::TimedOut,
        ureq::Error::Io(error) => read_failure(error),
        error => Failure::Unreachable(Box::new(error)),
    }
}

/// What it means that a body could not be read to its end.
pub(crate) fn read_failure(error: io::Error) -> Failure {
    let timed_out = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<ureq::Error>())
        .is_some_and(|inner| matches!(inner, ureq::Error::Timeout(_)));
    if timed_out || error.kind() == io::ErrorKind::TimedOut {
        return Failure::TimedOut;
    }
    Failure::Unreachable(Box::new(ureq::Error::Io(error)))
}

/// Scheme, host and port: what credentials are bound to.
pub(crate) fn origin(uri: &Uri) -> (String, String, u16) {
    let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let default = if scheme == "https" { 443 } else { 80 };
    (scheme, host, uri.port_u16().unwrap_or(default))
}

/// An address as given in an answer from `base`.
pub(crate) fn resolve(base: &Uri, location: &str) -> Result<Uri, Failure> {
    let malformed = || Failure::Malformed(format!("`{location}` is no address"));
    let absolute = if location.starts_with('/') && !location.starts_with("//") {
        let authority = base.authority().ok_or_else(malformed)?;
        let scheme = base.scheme_str().ok_or_else(malformed)?;
        format!("{scheme}://{authority}{location}")
    } else {
        location.to_owned()
    };
    let uri: Uri = absolute.parse().map_err(|_| malformed())?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    if web && uri.host().is_some() {
        Ok(uri)
    } else {
        Err(malformed())
    }
}

/// Queries of redirects often carry a signature that gives access.
fn without_query(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split('?').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_without_host_is_on_the_same_host() {
        let base = uri("https://a.example:5000/v2/x");
        assert_eq!(
            resolve(&base, "/v2/y?z=1").unwrap(),
            uri("https://a.example:5000/v2/y?z=1")
        );
        assert!(resolve(&base, "file:///etc/passwd").is_err());
        assert!(resolve(&base, "//b.example/").is_err());
    }

    #[test]
    fn another_port_is_another_origin() {
        assert_eq!(
            origin(&uri("https://a.example/x")),
            origin(&uri("https://A.example:443/y"))
        );
        assert_ne!(
            origin(&uri("https://a.example/x")),
            origin(&uri("https://a.example:444/x"))
        );
        assert_ne!(
            origin(&uri("https://a.example/x")),
            origin(&uri("http://a.example:443/x"))
        );
    }
}

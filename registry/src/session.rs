//! One repository at one registry: where its API is, and what it wants to see
//! before it answers.
//!
//! A challenge is answered only where it comes from the registry's own origin,
//! and a token service is asked without encryption only where the registry is.

use std::collections::BTreeMap;
use std::sync::Mutex;

use http_auth::{ChallengeRef, parse_challenges};
use serde::Deserialize;
use ureq::http::{Method, StatusCode, Uri};

use crate::credentials::CredentialsError;
use crate::http::{Answer, Call, Http, origin};
use crate::{Credential, DockerConfig, Failure, PlainHttp, Registry, Repository};

const TOKEN_LIMIT: u64 = 1 << 20;

/// What one means to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    Pull,
    Push,
}

impl Access {
    fn scope(self, repository: &Repository) -> String {
        let actions = match self {
            Self::Pull => "pull",
            Self::Push => "pull,push",
        };
        format!("repository:{}:{actions}", repository.path())
    }
}

/// What is remembered between requests.
#[derive(Default)]
pub(crate) struct Memory {
    origins: Mutex<BTreeMap<Registry, String>>,
    authorizations: Mutex<BTreeMap<(Repository, Access), String>>,
}

/// Why a request failed before the registry had its say.
pub(crate) enum SessionError {
    Failure(Failure),
    Credentials(CredentialsError),
}

impl From<Failure> for SessionError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<CredentialsError> for SessionError {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}

/// Requests about one repository.
pub(crate) struct Session<'a> {
    http: &'a Http,
    docker: &'a DockerConfig,
    memory: &'a Memory,
    repository: &'a Repository,
    access: Access,
    base: Uri,
}

impl<'a> Session<'a> {
    pub(crate) fn open(
        http: &'a Http,
        docker: &'a DockerConfig,
        memory: &'a Memory,
        repository: &'a Repository,
        access: Access,
    ) -> Result<Self, SessionError> {
        let base = memory.origin(http, repository.registry())?;
        Ok(Self {
            http,
            docker,
            memory,
            repository,
            access,
            base: parse(&format!("{base}/v2/{}/", repository.path()))?,
        })
    }

    /// The address of something in the repository.
    pub(crate) fn address(&self, path: &str) -> Result<Uri, Failure> {
        parse(&format!("{}{path}", self.base))
    }

    /// Sends a request, logs in where the registry asks for it, and turns every
    /// status but a success into a failure.
    pub(crate) fn send(&self, mut call: Call<'_>) -> Result<Answer, SessionError> {
        let ours = origin(&call.uri) == origin(&self.base);
        if ours {
            call.authorization = self.memory.authorization(self.repository, self.access);
        }
        let mut answer = self.http.send(call.clone())?;
        let mut with_credentials = call.authorization.is_some();
        let challenged = answer.status() == StatusCode::UNAUTHORIZED
            && origin(&answer.uri) == origin(&self.base);
        if ours && challenged {
            let credential = self.docker.credential(self.repository.registry())?;
            with_credentials = credential.is_some();
            if let Some(authorization) = self.authorize(&answer, credential.as_ref())? {
                self.memory
                    .remember(self.repository, self.access, &authorization);
                call.authorization = Some(authorization);
                answer = self.http.send(call)?;
            }
        }
        match answer.status().as_u16() {
            200..=299 => Ok(answer),
            status @ (401 | 403) => Err(Failure::NotAllowed {
                status,
                with_credentials,
            }
            .into()),
            404 => Err(Failure::NotFound.into()),
            status @ (429 | 500..=599) => Err(Failure::Unavailable(status).into()),
            status => Err(Failure::Unexpected(status).into()),
        }
    }

    /// The header that answers the registry's challenge, if there is one to give.
    fn authorize(
        &self,
        answer: &Answer,
        credential: Option<&Credential>,
    ) -> Result<Option<String>, Failure> {
        let header = answer.list("www-authenticate");
        let malformed = || Failure::Malformed("its challenge cannot be read".to_owned());
        let challenges = parse_challenges(&header).map_err(|_| malformed())?;
        let scheme = |name: &str| {
            challenges
                .iter()
                .find(|challenge| challenge.scheme.eq_ignore_ascii_case(name))
        };
        if let Some(bearer) = scheme("bearer") {
            return self.token(bearer, credential).map(Some);
        }
        if scheme("basic").is_some() {
            return Ok(credential.and_then(Credential::basic));
        }
        Err(malformed())
    }

    /// A token from the service that the registry names; without credentials
    /// one for what everybody may do.
    fn token(
        &self,
        challenge: &ChallengeRef<'_>,
        credential: Option<&Credential>,
    ) -> Result<String, Failure> {
        let parameter = |name: &str| {
            let found = challenge
                .params
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_unescaped())
        };
        let realm = parameter("realm").unwrap_or_default();
        let mut fields = vec![("scope", self.access.scope(self.repository))];
        fields.extend(parameter("service").map(|service| ("service", service)));
        let answer = self.ask_for_token(&realm, fields, credential)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(match status.as_u16() {
                status @ (400 | 401 | 403) => Failure::NotAllowed {
                    status: if status == 400 { 401 } else { status },
                    with_credentials: credential.is_some(),
                },
                status => Failure::Unavailable(status),
            });
        }
        let token: Token = serde_json::from_slice(&answer.bytes(TOKEN_LIMIT)?)
            .map_err(|_| Failure::Malformed("its token service gives no token".to_owned()))?;
        Ok(format!("Bearer {}", token.text()?))
    }

    fn ask_for_token(
        &self,
        realm: &str,
        mut fields: Vec<(&str, String)>,
        credential: Option<&Credential>,
    ) -> Result<Answer, Failure> {
        let service = parse(realm)?;
        if service.scheme_str() != Some("https") && self.base.scheme_str() == Some("https") {
            return Err(Failure::Redirect(realm.to_owned()));
        }
        if let Some(Credential::Identity(token)) = credential {
            fields.push(("grant_type", "refresh_token".to_owned()));
            fields.push(("client_id", "ztgit".to_owned()));
            fields.push(("refresh_token", token.clone()));
            let form = form(&fields);
            let call = Call::new(Method::POST, service)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.as_bytes());
            return self.http.send(call);
        }
        let separator = if service.query().is_some() { '&' } else { '?' };
        let address = parse(&format!("{realm}{separator}{}", form(&fields)))?;
        let mut call = Call::new(Method::GET, address);
        call.authorization = credential.and_then(Credential::basic);
        self.http.send(call)
    }
}

impl Memory {
    /// Scheme and host of a registry's API.
    fn origin(&self, http: &Http, registry: &Registry) -> Result<String, Failure> {
        if let Some(known) = lock(&self.origins).get(registry) {
            return Ok(known.clone());
        }
        let found = find_origin(http, registry)?;
        lock(&self.origins).insert(registry.clone(), found.clone());
        Ok(found)
    }

    fn authorization(&self, repository: &Repository, access: Access) -> Option<String> {
        let key = (repository.clone(), access);
        lock(&self.authorizations).get(&key).cloned()
    }

    fn remember(&self, repository: &Repository, access: Access, authorization: &str) {
        let key = (repository.clone(), access);
        lock(&self.authorizations).insert(key, authorization.to_owned());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .expect("nothing panics while it holds the lock")
}

/// TLS, but for a registry on this machine that answers only without. Neither
/// question carries credentials.
fn find_origin(http: &Http, registry: &Registry) -> Result<String, Failure> {
    let host = registry.api_host();
    let (encrypted, plain) = (format!("https://{host}"), format!("http://{host}"));
    if http.plain_http() == PlainHttp::Always {
        return Ok(plain);
    }
    if !registry.is_loopback() {
        return Ok(encrypted);
    }
    let probe = |origin: &str| http.send(Call::new(Method::GET, parse(&format!("{origin}/v2/"))?));
    match probe(&encrypted) {
        Ok(_) => Ok(encrypted),
        Err(failure @ (Failure::TimedOut | Failure::Authorities { .. })) => Err(failure),
        Err(failure) => match probe(&plain) {
            Ok(answer) if answer.status() != StatusCode::BAD_REQUEST => Ok(plain),
            _ => Err(failure),
        },
    }
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
}

impl Token {
    fn text(self) -> Result<String, Failure> {
        let token = if self.token.is_empty() {
            self.access_token
        } else {
            self.token
        };
        // What cannot be put into a header is not shown either.
        let printable = |byte: u8| (0x21..0x7f).contains(&byte);
        if token.is_empty() || !token.bytes().all(printable) {
            return Err(Failure::Malformed(
                "its token service gives no token".to_owned(),
            ));
        }
        Ok(token)
    }
}

fn parse(address: &str) -> Result<Uri, Failure> {
    let malformed = || Failure::Malformed(format!("`{address}` is no address"));
    let uri: Uri = address.parse().map_err(|_| malformed())?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    web.then_some(uri).ok_or_else(malformed)
}

/// Fields as `application/x-www-form-urlencoded`.
fn form(fields: &[(&str, String)]) -> String {
    let encode = |value: &String| -> String {
        value
            .bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    fields.join("&")
}

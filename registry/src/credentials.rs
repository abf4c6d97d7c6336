//! Credentials from where `docker login` puts them: a `config.json`, which may
//! send one on to a helper program (`docker-credential-NAME`).

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::Registry;

/// What a helper says where it has nothing for a registry.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// The user name that stands for an identity token.
const TOKEN_USER: &str = "<token>";

/// Why credentials cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file is there and cannot be read.
    #[error("cannot read `{path}`")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not what Docker writes. The parser's own words are left out:
    /// they quote what stands there, which may be a password.
    #[error("`{path}` is no configuration of Docker: see line {line}, column {column}")]
    Format {
        /// The file.
        path: String,
        /// Where the parser stopped.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// An entry of the file is damaged.
    #[error("the credentials for {0} in Docker's configuration are malformed")]
    Entry(Registry),
    /// The helper is not installed, or fails.
    #[error("`docker-credential-{helper}` gives no credentials for {registry}")]
    Helper {
        /// Its name in the configuration.
        helper: String,
        /// For which registry.
        registry: Registry,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Who one is to a registry. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A name and a password.
    Password {
        /// The name.
        user: String,
        /// The password, or an access token in its place.
        password: String,
    },
    /// A token to be exchanged for another.
    Identity(String),
}

impl Credential {
    /// The value of an `Authorization` header; an identity token has none.
    pub(crate) fn basic(&self) -> Option<String> {
        match self {
            Self::Password { user, password } => Some(format!(
                "Basic {}",
                STANDARD.encode(format!("{user}:{password}"))
            )),
            Self::Identity(_) => None,
        }
    }
}

/// Docker's configuration, as far as it is about credentials.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DockerConfig {
    auths: BTreeMap<String, Entry>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HelperAnswer {
    username: String,
    secret: String,
}

impl DockerConfig {
    /// Reads a `config.json`; one that does not exist has no credentials.
    pub fn read(path: &Path) -> Result<Self, CredentialsError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                let path = path.display().to_string();
                return Err(CredentialsError::File { path, source });
            }
        };
        serde_json::from_slice(&text).map_err(|error| CredentialsError::Format {
            path: path.display().to_string(),
            line: error.line(),
            column: error.column(),
        })
    }

    /// The credentials for a registry, by its own helper, the common helper or
    /// the file, in this order.
    pub fn credential(&self, registry: &Registry) -> Result<Option<Credential>, CredentialsError> {
        let keys = keys(registry);
        if let Some(helper) = keys.iter().find_map(|key| self.cred_helpers.get(key)) {
            return ask(helper, registry);
        }
        let entry = keys.iter().find_map(|key| self.auths.get(key));
        if !self.creds_store.is_empty()
            && let Some(credential) = ask(&self.creds_store, registry)?
        {
            return Ok(Some(credential));
        }
        let Some(entry) = entry else {
            return Ok(None);
        };
        entry
            .credential()
            .map_err(|Malformed| CredentialsError::Entry(registry.clone()))
    }
}

struct Malformed;

impl Entry {
    fn credential(&self) -> Result<Option<Credential>, Malformed> {
        if !self.identitytoken.is_empty() {
            return Ok(Some(Credential::Identity(self.identitytoken.clone())));
        }
        if !self.username.is_empty() {
            return Ok(Some(Credential::Password {
                user: self.username.clone(),
                password: self.password.clone(),
            }));
        }
        if self.auth.is_empty() {
            return Ok(None);
        }
        let decoded = STANDARD.decode(&self.auth).map_err(|_| Malformed)?;
        let decoded = String::from_utf8(decoded).map_err(|_| Malformed)?;
        let (user, password) = decoded.split_once(':').ok_or(Malformed)?;
        Ok(Some(Credential::Password {
            user: user.to_owned(),
            password: password.trim_end_matches('\0').to_owned(),
        }))
    }
}

/// Under which names Docker and its relatives keep a registry's credentials.
fn keys(registry: &Registry) -> Vec<String> {
    let host = server(registry);
    let mut keys = vec![registry.to_string(), host.to_owned()];
    for version in ["", "/", "/v1/", "/v2/"] {
        keys.push(format!("https://{}{version}", registry.as_str()));
    }
    keys
}

/// What a helper is asked for.
fn server(registry: &Registry) -> &str {
    match registry.as_str() {
        "docker.io" => "https://index.docker.io/v1/",
        host => host,
    }
}

fn ask(helper: &str, registry: &Registry) -> Result<Option<Credential>, CredentialsError> {
    run_helper(helper, server(registry)).map_err(|source| CredentialsError::Helper {
        helper: helper.to_owned(),
        registry: registry.clone(),
        source,
    })
}

fn run_helper(helper: &str, server: &str) -> io::Result<Option<Credential>> {
    if helper.contains('/') {
        return Err(io::Error::other("a helper's name has no `/`"));
    }
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = child.stdin.take().expect("the input is piped");
    // One that knows a single registry need not read which one is meant.
    let _ = input.write_all(server.as_bytes());
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        if said.trim() == NOT_FOUND {
            return Ok(None);
        }
        return Err(io::Error::other(format!("it ended with {}", output.status)));
    }
    // Not with what it said: that may be the secret.
    let answer: HelperAnswer = serde_json::from_slice(&output.stdout)
        .map_err(|_| io::Error::other("its answer is malformed"))?;
    Ok(Some(match answer.username.as_str() {
        TOKEN_USER => Credential::Identity(answer.secret),
        _ => Credential::Password {
            user: answer.username,
            password: answer.secret,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(config: &str, registry: &str) -> Option<Credential> {
        let config: DockerConfig = serde_json::from_str(config).unwrap();
        config.credential(&registry.parse().unwrap()).unwrap()
    }

    fn password(user: &str, password: &str) -> Credential {
        Credential::Password {
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }

    #[test]
    fn an_entry_is_found_by_host_and_by_address() {
        let ours = r#"{"auths":{"ghcr.io":{"auth":"bWU6cGFzczp3b3Jk"}}}"#;
        assert!(credential(ours, "ghcr.io") == Some(password("me", "pass:word")));
        assert!(credential(ours, "quay.io").is_none());
        let hub = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"}}}"#;
        assert!(credential(hub, "docker.io") == Some(password("a", "b")));
    }

    #[test]
    fn a_token_takes_precedence_over_a_password() {
        let config = r#"{"auths":{"ghcr.io":{"auth":"YTpi","identitytoken":"t"}}}"#;
        assert!(credential(config, "ghcr.io") == Some(Credential::Identity("t".to_owned())));
    }

    #[test]
    fn a_malformed_entry_is_an_error() {
        let config: DockerConfig =
            serde_json::from_str(r#"{"auths":{"ghcr.io":{"auth":"%"}}}"#).unwrap();
        assert!(config.credential(&"ghcr.io".parse().unwrap()).is_err());
    }

    #[test]
    fn a_file_that_is_not_dockers_is_not_quoted() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        std::fs::write(&path, r#"{"auths":{"ghcr.io":"bWU6aHVudGVyMg=="}}"#).unwrap();
        let error = DockerConfig::read(&path).err().unwrap();
        let mut said = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            said.push_str(&cause.to_string());
            source = cause.source();
        }
        assert!(said.contains("line 1, column"), "{said}");
        assert!(!said.contains("bWU6aHVudGVyMg=="), "{said}");
    }

    #[test]
    fn a_helper_that_is_not_installed_is_an_error_that_names_it() {
        let config: DockerConfig =
            serde_json::from_str(r#"{"credHelpers":{"ghcr.io":"not-there"}}"#).unwrap();
        let error = config
            .credential(&"ghcr.io".parse().unwrap())
            .err()
            .unwrap();
        assert_eq!(
            error.to_string(),
            "`docker-credential-not-there` gives no credentials for ghcr.io"
        );
    }
}

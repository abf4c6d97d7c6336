//! Where an artifact is: `host/repository:tag@digest`.
//!
//! The host always stands there. A registry assumed where none is named is how
//! an artifact comes from somewhere nobody thought of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// Why a text does not name an artifact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// The first part is no host.
    #[error("`{0}` names no registry: write its host first, as in `registry.example.net/{0}`")]
    Registry(String),
    /// The path has characters that registries refuse.
    #[error("`{0}` is no repository: lower-case letters, digits, `.`, `_`, `-`, with `/` between")]
    Repository(String),
    /// The tag has characters that registries refuse.
    #[error("`{0}` is no tag: up to 128 letters, digits, `.`, `_` and `-`")]
    Tag(String),
    /// Not a SHA-256.
    #[error("`{0}` is no digest: `sha256:` and 64 lower-case hexadecimal digits")]
    Digest(String),
    /// Neither tag nor digest.
    #[error("`{0}` names no version: append `:TAG` or `@sha256:…`")]
    Version(String),
    /// A tag or digest where a repository is meant.
    #[error("`{0}` is a version: leave out its tag and digest")]
    Versioned(String),
}

/// A registry's host, with its port where it is not the usual one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Registry(String);

impl Registry {
    /// As written in references and in Docker's configuration.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.0.rsplit_once(':').map_or(&*self.0, |(host, _)| host);
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// Where its API answers: for Docker Hub not where its name says.
    pub(crate) fn api_host(&self) -> &str {
        match self.0.as_str() {
            "docker.io" => "registry-1.docker.io",
            host => host,
        }
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Registry {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let name = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        let address = |text: &str| text.parse::<std::net::Ipv6Addr>().is_ok();
        let bracketed = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let valid_host = match bracketed {
            Some(inner) => address(inner),
            None => !host.is_empty() && host.bytes().all(name),
        };
        let valid_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        // What sets a host apart from the first part of a repository's path.
        let is_host = text.contains(['.', ':']) || text == "localhost";
        if valid_host && valid_port && is_host {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Registry(text.to_owned()))
        }
    }
}

/// A place for versions of one artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    registry: Registry,
    path: String,
}

impl Repository {
    /// The host.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The path at that host.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What this tag stands for at the moment.
    pub fn tagged(&self, tag: Tag) -> Reference {
        Reference {
            repository: self.clone(),
            version: Version::Tag(tag),
        }
    }

    /// The artifact whose manifest has this digest.
    pub fn pinned(&self, digest: Digest) -> Reference {
        Reference {
            repository: self.clone(),
            version: Version::Digest(None, digest),
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = text.strip_prefix("oci://").unwrap_or(text);
        let Some((registry, path)) = text.split_once('/') else {
            return Err(ReferenceError::Registry(text.to_owned()));
        };
        let registry = registry
            .parse()
            .map_err(|_| ReferenceError::Registry(text.to_owned()))?;
        if path.contains([':', '@']) {
            return Err(ReferenceError::Versioned(text.to_owned()));
        }
        if path.len() > 255 || !path.split('/').all(is_path_component) {
            return Err(ReferenceError::Repository(path.to_owned()));
        }
        let path = path.to_owned();
        Ok(Self { registry, path })
    }
}

/// Words of lower-case letters and digits, with `.`, `_`, `__` or hyphens between.
fn is_path_component(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let separator =
        |text: &str| ["", ".", "_", "__"].contains(&text) || text.bytes().all(|byte| byte == b'-');
    let ends = [text.bytes().next(), text.bytes().next_back()];
    ends.iter().all(|end| end.is_some_and(word)) && separators.into_iter().all(separator)
}

/// A name for a version, which its owner may move.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(String);

impl Tag {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Tag {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let rest = |byte: u8| word(byte) || b".-".contains(&byte);
        let starts = text.bytes().next().is_some_and(word);
        if starts && text.len() <= 128 && text.bytes().all(rest) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReferenceError::Tag(text.to_owned()))
        }
    }
}

/// One version of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Reference {
    repository: Repository,
    version: Version,
}

/// With both, the digest decides and the tag is for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    Tag(Tag),
    Digest(Option<Tag>, Digest),
}

impl Reference {
    /// Where the versions are.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tag, where one is written.
    pub fn tag(&self) -> Option<&Tag> {
        match &self.version {
            Version::Tag(tag) => Some(tag),
            Version::Digest(tag, _) => tag.as_ref(),
        }
    }

    /// The digest, where it is pinned.
    pub fn digest(&self) -> Option<&Digest> {
        match &self.version {
            Version::Tag(_) => None,
            Version::Digest(_, digest) => Some(digest),
        }
    }

    /// The same, pinned to this digest.
    pub fn pinned(&self, digest: Digest) -> Self {
        Self {
            repository: self.repository.clone(),
            version: Version::Digest(self.tag().cloned(), digest),
        }
    }

    /// What the registry is asked for.
    pub(crate) fn query(&self) -> String {
        match &self.version {
            Version::Tag(tag) => tag.to_string(),
            Version::Digest(_, digest) => digest.to_string(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = self.tag() {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest() {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest.parse()?)),
            None => (text, None),
        };
        let start_of_path = named.rfind('/').unwrap_or(0);
        let (repository, tag) = match named[start_of_path..].rfind(':') {
            Some(colon) => {
                let colon = start_of_path + colon;
                (&named[..colon], Some(named[colon + 1..].parse()?))
            }
            None => (named, None),
        };
        let repository = repository.parse()?;
        let version = match (tag, digest) {
            (tag, Some(digest)) => Version::Digest(tag, digest),
            (Some(tag), None) => Version::Tag(tag),
            (None, None) => return Err(ReferenceError::Version(text.to_owned())),
        };
        Ok(Self {
            repository,
            version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_reads_what_it_writes() {
        let digest = Digest::of(b"");
        for text in [
            "ghcr.io/example/plugin:1.2.0".to_owned(),
            "localhost:5000/plugin:v1".to_owned(),
            "[::1]:5000/a/b__c/d-e:1".to_owned(),
            format!("registry.example.net/a@{digest}"),
            format!("registry.example.net/a:1.0@{digest}"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_prefix_that_flux_writes_is_accepted() {
        let reference: Reference = "oci://ghcr.io/example/fleet:latest".parse().unwrap();
        assert_eq!(reference.to_string(), "ghcr.io/example/fleet:latest");
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        for (text, expected) in [
            ("plugin:1", ReferenceError::Registry("plugin".into())),
            (
                "example/plugin:1",
                ReferenceError::Registry("example/plugin".into()),
            ),
            ("ghcr.io/a", ReferenceError::Version("ghcr.io/a".into())),
            ("ghcr.io/A:1", ReferenceError::Repository("A".into())),
            ("ghcr.io/a//b:1", ReferenceError::Repository("a//b".into())),
            ("ghcr.io/a:-1", ReferenceError::Tag("-1".into())),
            (
                "ghcr.io/a@sha256:1",
                ReferenceError::Digest("sha256:1".into()),
            ),
        ] {
            assert_eq!(text.parse::<Reference>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        let loopback = |text: &str| text.parse::<Registry>().unwrap().is_loopback();
        assert!(loopback("localhost:5000") && loopback("127.0.0.9:1") && loopback("[::1]:5000"));
        assert!(!loopback("127.example.net") && !loopback("localhost.example.net:5000"));
    }
}

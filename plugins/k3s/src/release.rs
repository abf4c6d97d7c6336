//! A release of k3s, pinned: its version and the digests of its programs.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use ztgit_plugin::Diagnostic;

/// Which k3s the nodes install.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Install {
    /// The release, such as `v1.36.2+k3s1`.
    pub version: Version,
    /// Digests of the release's program, as its `sha256sum-ARCH.txt` has them.
    pub sha256: Checksums,
}

/// The digests of a release, by Debian's names of architectures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Checksums {
    /// Of `k3s`.
    pub amd64: Option<Sha256>,
    /// Of `k3s-arm64`.
    pub arm64: Option<Sha256>,
}

/// The tag of a k3s release: `v1.36.2+k3s1`, or with `-rc1` before the `+`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Version(String);

/// A SHA-256 in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256(String);

impl Checksums {
    /// The digests that are there: architecture, the program's name in the
    /// release, digest.
    pub(crate) fn programs(&self) -> impl Iterator<Item = (&'static str, &'static str, &Sha256)> {
        [
            ("amd64", "k3s", &self.amd64),
            ("arm64", "k3s-arm64", &self.arm64),
        ]
        .into_iter()
        .filter_map(|(architecture, program, digest)| {
            Some((architecture, program, digest.as_ref()?))
        })
    }

    /// Without any digest no node could install anything.
    pub(crate) fn check(&self) -> Option<Diagnostic> {
        self.programs().next().is_none().then(|| {
            Diagnostic::error("no-checksum", "`sha256` has no digest for any architecture")
                .at_config(["install", "sha256"])
                .hint("take the digest of `k3s` from the release's sha256sum-amd64.txt, that of `k3s-arm64` from its sha256sum-arm64.txt")
        })
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_number = |part: &str| {
            (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let is_release = |text: &str| {
            let (kubernetes, build) = text.strip_prefix('v')?.split_once("+k3s")?;
            let (core, candidate) = match kubernetes.split_once("-rc") {
                Some((core, candidate)) => (core, Some(candidate)),
                None => (kubernetes, None),
            };
            let numbers = core.split('.').collect::<Vec<_>>();
            let is_one = numbers.len() == 3
                && numbers.into_iter().chain(candidate).all(is_number)
                && is_number(build);
            is_one.then_some(())
        };
        match is_release(&text) {
            Some(()) => Ok(Self(text)),
            None => Err(format!(
                "`{text}` is not a k3s release such as v1.36.2+k3s1"
            )),
        }
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_digest = text.len() == 64
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_digest {
            Ok(Self(text))
        } else {
            Err(format!(
                "`{text}` is not a SHA-256 of 64 lower-case hexadecimal digits"
            ))
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Version {
    fn schema_name() -> Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "The tag of a k3s release, such as v1.36.2+k3s1.",
            "pattern": r"^v[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(-rc[0-9]{1,4})?\+k3s[0-9]{1,4}$"
        })
    }
}

impl JsonSchema for Sha256 {
    fn schema_name() -> Cow<'static, str> {
        "Sha256".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A SHA-256 in lower-case hexadecimal digits.",
            "pattern": "^[0-9a-f]{64}$"
        })
    }
}

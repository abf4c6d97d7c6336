//! Secret material in output: it must never reach a repository.

use std::sync::LazyLock;

use regex::bytes::Regex;
use serde_json::Value;

/// Where a secret stands, and of which kind; never the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Line from 1.
    pub line: usize,
    /// What it is.
    pub what: &'static str,
}

/// What tokens begin with, and how long they are at least.
const TOKENS: [(&str, usize, &str); 5] = [
    ("ghp_", 40, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 26, "a GitLab token"),
    ("AKIA", 20, "an AWS access key"),
    ("AGE-SECRET-KEY-1", 74, "an age identity"),
];
const SHORTEST_TOKEN: usize = 20;

/// What keys of WireGuard are called, in lower case.
const KEYS: [(&str, &str); 2] = [
    ("privatekey", "a WireGuard private key"),
    ("presharedkey", "a WireGuard preshared key"),
];
/// What a line with a private key in PEM has in it.
const PEM: &str = "PRIVATE KEY";

/// What stands somewhere in every file that holds a secret. Few others have it, so
/// that few are read line by line.
static TRACES: LazyLock<Regex> = LazyLock::new(|| {
    let tokens = TOKENS.iter().map(|(prefix, _, _)| (*prefix).to_owned());
    let keys = KEYS.iter().map(|(key, _)| format!("(?i-u:{key})"));
    let traces: Vec<String> = tokens.chain(keys).chain([PEM.to_owned()]).collect();
    Regex::new(&traces.join("|")).expect("the words have no character with a meaning")
});

/// Whether an object is a Secret whose data anybody can read.
pub fn is_plain_secret(object: &Value) -> bool {
    let is_secret = object["apiVersion"] == "v1" && object["kind"] == "Secret";
    let has = |field: &str| {
        object[field]
            .as_object()
            .is_some_and(|data| !data.is_empty())
    };
    is_secret && (has("data") || has("stringData")) && object["sops"].is_null()
}

/// The first secret in a file, if there is one.
pub fn find(bytes: &[u8]) -> Option<Secret> {
    if !TRACES.is_match(bytes) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines().enumerate();
    lines.find_map(|(index, line)| {
        let traced = TRACES.is_match(line.as_bytes()).then_some(line)?;
        secret_in(traced).map(|what| Secret {
            line: index + 1,
            what,
        })
    })
}

fn secret_in(line: &str) -> Option<&'static str> {
    if line.contains("-----BEGIN ") && line.contains(PEM) {
        return Some("a private key in PEM");
    }
    for (key, what) in KEYS {
        if value_of(line, key).is_some_and(is_base64_of_32_bytes) {
            return Some(what);
        }
    }
    line.as_bytes()
        .split(|byte| !is_of_a_token(*byte))
        .find_map(token)
}

/// What a line sets a key to, in WireGuard's notation or in YAML.
fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let line = line.to_ascii_lowercase().find(key).map(|at| &line[at..])?;
    let rest = line.get(key.len()..)?.trim_start_matches(['"', '\'']);
    let value = rest.trim_start().strip_prefix(['=', ':'])?;
    let end = |character: char| character.is_whitespace() || "\"',}".contains(character);
    let value = value.trim_start_matches([' ', '\t', '"', '\'']);
    Some(value.split(end).next().unwrap_or(value))
}

/// A word that some service gives out as a credential.
fn token(word: &[u8]) -> Option<&'static str> {
    // Most words of every file end here.
    if word.len() < SHORTEST_TOKEN {
        return None;
    }
    TOKENS
        .iter()
        .find(|(prefix, length, _)| word.starts_with(prefix.as_bytes()) && word.len() >= *length)
        .map(|(_, _, what)| *what)
}

fn is_of_a_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn is_base64_of_32_bytes(text: &str) -> bool {
    text.len() == 44
        && text.ends_with('=')
        && text[..43]
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_private_key_is_found_by_its_line() {
        let file = b"[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n";
        assert_eq!(
            find(file),
            Some(Secret {
                line: 2,
                what: "a WireGuard private key"
            })
        );
        assert!(find(b"-----BEGIN OPENSSH PRIVATE KEY-----").is_some());
    }

    #[test]
    fn a_private_key_in_a_stack_is_found() {
        let key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
        for line in [
            format!("privateKey: {key}"),
            format!("  laptop: {{privateKey: \"{key}\", address: 10.0.0.2}}"),
            format!("\"presharedKey\": '{key}'"),
        ] {
            assert!(find(line.as_bytes()).is_some(), "{line}");
        }
        assert!(find(format!("publicKey: {key}").as_bytes()).is_none());
        assert!(find(b"privateKeySecretRef: {name: acme}").is_none());
    }

    #[test]
    fn a_token_is_found_among_other_words() {
        for (prefix, length, what) in TOKENS {
            let token = format!("{prefix}{}", "A".repeat(length - prefix.len()));
            let file = format!("a: b\nurl: https://x:{token}@git.example.net/\n");
            assert_eq!(find(file.as_bytes()), Some(Secret { line: 2, what }));
            let shorter = &token[..length - 1];
            assert_eq!(
                find(shorter.as_bytes()),
                None,
                "{shorter} is too short for one"
            );
            assert_eq!(
                find(format!("x{token}").as_bytes()),
                None,
                "a word that begins otherwise"
            );
        }
    }

    #[test]
    fn a_secret_with_data_is_plain_until_it_is_encrypted() {
        let secret = |fields: Value| {
            let mut object = json!({"apiVersion": "v1", "kind": "Secret"});
            object
                .as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            is_plain_secret(&object)
        };
        assert!(secret(json!({"data": {"token": "eA=="}})));
        assert!(secret(json!({"stringData": {"token": "x"}})));
        assert!(!secret(
            json!({"stringData": {"token": "ENC[…]"}, "sops": {"version": "3"}})
        ));
        assert!(!secret(json!({"type": "Opaque"})));
    }

    #[test]
    fn placeholders_and_public_keys_are_none() {
        assert_eq!(find(b"# PrivateKey = <made on this device>\n"), None);
        assert_eq!(
            find(b"PublicKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"),
            None
        );
        assert_eq!(find(b"-----BEGIN CERTIFICATE-----"), None);
    }
}

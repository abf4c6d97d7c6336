//! Paths of files on a node.
//!
//! Text of a manifest enters; a [`HostPath`] is absolute and normal, and holds
//! nothing that a shell, a unit file or a terminal would take for more than a
//! name.

use std::fmt;

use serde::{Deserialize, Serialize};

const LONGEST_PATH: usize = 1024;
const LONGEST_NAME: usize = 255;
const DEEPEST_PATH: usize = 16;

/// An absolute, normal path of a file. Ordered by its bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPath(String);

/// Why a text is no path of a node's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no path of a host file: {fault}")]
pub struct HostPathError {
    text: String,
    fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("it must begin with `/`")]
    Relative,
    #[error("it is too long or too deep")]
    TooLong,
    #[error("`{0}` is no name of a file")]
    Name(String),
    #[error("{0:?} is no letter, digit or one of `@._+:-`")]
    Character(char),
}

impl HostPath {
    /// Checks a text.
    pub fn new(text: impl Into<String>) -> Result<Self, HostPathError> {
        let text = text.into();
        match fault(&text) {
            None => Ok(Self(text)),
            Some(fault) => Err(HostPathError { text, fault }),
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the slash in front: as seen from the root.
    pub(crate) fn relative(&self) -> &str {
        &self.0[1..]
    }

    /// The directory as seen from the root, `.` for the root itself, and the
    /// name in it.
    pub(crate) fn split(&self) -> (&str, &str) {
        self.relative()
            .rsplit_once('/')
            .unwrap_or((".", self.relative()))
    }
}

fn fault(text: &str) -> Option<Fault> {
    let Some(relative) = text.strip_prefix('/') else {
        return Some(Fault::Relative);
    };
    if text.len() > LONGEST_PATH || relative.split('/').count() > DEEPEST_PATH {
        return Some(Fault::TooLong);
    }
    relative.split('/').find_map(|name| {
        if matches!(name, "" | "." | "..") || name.len() > LONGEST_NAME {
            return Some(Fault::Name(name.to_owned()));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "@._+:-".contains(c);
        name.chars().find(|c| !plain(*c)).map(Fault::Character)
    })
}

impl fmt::Display for HostPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HostPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl TryFrom<String> for HostPath {
    type Error = HostPathError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<HostPath> for String {
    fn from(path: HostPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_normal_paths_are_taken() {
        for text in [
            "",
            "/",
            "etc/x",
            "../x",
            "/etc/../x",
            "/etc/./x",
            "/a//b",
            "/a/",
            "/a b",
            "/a\nb",
            "/a\\b",
            "/a\0b",
            "/\u{202e}",
            "/$(x)",
        ] {
            assert!(HostPath::new(text).is_err(), "{text:?}");
        }
        assert!(HostPath::new(format!("/{}", "x".repeat(256))).is_err());
        assert!(HostPath::new("/a".repeat(17)).is_err());
        assert!(HostPath::new("/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf").is_ok());
    }

    #[test]
    fn a_path_is_a_directory_and_a_name() {
        assert_eq!(HostPath::new("/etc/a/b").unwrap().split(), ("etc/a", "b"));
        assert_eq!(HostPath::new("/b").unwrap().split(), (".", "b"));
    }
}

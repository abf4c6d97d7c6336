//! The bytes of a commit in, a signature over them out.
//!
//! The program that the user's git is configured to sign with is run as git runs
//! it, so that agents, smart cards and password managers work. Without a signature
//! there is no commit.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use git2::{Config, ErrorCode};

use super::error::Error;
use super::repository::FleetRepository;
use super::signature::Identity;

/// What stands for a signature in what `gpg` says of its work.
const CREATED: &str = "[GNUPG:] SIG_CREATED ";
const STATUS: &str = "[GNUPG:] ";
/// What a signature by SSH is for; it counts nowhere else.
const NAMESPACE: &str = "git";

/// How commits are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// By `gpg`, `gpgsm` or what has their command line.
    Gpg {
        /// The program.
        program: PathBuf,
        /// The key, in the program's words.
        key: String,
    },
    /// By `ssh-keygen` or what has its command line.
    Ssh {
        /// The program.
        program: PathBuf,
        /// The key.
        key: SshKey,
    },
}

/// Where an SSH key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SshKey {
    /// In a file: a private key, or the public half of one that the agent has.
    File(PathBuf),
    /// With the agent; this is its public half.
    Agent(String),
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// Git would not know either.
    #[error("git's `gpg.format` is `{0}`, none of openpgp, ssh and x509")]
    Format(String),
    /// Git is not told which key, and the program has no choice of its own.
    #[error("git's configuration names no SSH key to sign with")]
    NoKey,
    /// The program is not there.
    #[error("cannot run {}, which is to sign the commit", program.display())]
    Program {
        /// Which.
        program: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It is there, and did not sign.
    #[error("{} did not sign the commit: {said}", program.display())]
    Refused {
        /// Which.
        program: PathBuf,
        /// What it wrote to its standard error.
        said: String,
    },
    /// Programs that read files cannot be given one.
    #[error("cannot write a file to be signed")]
    Scratch(#[from] io::Error),
}

impl SigningError {
    pub(super) fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Format(_) => "set it with `git config gpg.format ssh`, or give `--sign=KEYFILE`",
            Self::NoKey => {
                "set it with `git config user.signingKey PATH`, or give `--sign=KEYFILE`"
            }
            Self::Program { .. } => {
                "install it, or name another with git's `gpg.program` or `gpg.ssh.program`"
            }
            Self::Refused { .. } => {
                "nothing was committed; see whether `git commit -S` works with the same key"
            }
            Self::Scratch(_) => return Vec::new(),
        };
        vec![hint.to_owned()]
    }
}

impl FleetRepository {
    /// From now on commits are signed, or not made.
    pub fn sign_with(&mut self, signer: Signer) {
        self.signer = Some(signer);
    }

    /// Whether git's configuration has every commit signed.
    pub fn signs_by_default(&self) -> Result<bool, Error> {
        let config = self.configuration()?;
        match config.get_bool("commit.gpgSign") {
            Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
            result => result.map_err(|source| self.failed("read `commit.gpgSign`", source)),
        }
    }

    /// How git's configuration has commits signed.
    pub fn configured_signer(&self) -> Result<Signer, Error> {
        let config = self.configuration()?;
        let format = config.get_string("gpg.format");
        let signer = match format.as_deref().unwrap_or("openpgp") {
            "openpgp" => self.gpg(&config, &["gpg.openpgp.program", "gpg.program"], "gpg")?,
            "x509" => self.gpg(&config, &["gpg.x509.program"], "gpgsm")?,
            "ssh" => Signer::Ssh {
                program: ssh_program(&config),
                key: self.ssh_key(&config)?,
            },
            other => return Err(SigningError::Format(other.to_owned()).into()),
        };
        Ok(signer)
    }

    /// Signs with an SSH key in a file.
    pub fn ssh_signer(&self, key: PathBuf) -> Result<Signer, Error> {
        Ok(Signer::Ssh {
            program: ssh_program(&self.configuration()?),
            key: SshKey::File(key),
        })
    }

    fn gpg(&self, config: &Config, names: &[&str], default: &str) -> Result<Signer, Error> {
        let key = match config.get_string("user.signingKey") {
            Ok(key) => key,
            // Git leaves the choice to the program then, by who commits.
            Err(_) => self
                .identity()?
                .as_ref()
                .map(by_identity)
                .unwrap_or_default(),
        };
        Ok(Signer::Gpg {
            program: program(config, names, default),
            key,
        })
    }

    fn ssh_key(&self, config: &Config) -> Result<SshKey, Error> {
        if let Ok(key) = config.get_string("user.signingKey") {
            if let Some(key) = literal(&key) {
                return Ok(SshKey::Agent(key.to_owned()));
            }
            let path = config.get_path("user.signingKey");
            let path = path.unwrap_or_else(|_| key.into());
            return Ok(SshKey::File(self.path().join(path)));
        }
        let command = config.get_string("gpg.ssh.defaultKeyCommand");
        let command = command.map_err(|_| SigningError::NoKey)?;
        let mut shell = Command::new("sh");
        let output = shell.arg("-c").arg(&command).stdin(Stdio::null()).output();
        let output = finished(Path::new(&command), output)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let key = text.lines().next().and_then(literal);
        let key = key.ok_or(SigningError::NoKey)?;
        Ok(SshKey::Agent(key.to_owned()))
    }
}

impl Signer {
    /// The signature of these bytes, in lines of text.
    pub(super) fn sign(&self, bytes: &[u8]) -> Result<String, SigningError> {
        let signature = match self {
            Self::Gpg { program, key } => sign_with_gpg(program, key, bytes)?,
            Self::Ssh { program, key } => sign_with_ssh(program, key, bytes)?,
        };
        // On Windows they write its line ends.
        Ok(String::from_utf8_lossy(&signature).replace('\r', ""))
    }
}

/// A commit with the header that holds its signature.
pub(super) fn with_signature(commit: &[u8], signature: &str) -> Vec<u8> {
    let end = commit.windows(2).position(|pair| pair == b"\n\n");
    let (headers, message) = commit.split_at(end.expect("headers end in an empty line"));
    let signature = signature.trim_end().replace('\n', "\n ");
    [headers, b"\ngpgsig ", signature.as_bytes(), message].concat()
}

fn sign_with_gpg(program: &Path, key: &str, bytes: &[u8]) -> Result<Vec<u8>, SigningError> {
    let mut command = Command::new(program);
    command.args(["--status-fd=2", "-bsau", key]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let output = command
        .stderr(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            let stdin = child.stdin.take();
            // Where it does not listen, it has said why.
            let _ = stdin.expect("there is a pipe to it").write_all(bytes);
            child.wait_with_output()
        });
    let output = finished(program, output)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if said.lines().any(|line| line.starts_with(CREATED)) {
        return Ok(output.stdout);
    }
    Err(refused(program, &output))
}

fn sign_with_ssh(program: &Path, key: &SshKey, bytes: &[u8]) -> Result<Vec<u8>, SigningError> {
    let scratch = tempfile::tempdir()?;
    let commit = scratch.path().join("commit");
    fs::write(&commit, bytes)?;
    let mut command = Command::new(program);
    command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]);
    match key {
        SshKey::File(path) => command.arg(path),
        SshKey::Agent(key) => {
            let public = scratch.path().join("key.pub");
            fs::write(&public, key)?;
            command.arg(public).arg("-U")
        }
    };
    let output = command.arg(&commit).stdin(Stdio::null()).output();
    let output = finished(program, output)?;
    fs::read(commit.with_extension("sig")).map_err(|_| refused(program, &output))
}

/// A program's output, if it ended well.
fn finished(program: &Path, output: io::Result<Output>) -> Result<Output, SigningError> {
    let output = output.map_err(|source| SigningError::Program {
        program: program.to_owned(),
        source,
    })?;
    if output.status.success() {
        return Ok(output);
    }
    Err(refused(program, &output))
}

/// What `gpg` says for programs says nothing to people.
fn refused(program: &Path, output: &Output) -> SigningError {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(STATUS))
        .collect();
    let said = match lines.as_slice() {
        [] => output.status.to_string(),
        lines => lines.join("; "),
    };
    SigningError::Refused {
        program: program.to_owned(),
        said,
    }
}

fn program(config: &Config, names: &[&str], default: &str) -> PathBuf {
    let found = names.iter().find_map(|name| config.get_path(name).ok());
    found.unwrap_or_else(|| default.into())
}

fn ssh_program(config: &Config) -> PathBuf {
    program(config, &["gpg.ssh.program"], "ssh-keygen")
}

fn by_identity(identity: &Identity) -> String {
    format!("{} <{}>", identity.name, identity.email)
}

/// A public key that stands where a path could.
fn literal(key: &str) -> Option<&str> {
    key.strip_prefix("key::")
        .or_else(|| key.starts_with("ssh-").then_some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_last_header() {
        let commit = b"tree t\ncommitter c\n\nmessage\n\nmore\n";
        let signed = with_signature(commit, "BEGIN\nEND\n");
        assert_eq!(
            String::from_utf8(signed).unwrap(),
            "tree t\ncommitter c\ngpgsig BEGIN\n END\n\nmessage\n\nmore\n"
        );
    }

    #[test]
    fn a_public_key_is_not_taken_for_a_path() {
        assert_eq!(
            literal("key::ecdsa-sha2-nistp256 A"),
            Some("ecdsa-sha2-nistp256 A")
        );
        assert_eq!(literal("ssh-ed25519 A"), Some("ssh-ed25519 A"));
        assert_eq!(literal("~/.ssh/id_ed25519"), None);
    }
}

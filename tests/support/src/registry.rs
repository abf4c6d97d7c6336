//! A registry of one's own: Debian's `docker-registry` on a free port of this
//! machine, which ends with the test.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::tools::require_tool;

const PROGRAM: &str = "docker-registry";
const USER: &str = "ztgit";
const PASSWORD: &str = "not a secret";
/// `htpasswd -nbB` of the two.
const HTPASSWD: &str = "ztgit:$2y$04$FQWGszhAm8yG0QQVA5RMr.cnn/ZZN/6GugqV9FuTT6.I4wzvlH5wO\n";

/// Whom a registry lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Everybody, without TLS.
    Open,
    /// Those who trust its certificate and know the password.
    Locked,
}

/// A registry that runs until it is dropped.
pub struct RegistryServer {
    process: Child,
    host: String,
    directory: TempDir,
}

impl RegistryServer {
    /// Starts one; `None` where the program is not installed, in which case the
    /// test is skipped as with [`require_tool`].
    pub fn start(guard: Guard) -> Option<Self> {
        require_tool(PROGRAM)?;
        let directory = tempfile::tempdir().expect("there is room for a registry");
        // A port that was free a moment ago may be taken by another test.
        for _ in 0..5 {
            let port = free_port();
            let host = format!("127.0.0.1:{port}");
            configure(directory.path(), &host, guard);
            let mut process = run(directory.path());
            if is_up(&mut process, &host) {
                return Some(Self {
                    process,
                    host,
                    directory,
                });
            }
            end(&mut process);
        }
        let log = fs::read_to_string(directory.path().join("log")).unwrap_or_default();
        panic!("docker-registry does not start:\n{log}");
    }

    /// Host and port, as references have them.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The certificate to trust, where the registry is locked.
    pub fn authorities(&self) -> PathBuf {
        self.directory.path().join("tls.crt")
    }

    /// A directory with a `config.json` as `docker login` leaves it.
    pub fn docker_config(&self) -> PathBuf {
        self.directory.path().join("docker")
    }

    /// The user and the password that a locked registry knows.
    pub fn login(&self) -> (&'static str, &'static str) {
        (USER, PASSWORD)
    }

    /// The file that a blob or manifest is kept in, by the hexadecimal digits of
    /// its SHA-256.
    pub fn blob(&self, hex: &str) -> PathBuf {
        let blobs = "storage/docker/registry/v2/blobs/sha256";
        let directory = self.directory.path().join(blobs);
        directory.join(&hex[..2]).join(hex).join("data")
    }
}

impl Drop for RegistryServer {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// A new key pair for signatures, in PEM: private and public.
pub fn signing_keys() -> (String, String) {
    let keys = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256);
    let keys = keys.expect("ring makes keys");
    (keys.serialize_pem(), keys.public_key_pem())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

fn configure(directory: &Path, host: &str, guard: Guard) {
    let write = |name: &str, content: &str| {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().expect("it is in a directory"))
            .and_then(|()| fs::write(&path, content))
            .expect("the directory is writable");
        path.display().to_string()
    };
    let storage = directory.join("storage").display().to_string();
    let mut config = format!(
        "version: 0.1\nlog: {{level: warn}}\nstorage: {{filesystem: {{rootdirectory: {storage}}}}}\n\
         http:\n  addr: {host}\n  secret: test\n"
    );
    if guard == Guard::Locked {
        let certificate =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("ring makes keys");
        let crt = write("tls.crt", &certificate.cert.pem());
        let key = write("tls.key", &certificate.signing_key.serialize_pem());
        let htpasswd = write("htpasswd", HTPASSWD);
        write!(
            config,
            "  tls: {{certificate: {crt}, key: {key}}}\n\
             auth: {{htpasswd: {{realm: test, path: {htpasswd}}}}}\n"
        )
        .expect("texts grow");
        let auth = format!(r#"{{"username":"{USER}","password":"{PASSWORD}"}}"#);
        let login = format!(r#"{{"auths":{{"{host}":{auth}}}}}"#);
        write("docker/config.json", &login);
    }
    write("config.yml", &config);
}

fn run(directory: &Path) -> Child {
    let log = fs::File::create(directory.join("log")).expect("the directory is writable");
    Command::new(PROGRAM)
        .arg("serve")
        .arg(directory.join("config.yml"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("it was there a moment ago")
}

/// Whether it listens before it ends, or before half a minute is over.
fn is_up(process: &mut Child, host: &str) -> bool {
    for _ in 0..600 {
        if process.try_wait().ok().flatten().is_some() {
            return false;
        }
        if TcpStream::connect(host).is_ok() {
            return true;
        }
        sleep(Duration::from_millis(50));
    }
    false
}

fn end(process: &mut Child) {
    // One that has ended by itself cannot be stopped, and need not be.
    let _ = process.kill();
    let _ = process.wait();
}

//! Where artifacts are pushed to and pulled from: Debian's `docker-registry`, the
//! reference implementation.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use tempfile::TempDir;

use crate::cluster::{Process, free_port};
use crate::state::state_directory;
use crate::wait::wait_for;

/// A running registry, without certificates. What is in it goes with it.
pub struct Registry {
    // Dropped before the directory that it serves.
    _process: Process,
    _directory: TempDir,
    port: u16,
}

impl Registry {
    /// Starts an empty one.
    pub fn start() -> Self {
        let directory = state_directory();
        let port = free_port();
        let config = directory.path().join("config.yaml");
        let text = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
            directory.path().join("registry").display()
        );
        fs::write(&config, text).expect("the directory is writable");
        let arguments = ["serve".to_owned(), config.display().to_string()];
        let program = Path::new("docker-registry");
        let process = Process::start(program, &arguments, directory.path(), |_| {});
        wait_for("the registry (of docker-registry)", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(|error| error.to_string())
        });
        Self {
            _process: process,
            _directory: directory,
            port,
        }
    }

    /// The address of a folder of artifacts in it.
    pub fn url(&self, folder: &str) -> String {
        format!("oci://127.0.0.1:{}/{folder}", self.port)
    }
}

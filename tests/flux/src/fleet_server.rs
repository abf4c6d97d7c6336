//! Where the fleet repository is fetched from and pushed to: bare repositories
//! over git's smart HTTP protocol.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::cluster::{Process, free_port};
use crate::installation::Installation;
use crate::state::state_directory;
use crate::wait::wait_for;

/// A running server. Its repositories go with it.
pub struct FleetServer {
    // Dropped before the directory that it serves.
    _process: Process,
    directory: TempDir,
    port: u16,
}

impl FleetServer {
    /// Starts one without repositories.
    pub fn start() -> Self {
        let directory = state_directory();
        let home = directory.path().join("home");
        let repositories = directory.path().join("git");
        fs::create_dir(&repositories).expect("the directory is empty");
        fs::create_dir(&home).expect("the directory is empty");
        let config = "[safe]\n\tdirectory = *\n[http]\n\treceivepack = true\n";
        fs::write(home.join(".gitconfig"), config).expect("the directory is writable");
        let port = free_port();
        let program = Installation::locate().program("git-http");
        let arguments = [
            format!("127.0.0.1:{port}"),
            repositories.display().to_string(),
        ];
        let process = Process::start(&program, &arguments, directory.path(), |command| {
            command.env("HOME", &home);
        });
        wait_for("the fleet server", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(|error| error.to_string())
        });
        Self {
            _process: process,
            directory,
            port,
        }
    }

    /// Makes an empty repository and gives its URL.
    pub fn create(&self, name: &str) -> String {
        let output = Command::new("git")
            .args(["init", "--quiet", "--bare", "--initial-branch=main"])
            .arg(self.repository(name))
            .output()
            .expect("git is there");
        assert!(output.status.success(), "git init: {output:?}");
        format!("http://127.0.0.1:{}/{name}.git", self.port)
    }

    fn repository(&self, name: &str) -> PathBuf {
        self.directory
            .path()
            .join("git")
            .join(format!("{name}.git"))
    }
}

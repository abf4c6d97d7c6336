//! The client against real registries and against hostile ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cached;
mod cosign;
mod costs;
mod hostile;
mod hostile_server;
mod real;
mod signatures;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use ztgit_registry::wasm::{self, Interfaces};
use ztgit_registry::{
    Artifact, Client, Connection, DockerConfig, Error, Failure, Limits, PlainHttp, Repository, Tag,
};
use ztgit_test_support::RegistryServer;

/// A client that trusts a registry's certificate and knows its password.
fn client_of(server: &RegistryServer) -> Client {
    let authorities = server.authorities();
    let docker = DockerConfig::read(&server.docker_config().join("config.json")).unwrap();
    client(authorities.exists().then_some(authorities), docker)
}

fn client(authorities: Option<PathBuf>, docker: DockerConfig) -> Client {
    let connection = Connection {
        authorities,
        plain_http: PlainHttp::Loopback,
        timeout: Duration::from_secs(30),
    };
    Client::new(connection, docker, Limits::default())
}

fn repository(host: &str) -> Repository {
    format!("{host}/example/plugin").parse().unwrap()
}

fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

/// An artifact whose layer is these bytes.
fn component(content: &[u8]) -> Artifact {
    wasm::artifact(content.to_vec(), Interfaces::default(), BTreeMap::new())
}

/// Why the registry did not do what it was asked for.
fn failure<T: std::fmt::Debug>(result: Result<T, Error>) -> Failure {
    match result.unwrap_err() {
        Error::Registry { failure, .. } => failure,
        other => panic!("not a failure of the registry: {other}"),
    }
}

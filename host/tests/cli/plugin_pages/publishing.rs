//! The commands that publish a plugin, with a registry and with cosign.

use std::fs;
use std::path::Path;

use ztgit_test_support::pages::blocks;
use ztgit_test_support::{Guard, RegistryServer, cosign, guest};

use crate::environment::{TestEnvironment, env_path};

/// The registry that the page names.
const REGISTRY: &str = "registry.example.net";

#[test]
#[ignore = "builds cosign"]
fn the_commands_that_publish_make_what_cosign_verifies() {
    let (Some(cosign), Some(server)) = (cosign(), RegistryServer::start(Guard::Locked)) else {
        return;
    };
    let env = TestEnvironment::new();
    env.write("plugin.wasm", fs::read(guest("well-behaved")).unwrap());
    let ours = Path::new(env!("CARGO_BIN_EXE_ztgit")).parent().unwrap();
    let mut path = ours.as_os_str().to_owned();
    for directory in [cosign.parent().unwrap().as_os_str(), &env_path()] {
        path.push(":");
        path.push(directory);
    }
    let sh = |commands: &str| {
        let commands = commands.replace(REGISTRY, server.host());
        let mut command = env.tool("sh", &["-euc", &commands]);
        command
            .env("PATH", &path)
            .env("COSIGN_PASSWORD", "a password")
            .env("DOCKER_CONFIG", server.docker_config())
            .env("SSL_CERT_FILE", server.authorities())
            .env("ZTGIT_REGISTRY_CA", server.authorities());
        env.finish(&mut command).expect_exit(0)
    };
    let mut published = blocks("publish.md")
        .into_iter()
        .filter(|block| block.language == "sh");
    let block = published.next().expect("the page says how to publish");
    assert_eq!(published.next(), None);
    sh(&block.text);
    sh(&format!(
        "cosign verify --key cosign.pub --insecure-ignore-tlog {REGISTRY}/plugins/contacts:1.0.0"
    ));
}

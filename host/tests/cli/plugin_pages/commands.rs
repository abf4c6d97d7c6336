//! The commands of the pages, one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ztgit_test_support::pages::{assert_printed, blocks};
use ztgit_test_support::{Guard, RegistryServer, cosign, guest, said};

use super::repository;
use crate::environment::{TestEnvironment, env_path, files_below};

/// Puts the example's files where the reader has typed them.
fn type_in(example: &Path, project: &Path) {
    for folder in ["src", "tests", "cases", "stack"] {
        let _ = fs::remove_dir_all(project.join(folder));
        for (path, bytes) in files_below(&example.join(folder)) {
            let file = project.join(folder).join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }
}

#[test]
#[ignore = "builds a plugin twice, from nothing"]
fn the_commands_of_the_tutorial_print_what_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let example = repository().join("examples/rust-monitoring");
    let program = Path::new(env!("CARGO_BIN_EXE_ztgit")).parent().unwrap();
    let mut place = directory.path().to_owned();
    let mut printed = String::new();
    let mut is_typed = false;
    for block in blocks("tutorial.md") {
        match block.language.as_str() {
            "sh" => {
                printed = run(&mut place, program, &block.text);
            }
            "text" => {
                assert_printed(&block.text, &printed);
            }
            "yaml" if !is_typed => {
                type_in(&example, &place);
                is_typed = true;
            }
            _ => {}
        }
    }
}

/// Runs a block of commands; what they print comes back.
fn run(place: &mut PathBuf, program: &Path, commands: &str) -> String {
    let mut printed = String::new();
    for command in commands.lines() {
        if let Some(directory) = command.strip_prefix("cd ") {
            *place = place.join(directory);
            continue;
        }
        let line = format!("PATH=\"{}:$PATH\"; {command}", program.display());
        let output = Command::new("sh")
            .args(["-e", "-c", &line])
            .current_dir(&*place)
            .env("CARGO_TARGET_DIR", ztgit_test_support::scratch("example"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", said(&output));
        printed += &said(&output);
    }
    printed
}

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

//! Credentials that a helper keeps (`docker-credential-NAME`), for a registry that lets
//! nobody in without them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use ztgit_test_support::{Guard, RegistryServer, guest};

use crate::environment::{Run, TestEnvironment, env_path};

/// What a helper says where it has nothing.
const NOTHING: &str = "echo 'credentials not found in native keychain'; exit 1";
const SECRET: &str = "hunter2";

/// A locked registry, and a helper `docker-credential-keeper` in the path.
struct World {
    env: TestEnvironment,
    server: RegistryServer,
}

impl World {
    /// `None` where there is no registry to start.
    fn with_helper(script: &str) -> Option<Self> {
        let server = RegistryServer::start(Guard::Locked)?;
        let env = TestEnvironment::new();
        fs::copy(guest("well-behaved"), env.path("mine.wasm")).unwrap();
        let helper = "bin/docker-credential-keeper";
        // It is told what to do and about which registry, and writes both down.
        let begin = "#!/bin/sh\n{ echo \"$1\"; cat; } >> \"$HOME/asked\"\n";
        env.write(helper, format!("{begin}{script}\n"));
        fs::set_permissions(env.path(helper), fs::Permissions::from_mode(0o755)).unwrap();
        Some(Self { env, server })
    }

    /// One that knows the registry's user.
    fn with_user() -> Option<Self> {
        let world = Self::with_helper("cat \"$HOME/login\"")?;
        let (user, password) = world.server.login();
        world.login(user, password);
        Some(world)
    }

    /// What the helper has.
    fn login(&self, user: &str, secret: &str) {
        let login = json!({"ServerURL": self.server.host(), "Username": user, "Secret": secret});
        self.env.write("home/login", login.to_string());
    }

    /// Pushes with a configuration in which the helper is the registry's own.
    fn push(&self) -> Run {
        self.push_with(&json!({"credHelpers": {self.server.host(): "keeper"}}))
    }

    fn push_with(&self, config: &serde_json::Value) -> Run {
        self.env.write("docker/config.json", config.to_string());
        let reference = format!("{}/example/mine:1.0.0", self.server.host());
        let mut command = self
            .env
            .command(&["plugin", "push", "mine.wasm", &reference]);
        let mut path = vec![self.env.path("bin")];
        path.extend(std::env::split_paths(&env_path()));
        command
            .env("PATH", std::env::join_paths(path).unwrap())
            .env("DOCKER_CONFIG", self.env.path("docker"))
            .env("ZTGIT_REGISTRY_CA", self.server.authorities());
        self.env.finish(&mut command)
    }
}

/// The command ended as unfinished, said why, and did not say what the helper had said.
#[track_caller]
fn refused(run: Run, reason: &str) {
    let run = run.expect_exit(3);
    assert!(run.stderr.contains(reason), "{}", run.snapshot());
    let said = run.stdout.clone() + &run.stderr;
    assert!(!said.contains(SECRET), "{}", run.snapshot());
}

#[test]
fn a_registry_s_own_helper_is_asked_by_its_host() {
    let Some(world) = World::with_user() else {
        return;
    };
    world.push().expect_exit(0);
    let asked = world.env.read("home/asked");
    assert!(
        asked.starts_with(&format!("get\n{}", world.server.host())),
        "{asked}"
    );
}

#[test]
fn the_helper_for_all_registries_is_asked_before_the_file() {
    let Some(world) = World::with_user() else {
        return;
    };
    let wrong = json!({"username": "ztgit", "password": "wrong"});
    let config = json!({"credsStore": "keeper", "auths": {world.server.host(): wrong}});
    world.push_with(&config).expect_exit(0);
}

#[test]
fn where_a_helper_has_nothing_the_file_is_asked() {
    let Some(world) = World::with_helper(NOTHING) else {
        return;
    };
    let (user, password) = world.server.login();
    let right = json!({"username": user, "password": password});
    let config = json!({"credsStore": "keeper", "auths": {world.server.host(): right}});
    world.push_with(&config).expect_exit(0);
}

#[test]
fn where_nobody_has_anything_a_login_is_missing() {
    let Some(world) = World::with_helper(NOTHING) else {
        return;
    };
    refused(
        world.push(),
        "the registry wants a login: use `docker login`",
    );
}

/// This registry takes passwords alone, so what it would have to be sent is not sent.
#[test]
fn an_identity_token_is_no_password() {
    let Some(world) = World::with_user() else {
        return;
    };
    let (_, password) = world.server.login();
    world.login("<token>", password);
    refused(world.push(), "the registry refuses the credentials");
}

#[test]
fn what_a_helper_says_is_not_repeated_where_it_means_nothing() {
    for (script, reason) in [
        (format!("echo {SECRET}"), "its answer is malformed"),
        (
            format!("echo '{{\"Username\": \"{SECRET}\"}}'"),
            "its answer is malformed",
        ),
        (
            format!("echo {SECRET}; echo {SECRET} >&2; exit 1"),
            "it ended with exit status: 1",
        ),
    ] {
        let Some(world) = World::with_helper(&script) else {
            return;
        };
        let host = world.server.host();
        let whose = format!("`docker-credential-keeper` gives no credentials for {host}");
        refused(world.push(), &format!("{whose}: {reason}"));
    }
}

//! Plugins from a registry: pushed, added, pinned, verified; and everything
//! that may have been changed on the way.

use std::fs;
use std::process::Command;

use ztgit_registry::PublicKey;
use ztgit_test_support::{Guard, RegistryServer, guest, guests, signing_keys};

use crate::environment::{Run, TestEnvironment};

const STACK: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata: {name: guests}
spec:
  clusters:
    home:
      flux: {source: {url: \"https://git.example.net/fleet.git\"}}
";

/// A stack, a registry, and a publisher with a key pair.
struct World {
    env: TestEnvironment,
    server: RegistryServer,
}

impl World {
    /// `None` where there is no registry to start.
    fn new() -> Option<Self> {
        let server = RegistryServer::start(Guard::Locked)?;
        let env = TestEnvironment::with_stack(STACK);
        fs::copy(guest("well-behaved"), env.path("first.wasm")).unwrap();
        let mut other = env.read_bytes("first.wasm");
        // A section of nothing: other bytes that do the same.
        other.extend_from_slice(&[0, 2, 1, b'x']);
        env.write("second.wasm", other);
        let older = |text: &str| text.replace("\"0.1.0\"", "\"0.0.9\"");
        env.write("older.wasm", guests::raw_guest_of("well-behaved", older));
        fs::copy(guest("puppet"), env.path("puppet.wasm")).unwrap();
        for name in ["ours", "theirs"] {
            let (private, public) = signing_keys();
            env.write(&format!("{name}.key"), private);
            env.write(&format!("{name}.pub"), public);
        }
        Some(Self { env, server })
    }

    /// With the first component pushed, signed and added.
    fn with_plugin() -> Option<Self> {
        let world = Self::new()?;
        world.push("first.wasm", "1.0.0", Some("ours.key"));
        world.add("1.0.0", &["--verify", "ours.pub"]).expect_exit(0);
        Some(world)
    }

    fn reference(&self, tag: &str) -> String {
        format!("{}/example/mine:{tag}", self.server.host())
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command: Command = self.env.command(arguments);
        command
            .env("DOCKER_CONFIG", self.server.docker_config())
            .env("ZTGIT_REGISTRY_CA", self.server.authorities());
        self.env.finish(&mut command)
    }

    fn try_push(&self, file: &str, tag: &str, options: &[&str]) -> Run {
        let reference = self.reference(tag);
        let arguments = ["plugin", "push", file, &reference];
        self.run(&[arguments.as_slice(), options].concat())
    }

    fn push(&self, file: &str, tag: &str, key: Option<&str>) {
        let sign: Vec<&str> = key.iter().flat_map(|key| ["--sign", *key]).collect();
        self.try_push(file, tag, &sign).expect_exit(0);
    }

    /// Has a version stand for another component, signed.
    fn move_tag(&self, file: &str, tag: &str) {
        let options = ["--overwrite", "--sign", "ours.key"];
        self.try_push(file, tag, &options).expect_exit(0);
    }

    fn outdated(&self) -> Run {
        self.run(&["plugin", "list", "--outdated", "--stack", "stack"])
    }

    fn add(&self, tag: &str, options: &[&str]) -> Run {
        let reference = self.reference(tag);
        let arguments = ["plugin", "add", "mine", &reference, "--stack", "stack"];
        self.run(&[arguments.as_slice(), options].concat())
    }

    fn update(&self, options: &[&str]) -> Run {
        let arguments = ["plugin", "update", "--stack", "stack"];
        self.run(&[arguments.as_slice(), options].concat())
    }

    fn render(&self, options: &[&str]) -> Run {
        self.run(&[["render", "stack"].as_slice(), options].concat())
    }

    fn lock(&self) -> serde_json::Value {
        serde_json::from_str(&self.env.read("stack/ztgit.lock")).unwrap()
    }

    /// What the lock pins, without `sha256:`.
    fn pinned(&self, what: &str) -> String {
        let digest = self.lock()["plugins"]["mine"][what].clone();
        digest
            .as_str()
            .unwrap()
            .trim_start_matches("sha256:")
            .to_owned()
    }

    fn edit_lock(&self, edit: impl FnOnce(&mut serde_json::Value)) {
        let mut lock = self.lock();
        edit(&mut lock["plugins"]["mine"]);
        self.env.write("stack/ztgit.lock", lock.to_string());
    }

    fn forget_cache(&self) {
        fs::remove_dir_all(self.env.path("home/.cache/ztgit")).unwrap();
    }

    /// The command was refused, said why, and wrote nothing into the fleet.
    #[track_caller]
    fn refused(&self, run: Run, exit: i32, reason: &str) {
        let run = run.expect_exit(exit);
        assert!(run.stderr.contains(reason), "{}", run.snapshot());
        assert!(!self.env.exists("fleet"), "{}", run.snapshot());
    }
}

#[test]
fn a_signed_plugin_is_added_rendered_and_taken_from_the_cache() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    let stack = world.env.read("stack/stack.yaml");
    assert!(
        stack.contains(&format!("      oci: \"{}\"\n", world.reference("1.0.0"))),
        "{stack}"
    );
    world.render(&["--locked"]).expect_exit(0);
    fs::remove_dir_all(world.env.path("fleet")).unwrap();
    world.render(&["--offline"]).expect_exit(0);
}

#[test]
fn a_plugin_from_a_registry_is_inspected_with_its_provenance() {
    let Some(world) = World::new() else {
        return;
    };
    world.push("puppet.wasm", "1.0.0", Some("ours.key"));
    let options = ["--verify", "ours.pub", "--grant", "namespaces=demo"];
    world.add("1.0.0", &options).expect_exit(0);
    let inspect = ["plugin", "inspect", "mine", "--stack", "stack"];
    let run = world.run(&inspect).expect_exit(0);
    let (manifest, bytes) = (
        world.pinned("manifest"),
        world.env.read_bytes("puppet.wasm"),
    );
    let from = format!("{}@sha256:{manifest}", world.reference("1.0.0"));
    let key = PublicKey::from_pem(&world.env.read("ours.pub")).unwrap();
    for line in [
        format!("digest    sha256:{}", world.pinned("digest")),
        format!("from      {from}"),
        format!("signed by the key {}", key.digest()),
        format!("size      {} KiB", bytes.len().div_ceil(1 << 10)),
        "asks for  namespaces: *".to_owned(),
        "granted   namespaces: demo".to_owned(),
    ] {
        let shown = run.stdout.lines().any(|shown| shown == line);
        assert!(shown, "{line}: {}", run.snapshot());
    }
    let json = [inspect.as_slice(), &["--format", "json"]].concat();
    let report = world.run(&json).expect_exit(0).json();
    assert_eq!(report["from"], from);
    assert_eq!(report["manifest"], format!("sha256:{manifest}"));
    assert_eq!(report["signedBy"], key.digest().to_string());
    assert_eq!(report["size"], bytes.len());
    assert_eq!(report["granted"]["namespaces"], serde_json::json!(["demo"]));
}

#[test]
fn a_plugin_that_nobody_has_to_sign_is_inspected_as_such() {
    let Some(world) = World::new() else {
        return;
    };
    world.push("first.wasm", "1.0.0", None);
    world.add("1.0.0", &[]).expect_exit(0);
    let inspect = ["plugin", "inspect", "mine", "--stack", "stack"];
    let run = world.run(&inspect).expect_exit(0);
    let unsigned = "\nsigned by nobody that the stack demands\n";
    assert!(run.stdout.contains(unsigned), "{}", run.snapshot());
    assert!(
        run.stdout.contains("\ngranted   nothing\n"),
        "{}",
        run.snapshot()
    );
}

#[test]
fn what_is_pinned_is_fetched_where_the_cache_is_empty() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.forget_cache();
    world.refused(
        world.render(&["--offline"]),
        3,
        "`--offline` forbids to fetch it",
    );
    world.render(&[]).expect_exit(0);
}

#[test]
pub(crate) fn a_moved_tag_changes_nothing_until_it_is_accepted() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    let before = world.env.read("stack/ztgit.lock");
    world.move_tag("second.wasm", "1.0.0");
    world.refused(world.update(&[]), 4, "is sha256:");
    assert_eq!(world.env.read("stack/ztgit.lock"), before);
    world.render(&[]).expect_exit(0);
    assert_eq!(world.env.read("stack/ztgit.lock"), before);
    world.update(&["--allow-moved-tag"]).expect_exit(0);
    assert_ne!(world.env.read("stack/ztgit.lock"), before);
}

#[test]
fn a_version_that_stands_for_something_else_is_not_pushed_over() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    let pinned = format!("is sha256:{} already", world.pinned("manifest"));
    let run = world.try_push("second.wasm", "1.0.0", &[]).expect_exit(2);
    assert!(run.stderr.contains(&pinned), "{}", run.snapshot());
    assert!(run.stderr.contains("this component makes sha256:"));
    assert!(run.stderr.contains("`--overwrite`"), "{}", run.snapshot());
    world.outdated().expect_exit(0);
    world.move_tag("second.wasm", "1.0.0");
    world.outdated().expect_exit(1);
}

#[test]
fn a_version_that_is_there_already_is_up_to_date() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    let run = world.try_push("first.wasm", "1.0.0", &[]).expect_exit(0);
    let said = format!("sha256:{}\n", world.pinned("manifest"));
    assert!(run.stdout.starts_with("up to date: "), "{}", run.snapshot());
    assert!(run.stdout.ends_with(&said), "{}", run.snapshot());
}

#[test]
fn a_tag_that_is_no_version_moves_with_every_push() {
    let Some(world) = World::new() else {
        return;
    };
    for file in ["first.wasm", "second.wasm"] {
        let run = world.try_push(file, "latest", &[]).expect_exit(0);
        assert!(run.stdout.starts_with("pushed "), "{}", run.snapshot());
    }
}

#[test]
pub(crate) fn an_older_version_is_not_pinned_until_it_is_accepted() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.push("second.wasm", "1.1.0", Some("ours.key"));
    let name_version = |from, to| world.env.edit("stack/stack.yaml", from, to);
    name_version("mine:1.0.0", "mine:1.1.0");
    world.update(&[]).expect_exit(0);
    let before = world.env.read("stack/ztgit.lock");
    name_version("mine:1.1.0", "mine:1.0.0");
    let reason = "is version 1.0.0, older than 1.1.0, which ztgit.lock pins";
    world.refused(world.update(&[]), 4, reason);
    assert_eq!(world.env.read("stack/ztgit.lock"), before);
    world.update(&["--allow-downgrade"]).expect_exit(0);
    world.render(&["--locked"]).expect_exit(0);
}

#[test]
pub(crate) fn an_older_artifact_behind_a_tag_is_noticed_by_its_own_version() {
    let Some(world) = World::new() else {
        return;
    };
    world.push("first.wasm", "latest", Some("ours.key"));
    world
        .add("latest", &["--verify", "ours.pub"])
        .expect_exit(0);
    world.push("older.wasm", "latest", Some("ours.key"));
    let run = world.outdated().expect_exit(1);
    let line = "latest stands for 0.0.9 now, older than 0.1.0, which is pinned\n";
    assert!(run.stdout.ends_with(line), "{}", run.snapshot());
    let reason = "is version 0.0.9, older than 0.1.0, which ztgit.lock pins";
    world.refused(world.update(&[]), 4, reason);
    world.update(&["--allow-downgrade"]).expect_exit(0);
}

#[test]
fn a_version_that_was_moved_is_noticed_under_another_name_too() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.move_tag("second.wasm", "1.0.0");
    let reason = "mine:1.0.0 was sha256:";
    let stack = world.env.read("stack/stack.yaml");
    world.env.edit("stack/stack.yaml", "    mine:", "    ours:");
    world.refused(world.update(&[]), 4, reason);
    // Taken out, and added again.
    world.env.write("stack/stack.yaml", STACK);
    let key = ["--verify", "ours.pub"];
    world.refused(world.add("1.0.0", &key), 4, reason);
    world.env.write("stack/stack.yaml", stack);
    world.render(&["--locked"]).expect_exit(0);
    world.update(&["--allow-moved-tag"]).expect_exit(0);
}

#[test]
pub(crate) fn a_layer_that_was_changed_in_the_registry_is_refused() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.forget_cache();
    let layer = world.server.blob(&world.pinned("digest"));
    let mut bytes = fs::read(&layer).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&layer, bytes).unwrap();
    world.refused(world.render(&[]), 4, "a layer from");
    let cache = world.env.path("home/.cache/ztgit/artifacts");
    let kept = fs::read_dir(cache).unwrap().count();
    assert_eq!(kept, 1, "the manifest alone");
}

#[test]
pub(crate) fn a_cached_file_that_was_changed_is_refused() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    for what in ["digest", "manifest"] {
        let file = format!("home/.cache/ztgit/artifacts/sha256-{}", world.pinned(what));
        let before = world.env.read_bytes(&file);
        world.env.write(&file, [before.as_slice(), b" "].concat());
        world.refused(world.render(&[]), 4, "does not hash to its name any more");
        world.env.write(&file, before);
    }
    world.render(&[]).expect_exit(0);
}

#[test]
pub(crate) fn a_lock_that_was_changed_is_refused() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    let before = world.env.read("stack/ztgit.lock");
    let zeros = format!("sha256:{}", "0".repeat(64));
    world.edit_lock(|mine| mine["digest"] = zeros.clone().into());
    world.refused(world.render(&[]), 4, "but ztgit.lock pins sha256:00");
    // Of another artifact there is no signature.
    world.env.write("stack/ztgit.lock", &before);
    world.edit_lock(|mine| mine["manifest"] = zeros.into());
    world.refused(world.render(&[]), 4, "is for another artifact");
    world.env.write("stack/ztgit.lock", &before);
    world.edit_lock(|mine| drop(mine.as_object_mut().unwrap().remove("signature")));
    world.refused(world.render(&[]), 4, "is not signed");
}

#[test]
pub(crate) fn a_signature_that_is_not_there_or_by_another_key_is_refused() {
    let Some(world) = World::new() else {
        return;
    };
    let stack = world.env.read("stack/stack.yaml");
    world.push("first.wasm", "1.0.0", None);
    world.refused(
        world.add("1.0.0", &["--verify", "ours.pub"]),
        4,
        "is not signed",
    );
    world.push("first.wasm", "1.0.0", Some("theirs.key"));
    let reason = "is not signed with the key that is demanded";
    world.refused(world.add("1.0.0", &["--verify", "ours.pub"]), 4, reason);
    assert_eq!(world.env.read("stack/stack.yaml"), stack);
    assert!(!world.env.exists("stack/ztgit.lock"));
    world
        .add("1.0.0", &["--verify", "theirs.pub"])
        .expect_exit(0);
}

#[test]
pub(crate) fn a_signature_that_was_removed_fails_the_next_update() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    let before = world.env.read("stack/ztgit.lock");
    let signature = format!(
        "storage/docker/registry/v2/repositories/example/mine/_manifests/tags/sha256-{}.sig",
        world.pinned("manifest")
    );
    let storage = world.server.docker_config();
    fs::remove_dir_all(storage.parent().unwrap().join(signature)).unwrap();
    world.refused(world.update(&[]), 4, "is not signed");
    assert_eq!(world.env.read("stack/ztgit.lock"), before);
    // The lock has the proof, so what is pinned is verified without the registry.
    world.render(&[]).expect_exit(0);
}

#[test]
fn what_the_lock_does_not_pin_is_not_fetched() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.push("second.wasm", "1.1.0", Some("ours.key"));
    world
        .env
        .edit("stack/stack.yaml", "mine:1.0.0", "mine:1.1.0");
    world.refused(world.render(&[]), 2, "which ztgit.lock does not pin");
    world.update(&["mine"]).expect_exit(0);
    world.render(&["--locked"]).expect_exit(0);
}

#[test]
fn a_file_is_not_pinned_under_locked() {
    let env = TestEnvironment::with_stack(STACK);
    fs::copy(guest("well-behaved"), env.path("stack/mine.wasm")).unwrap();
    env.run(&["plugin", "add", "mine", "mine.wasm", "--stack", "stack"])
        .expect_exit(0);
    env.run(&["render", "stack", "--locked"]).expect_exit(0);
    fs::remove_file(env.path("stack/ztgit.lock")).unwrap();
    let run = env.run(&["render", "stack", "--locked"]).expect_exit(2);
    assert!(
        run.stderr.contains("`--locked` forbids it"),
        "{}",
        run.snapshot()
    );
    assert!(!env.exists("stack/ztgit.lock"));
}

#[test]
fn without_credentials_the_registry_says_that_a_login_is_missing() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.forget_cache();
    fs::remove_file(world.server.docker_config().join("config.json")).unwrap();
    world.refused(
        world.render(&[]),
        3,
        "the registry wants a login: use `docker login`",
    );
}

#[test]
fn a_registry_that_is_gone_is_not_the_plugins_fault() {
    let Some(World { env, server }) = World::with_plugin() else {
        return;
    };
    drop(server);
    env.run(&["render", "stack"]).expect_exit(0);
    fs::remove_dir_all(env.path("home/.cache/ztgit")).unwrap();
    let run = env.run(&["check", "stack"]).expect_exit(3);
    assert!(
        run.stderr.contains("the registry cannot be reached"),
        "{}",
        run.snapshot()
    );
}

#[test]
fn newer_versions_and_moved_tags_are_listed() {
    let Some(world) = World::with_plugin() else {
        return;
    };
    world.outdated().expect_exit(0);
    world.push("second.wasm", "1.1.0", None);
    world.move_tag("second.wasm", "1.0.0");
    let list = ["plugin", "list", "--outdated", "--stack", "stack"];
    let run = world.run(&[list.as_slice(), &["--format", "json"]].concat());
    let report = run.expect_exit(1).json();
    assert_eq!(report["plugins"][0]["newer"], "1.1.0");
    assert_eq!(report["plugins"][0]["moved"], true);
}

#[test]
fn what_a_built_in_plugin_is_told_in_vain_is_an_error_at_its_place() {
    for (setting, column) in [("wasi: true", 14), ("grants: {namespaces: [demo]}", 14)] {
        let plugins = format!("spec:\n  plugins:\n    cilium: {{{setting}}}\n");
        let env = TestEnvironment::with_stack(&STACK.replace("spec:\n", &plugins));
        let run = env.run(&["check", "stack"]).expect_exit(2);
        let (name, _) = setting.split_once(':').unwrap();
        for said in [
            format!("plugin `cilium` is built in, so `{name}` means nothing"),
            format!("stack.yaml:6:{column}"),
            format!("leave `{name}` out"),
        ] {
            assert!(run.stderr.contains(&said), "{said}: {}", run.snapshot());
        }
    }
}

#[test]
fn a_source_that_means_nothing_is_a_finding() {
    for (source, reason) in [
        ("{path: a.wasm, oci: \"r.example/a:1\"}", "two sources"),
        ("{oci: \"example/a:1\"}", "names no registry"),
        ("{oci: \"r.example/a\"}", "names no version"),
        ("{path: a.wasm, verify: {publicKey: x}}", "has no `oci`"),
        (
            "{oci: \"r.example/a:1\", verify: {publicKey: x}}",
            "no public ECDSA key",
        ),
    ] {
        let plugins = format!("spec:\n  plugins:\n    mine: {source}\n");
        let env = TestEnvironment::with_stack(&STACK.replace("spec:\n", &plugins));
        let run = env.run(&["check", "stack"]).expect_exit(2);
        let found = run.stderr.contains("error[plugin-source]") && run.stderr.contains(reason);
        assert!(found, "{}", run.snapshot());
    }
}

//! Plugins that are not built in: pinned at their first use, and refused when
//! they are not what was pinned.

use std::fs;

use ztgit_test_support::guest;

use crate::environment::TestEnvironment;

const STACK: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata: {name: guests}
spec:
  plugins:
    mine: {path: mine.wasm}
  clusters:
    home:
      flux: {source: {url: \"https://git.example.net/fleet.git\"}}
";

/// A stack with this guest as its plugin `mine`.
pub(crate) fn with_guest(name: &str) -> TestEnvironment {
    let env = TestEnvironment::with_stack(STACK);
    fs::copy(guest(name), env.path("stack/mine.wasm")).unwrap();
    env
}

/// The same component with a section of nothing behind it: other bytes that do
/// the same.
fn with_another_digest(env: &TestEnvironment) {
    let mut bytes = env.read_bytes("stack/mine.wasm");
    bytes.extend_from_slice(&[0, 2, 1, b'x']);
    env.write("stack/mine.wasm", bytes);
}

#[test]
fn a_component_is_pinned_at_its_first_use() {
    let env = with_guest("well-behaved");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    insta::assert_snapshot!(
        "the_lock",
        crate::environment::masked(&env.read("stack/ztgit.lock"))
    );
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(run.stdout.ends_with("up to date\n"), "{}", run.snapshot());
}

#[test]
fn what_only_reads_pins_nothing() {
    let env = with_guest("well-behaved");
    env.run(&["check", "stack"]).expect_exit(0);
    env.run(&["render", "stack", "--dry-run"]).expect_exit(0);
    assert!(!env.exists("stack/ztgit.lock"));
}

#[test]
fn other_bytes_are_refused_until_they_are_pinned() {
    let env = with_guest("well-behaved");
    env.run(&["render", "stack"]).expect_exit(0);
    with_another_digest(&env);
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    env.run(&["check", "stack"]).expect_exit(4);
    insta::assert_snapshot!(
        "the_update_names_both_digests",
        env.run(&["plugin", "update", "mine", "--stack", "stack"])
            .snapshot()
    );
    env.run(&["render", "stack"]).expect_exit(0);
}

#[test]
fn an_update_of_a_plugin_that_needs_no_pin_is_refused() {
    let env = with_guest("well-behaved");
    insta::assert_snapshot!(
        env.run(&["plugin", "update", "cilium", "--stack", "stack"])
            .snapshot()
    );
}

#[test]
fn a_component_that_is_not_there_is_named() {
    let env = TestEnvironment::with_stack(STACK);
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
}

#[test]
fn what_is_no_component_is_refused() {
    let env = TestEnvironment::with_stack(STACK);
    env.write("stack/mine.wasm", "this is no WebAssembly");
    let run = env.run(&["render", "stack"]).expect_exit(5);
    assert!(
        run.stderr.starts_with("error: plugin `mine` (sha256:"),
        "{}",
        run.snapshot()
    );
    assert!(!env.exists("fleet") && !env.exists("stack/ztgit.lock"));
}

#[test]
fn half_a_component_is_refused() {
    let env = with_guest("well-behaved");
    let bytes = env.read_bytes("stack/mine.wasm");
    env.write("stack/mine.wasm", &bytes[..bytes.len() / 2]);
    env.run(&["render", "stack"]).expect_exit(5);
}

#[test]
fn a_lock_that_is_not_ztgit_s_is_refused() {
    let env = with_guest("well-behaved");
    env.write("stack/ztgit.lock", "{\n");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
}

#[test]
fn a_grant_that_covers_nothing_is_a_warning_at_its_place() {
    let env = with_guest("puppet");
    let granted = "mine: {path: mine.wasm, grants: {facts: {trusted-cdr: [10.0.0.0/8]}}}";
    env.edit("stack/stack.yaml", "mine: {path: mine.wasm}", granted);
    let run = env.run(&["check", "stack"]).expect_exit(0);
    for said in [
        "warning[unused-grant]: a grant of plugin `mine`: it does not state facts `trusted-cdr`",
        "stack.yaml:6:29",
        "did you mean `trusted-cidr`?",
    ] {
        assert!(run.stderr.contains(said), "{}", run.snapshot());
    }
}

/// The lines of a plugin's log that a render shows, without what they begin with.
fn log_of(env: &TestEnvironment, options: &[&str]) -> Vec<String> {
    let run = env.run(&[["render", "stack"].as_slice(), options].concat());
    let run = run.expect_exit(0);
    let lines = run.stderr.lines().map(str::trim);
    let lines = lines.filter(|line| line.ends_with(" plugin=\"mine\""));
    lines
        .map(|line| line.trim_end_matches(" plugin=\"mine\"").to_owned())
        .collect()
}

#[test]
fn a_plugin_s_log_is_shown_under_its_name_by_urgency() {
    let errors = ["WARN warned", "ERROR failed once", "ERROR failed again"];
    for (options, more) in [
        ([].as_slice(), [].as_slice()),
        (&["-v"], &["INFO informed"]),
        (&["-vv"], &["DEBUG debugged", "INFO informed"]),
        (
            &["-vvv"],
            &["TRACE traced", "DEBUG debugged", "INFO informed"],
        ),
    ] {
        let env = with_guest("outspoken");
        assert_eq!(
            log_of(&env, options),
            [more, &errors].concat(),
            "{options:?}"
        );
    }
}

#[test]
fn whoever_wants_the_log_gets_it_from_a_render_that_was_done_before_too() {
    let env = with_guest("outspoken");
    assert_eq!(log_of(&env, &[]).len(), 3);
    assert!(log_of(&env, &[]).is_empty());
    assert_eq!(log_of(&env, &["-v"]).len(), 4);
}

#[test]
fn a_component_is_inspected_from_its_file() {
    let env = with_guest("well-behaved");
    let run = env
        .run(&["plugin", "inspect", "stack/mine.wasm"])
        .expect_exit(0);
    assert!(
        run.stdout.contains("origin    third-party"),
        "{}",
        run.snapshot()
    );
    assert!(!env.exists("stack/ztgit.lock"));
}

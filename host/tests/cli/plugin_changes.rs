//! Changes of a stack's plugins: what is written, what is refused, and what somebody
//! else changes meanwhile.

use std::fs;
use std::os::unix::fs::symlink;

use ztgit_test_support::guest;

use crate::environment::TestEnvironment;
use crate::plugins::with_guest;

/// A stack with a plugin `mine`, and the file of one more.
fn two_plugins() -> TestEnvironment {
    let env = with_guest("well-behaved");
    let file = env.path("stack/other.wasm");
    fs::copy(guest("well-behaved"), file).unwrap();
    env
}

const ADD: [&str; 6] = ["plugin", "add", "other", "other.wasm", "--stack", "stack"];
const UPDATE: [&str; 4] = ["plugin", "update", "--stack", "stack"];

#[test]
fn of_two_plugins_that_are_added_at_the_same_time_none_is_lost() {
    let env = two_plugins();
    let processes: Vec<_> = (0..4)
        .map(|number| {
            let name = format!("other-{number}");
            let mut command =
                env.command(&["plugin", "add", &name, "other.wasm", "--stack", "stack"]);
            command.stderr(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    for file in ["stack/stack.yaml", "stack/ztgit.lock"] {
        let text = env.read(file);
        let named = (0..4).filter(|number| text.contains(&format!("other-{number}")));
        assert_eq!(named.count(), 4, "{text}");
    }
    env.run(&UPDATE).expect_exit(0);
    env.run(&["check", "stack", "--locked"]).expect_exit(0);
}

#[test]
fn under_locked_no_pin_changes() {
    let env = two_plugins();
    env.run(&UPDATE).expect_exit(0);
    let before = (env.read("stack/stack.yaml"), env.read("stack/ztgit.lock"));
    let refused = |arguments: &[&str]| {
        let run = env.run(&[arguments, &["--locked"]].concat()).expect_exit(2);
        assert!(
            run.stderr.contains("`--locked` forbids"),
            "{}",
            run.snapshot()
        );
    };
    refused(&ADD);
    let mut bytes = env.read_bytes("stack/mine.wasm");
    bytes.extend_from_slice(&[0, 2, 1, b'x']);
    env.write("stack/mine.wasm", bytes);
    refused(&UPDATE);
    let after = (env.read("stack/stack.yaml"), env.read("stack/ztgit.lock"));
    assert_eq!(after, before);
}

#[test]
fn a_lock_that_says_the_same_in_other_words_is_not_written_anew() {
    let env = two_plugins();
    env.run(&UPDATE).expect_exit(0);
    let windows = env.read("stack/ztgit.lock").replace('\n', "\r\n");
    env.write("stack/ztgit.lock", &windows);
    env.run(&["render", "stack", "--locked"]).expect_exit(0);
    assert_eq!(env.read("stack/ztgit.lock"), windows);
}

#[test]
fn what_left_the_stack_leaves_the_lock() {
    let env = two_plugins();
    env.run(&ADD).expect_exit(0);
    env.run(&UPDATE).expect_exit(0);
    env.edit("stack/stack.yaml", "    mine: {path: mine.wasm}\n", "");
    env.run(&UPDATE).expect_exit(0);
    assert!(!env.read("stack/ztgit.lock").contains("mine"));
    env.run(&["check", "stack", "--locked"]).expect_exit(0);
}

#[test]
fn a_stack_with_errors_is_not_pinned_listed_or_added_to() {
    let env = two_plugins();
    env.edit(
        "stack/stack.yaml",
        "path: mine.wasm",
        "path: mine.wasm, wasy: true",
    );
    let list = ["plugin", "list", "--stack", "stack"];
    let outdated = ["plugin", "list", "--outdated", "--stack", "stack"];
    let inspect = ["plugin", "inspect", "mine", "--stack", "stack"];
    for arguments in [&UPDATE[..], &ADD, &list, &outdated, &inspect] {
        let run = env.run(arguments).expect_exit(2);
        let is_placed = run.stderr.contains("wasy") && run.stderr.contains("stack.yaml:6");
        assert!(is_placed, "{arguments:?}\n{}", run.snapshot());
    }
    assert!(!env.exists("stack/ztgit.lock"));
}

#[test]
fn what_is_no_component_is_not_pinned() {
    let env = two_plugins();
    env.write("stack/mine.wasm", "garbage");
    env.run(&UPDATE).expect_exit(5);
    assert!(!env.exists("stack/ztgit.lock"));
}

#[test]
fn a_link_to_a_stack_stays_one() {
    let env = two_plugins();
    fs::rename(env.path("stack/stack.yaml"), env.path("shared.yaml")).unwrap();
    symlink("../shared.yaml", env.path("stack/stack.yaml")).unwrap();
    env.run(&ADD).expect_exit(0);
    let link = fs::symlink_metadata(env.path("stack/stack.yaml")).unwrap();
    assert!(link.is_symlink());
    assert!(env.read("shared.yaml").contains("other.wasm"));
}

#[test]
fn what_a_plugin_asks_for_is_not_what_it_may() {
    let env = with_guest("puppet");
    let list = ["plugin", "list", "--stack", "stack"];
    let run = env.run(&list).expect_exit(0);
    assert!(run.stdout.contains("asks for  "), "{}", run.snapshot());
    assert!(!run.stdout.contains("granted  "), "{}", run.snapshot());
    let granted = "path: mine.wasm, grants: {namespaces: [demo]}";
    env.edit("stack/stack.yaml", "path: mine.wasm", granted);
    let run = env.run(&list).expect_exit(0);
    let line = "granted   namespaces: demo\n";
    assert!(run.stdout.contains(line), "{}", run.snapshot());
}

#[test]
fn an_entry_of_the_lock_that_is_wrong_is_told_by_its_field() {
    let env = two_plugins();
    env.run(&UPDATE).expect_exit(0);
    env.edit("stack/ztgit.lock", "\"wit\"", "\"wti\"");
    let run = env.run(&["check", "stack"]).expect_exit(2);
    assert!(
        run.stderr.contains("unknown field `wti`"),
        "{}",
        run.snapshot()
    );
}

//! What a stranger's plugin asks for when it is added: shown, asked, and granted one by
//! one.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use ztgit_test_support::{guest, require_tool};

use crate::environment::{Run, TestEnvironment};

const OBJECT: &str = "{objects: [{object: {apiVersion: v1, kind: ConfigMap, \
                      metadata: {name: a, namespace: demo}, data: {}}}]}";
const FACT: &str = "{facts: [{kind: trusted-cidr, value: {range: 10.9.0.0/16, purpose: office}}]}";
const ADD: [&str; 6] = ["plugin", "add", "mine", "mine.wasm", "--stack", "stack"];

/// A stack, and a component beside it that is not its plugin yet.
fn world(guest_name: &str, config: &str) -> TestEnvironment {
    let env = TestEnvironment::with_stack(&format!(
        "apiVersion: ztgit.dev/v1alpha1\nkind: Stack\nmetadata: {{name: guests}}\nspec:\n  \
         clusters:\n    home:\n      \
         flux: {{source: {{url: \"https://git.example.net/fleet.git\"}}}}\n      \
         nodes: {{pi-1: {{role: server, addresses: [192.168.1.10]}}}}\n      \
         namespaces: {{demo: {{mode: enforce}}}}\n      config: {{mine: {config}}}\n"
    ));
    fs::copy(guest(guest_name), env.path("stack/mine.wasm")).unwrap();
    env
}

fn add(env: &TestEnvironment, options: &[&str]) -> Run {
    env.run(&[ADD.as_slice(), options].concat())
}

#[test]
fn without_a_terminal_nothing_is_granted_that_no_option_names() {
    let env = world("puppet", OBJECT);
    let run = add(&env, &[]).expect_exit(0);
    let said = run.stdout.contains("  asks for  namespaces: *\n");
    assert!(
        said && !run.stdout.contains("granted"),
        "{}",
        run.snapshot()
    );
    assert!(!env.read("stack/stack.yaml").contains("grants"));
}

#[test]
fn the_options_that_would_grant_everything_are_ready_for_a_shell() {
    let env = world("puppet", OBJECT);
    let run = add(&env, &[]).expect_exit(0);
    let options = run.stderr.lines().last().unwrap();
    let env = world("puppet", OBJECT);
    let mut shell = env.script("sh");
    shell.args(["-c", &format!("ztgit {} {options}", ADD.join(" "))]);
    let run = env.finish(&mut shell).expect_exit(0);
    for asked in run.stdout.lines().filter(|line| line.contains("asks for")) {
        let granted = asked.replace("asks for", "granted ");
        assert!(
            run.stdout.contains(&granted),
            "{granted}: {}",
            run.snapshot()
        );
    }
    env.run(&["render", "stack"]).expect_exit(0);
}

#[test]
fn what_was_not_granted_fails_the_render_by_its_name() {
    for (config, grant, what, missing) in [
        (
            OBJECT,
            "namespaces=demo",
            "plugin `mine` emits ConfigMap a in namespace `demo`",
            "`namespaces: [demo]`",
        ),
        (
            FACT,
            "facts.trusted-cidr=10.9.0.0/16",
            "plugin `mine` states a fact `trusted-cidr`",
            "`facts: {trusted-cidr: ",
        ),
    ] {
        let env = world("puppet", config);
        add(&env, &[]).expect_exit(0);
        let run = env.run(&["render", "stack"]).expect_exit(5);
        for said in [what, "which its grants do not cover", missing] {
            assert!(run.stderr.contains(said), "{said}: {}", run.snapshot());
        }
        assert!(!env.exists("fleet"));
        let env = world("puppet", config);
        let run = add(&env, &["--grant", grant]).expect_exit(0);
        assert!(run.stdout.contains("\n  granted   "), "{}", run.snapshot());
        env.run(&["render", "stack"]).expect_exit(0);
    }
}

#[test]
fn a_grant_that_is_none_or_in_vain_adds_nothing() {
    for (grant, reason) in [
        ("everything", "`everything` is no grant"),
        (
            "hostPaths=/etc/motd",
            "the plugin does not ask for `--grant hostPaths=/etc/motd`",
        ),
    ] {
        let env = world("well-behaved", "{}");
        let before = env.read("stack/stack.yaml");
        let run = add(&env, &["--grant", grant]).expect_exit(2);
        assert!(run.stderr.contains(reason), "{}", run.snapshot());
        assert_eq!(env.read("stack/stack.yaml"), before);
        assert!(!env.exists("stack/ztgit.lock"));
    }
}

#[test]
fn on_a_terminal_each_grant_is_asked_for_and_only_a_yes_gives_it() {
    if require_tool("script").is_none() {
        return;
    }
    let env = world("puppet", OBJECT);
    // The terminal's other side, as whoever sits there sees it.
    let mut terminal = env.script("script");
    let command = format!("ztgit {}", ADD.join(" "));
    terminal.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = terminal.spawn().unwrap();
    let mut keyboard = running.stdin.take().unwrap();
    keyboard
        .write_all(b"y\nno\nperhaps\n\n\n\n\n\n\n\n")
        .unwrap();
    let output = running.wait_with_output().unwrap();
    drop(keyboard);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    assert_eq!(shown.matches(". Grant it? [y/N] ").count(), 10, "{shown}");
    assert!(
        shown.contains("puppet asks for fact flow: *. Grant"),
        "{shown}"
    );
    let stack = env.read("stack/stack.yaml");
    assert!(
        stack.contains("      grants:\n        namespaces: [\"*\"]\n  "),
        "{stack}"
    );
}

#[test]
fn wasi_is_given_by_its_own_option_alone() {
    let env = world("prowler", "{reach: files}");
    let before = env.read("stack/stack.yaml");
    let run = add(&env, &["--grant", "all"]).expect_exit(5);
    assert!(
        run.stderr.contains("or add it with `--wasi`"),
        "{}",
        run.snapshot()
    );
    assert_eq!(env.read("stack/stack.yaml"), before);
    add(&env, &["--grant", "all", "--wasi"]).expect_exit(0);
    assert!(env.read("stack/stack.yaml").contains("      wasi: true\n"));
    env.run(&["render", "stack"]).expect_exit(0);
}

//! What an author of a plugin has: check, test, inspect and new.

use std::fs;

use ztgit_test_support::{guest, guests};

use crate::environment::{TestEnvironment, files_below};

/// A project with a component that gives what its config says.
fn project() -> TestEnvironment {
    let env = TestEnvironment::new();
    env.write("project/cases/one/request.yaml", request("hello"));
    fs::copy(guest("puppet"), env.path("project/plugin.wasm")).unwrap();
    env
}

fn request(greeting: &str) -> String {
    format!(
        "config:\n  objects:\n  - object: {{apiVersion: v1, kind: ConfigMap, \
         metadata: {{name: greeting, namespace: my-app}}, data: {{text: {greeting}}}}}\n"
    )
}

/// The verdicts of a check, without what differs from machine to machine.
fn verdicts(stdout: &str) -> Vec<&str> {
    stdout
        .lines()
        .filter_map(|line| line.split_once(": ").map(|(verdict, _)| verdict))
        .collect()
}

#[test]
fn a_plugin_that_is_one_passes_its_check() {
    let env = project();
    let run = env
        .run(&["plugin", "check", "project/plugin.wasm"])
        .expect_exit(0);
    assert_eq!(
        verdicts(&run.stdout),
        [
            "ok      component",
            "ok      compiles",
            "ok      imports",
            "ok      interface",
            "ok      describe",
            "ok      case one",
            "ok      case one",
            "ok      fuel",
            "ok      memory",
        ],
        "{}",
        run.snapshot()
    );
    assert!(run.stdout.contains("1 objects, 0 host files, all valid"));
}

#[test]
fn what_a_check_compiled_is_kept_for_the_render_that_follows() {
    let env = project();
    env.run(&["plugin", "check", "project/plugin.wasm"])
        .expect_exit(0);
    let kept = files_below(&env.path("home/.cache/ztgit/components"));
    assert_eq!(kept.len(), 1, "{:?}", kept.keys());
}

#[test]
fn a_module_fails_the_first_check() {
    let env = TestEnvironment::new();
    fs::copy(guest("module"), env.path("module.wasm")).unwrap();
    insta::assert_snapshot!(env.run(&["plugin", "check", "module.wasm"]).snapshot());
}

#[test]
fn an_interface_that_differs_is_named_to_the_case_of_the_enum() {
    let env = TestEnvironment::new();
    let one_more = |text: &str| text.replace("        apps,\n", "        apps,\n        later,\n");
    env.write("later.wasm", guests::raw_guest_of("well-behaved", one_more));
    let run = env.run(&["plugin", "check", "later.wasm"]).expect_exit(5);
    assert!(
        run.stdout.ends_with(
            "failed  interface: its functions do not have the types of ztgit:plugin@0.1.0: \
             `render`, result `result`, field `artifacts`, each, case `manifest`, field `phase`: \
             case `later` is not in the interface\n"
        ),
        "{}",
        run.snapshot()
    );
}

#[test]
fn a_request_over_the_network_fails_the_check_of_imports() {
    let env = TestEnvironment::new();
    let text = r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#;
    env.write("http.wasm", guests::from_text(text));
    let run = env.run(&["plugin", "check", "http.wasm"]).expect_exit(5);
    let failed = run.stdout.lines().last().unwrap();
    assert!(failed.starts_with("failed  imports: "), "{failed}");
    assert!(failed.contains("wasi:http/outgoing-handler"), "{failed}");
}

#[test]
fn an_object_that_kubernetes_would_not_take_fails_the_check() {
    let env = project();
    let misspelt = request("hello").replace("data: {text", "dat: {text");
    env.write("project/cases/one/request.yaml", misspelt);
    let run = env
        .run(&["plugin", "check", "project/plugin.wasm"])
        .expect_exit(5);
    let failed = run.stdout.lines().find(|line| line.starts_with("failed"));
    let failed = failed.expect("something failed");
    assert!(failed.starts_with("failed  case one: "), "{failed}");
    assert!(failed.contains("`dat`"), "{failed}");
}

#[test]
fn the_report_of_a_check_is_one_document() {
    let env = project();
    let run = env.run(&["plugin", "check", "project/plugin.wasm", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["kind"], "PluginCheck");
    assert_eq!(report["checks"][0]["check"], "component");
    assert_eq!(report["checks"][0]["ok"], true);
}

#[test]
fn a_case_is_compared_with_what_is_expected() {
    let env = project();
    env.run(&["plugin", "test", "project", "--update"])
        .expect_exit(0);
    insta::assert_snapshot!(env.run(&["plugin", "test", "project"]).snapshot());
    env.write("project/cases/one/request.yaml", request("goodbye"));
    insta::assert_snapshot!(
        "another_output_is_shown_as_a_difference",
        env.run(&["plugin", "test", "project"]).snapshot()
    );
}

#[test]
fn a_case_without_an_expectation_fails() {
    let env = project();
    let run = env.run(&["plugin", "test", "project"]).expect_exit(1);
    assert!(
        run.stdout.starts_with("failed  one\n"),
        "{}",
        run.snapshot()
    );
}

#[test]
fn facts_of_others_reach_a_case() {
    let env = project();
    let facts = "facts:\n- {provider: wireguard, kind: trusted-cidr, value: {range: 10.0.0.0/8, purpose: VPN}}\n";
    env.write("project/cases/one/request.yaml", facts);
    env.run(&["plugin", "test", "project", "--update"])
        .expect_exit(0);
}

#[test]
fn a_request_with_a_key_that_nobody_knows_is_refused() {
    let env = project();
    env.write("project/cases/one/request.yaml", "confg: {}\n");
    insta::assert_snapshot!(env.run(&["plugin", "test", "project"]).snapshot());
}

#[test]
fn a_component_is_shown_as_a_table() {
    let env = project();
    let run = env
        .run(&["plugin", "inspect", "project/plugin.wasm"])
        .expect_exit(0);
    for line in [
        "name      puppet",
        "from      project/plugin.wasm",
        "imports   ztgit:plugin/log@0.1.0",
        "asks for  fact flow: *",
        "config    files[].path      string          required",
    ] {
        assert!(
            run.stdout.lines().any(|shown| shown == line),
            "{}",
            run.snapshot()
        );
    }
}

#[test]
fn what_a_component_says_of_itself_paints_no_lines() {
    let env = TestEnvironment::new();
    fs::copy(guest("painted-description"), env.path("painted.wasm")).unwrap();
    let run = env
        .run(&["plugin", "inspect", "painted.wasm"])
        .expect_exit(0);
    let asked = "\nasks for  namespaces: demo\\n  granted   namespaces: *\n";
    assert!(run.stdout.contains(asked), "{}", run.snapshot());
    assert!(run.stdout.contains("\\u{1b}[2Jgone"), "{}", run.snapshot());
    assert!(!run.stdout.contains('\u{1b}'), "{}", run.snapshot());
}

#[test]
fn a_new_project_is_written_under_its_name() {
    let env = TestEnvironment::new();
    env.run(&["plugin", "new", "scrape-all"]).expect_exit(0);
    let source = env.read("scrape-all/src/lib.rs");
    assert!(source.contains("pub struct ScrapeAll;"), "{source}");
    assert!(source.contains("config.scrape-all"), "{source}");
    assert!(
        env.read("scrape-all/Cargo.toml")
            .contains("path = \"vendor/ztgit-plugin\"")
    );
    assert!(env.exists("scrape-all/vendor/ztgit-plugin/src/lib.rs"));
    assert!(env.exists("scrape-all/wit/plugin.wit"));
    let again = env.run(&["plugin", "new", "scrape-all"]).expect_exit(2);
    assert!(again.stderr.contains("is there already"));
}

#[test]
fn a_name_that_kubernetes_would_not_take_is_refused() {
    let env = TestEnvironment::new();
    let run = env.run(&["plugin", "new", "Scrape All"]).expect_exit(2);
    assert!(run.stderr.contains("cannot be a plugin's name"));
    assert!(!env.exists("Scrape All"));
}

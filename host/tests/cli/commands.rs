//! The commands that only read, and those that help.

use crate::environment::TestEnvironment;
use crate::stacks::{HOMELAB, TWO_CLUSTERS};

/// A rendered stack, then changed: one file differs, one is new, one goes.
fn changed() -> TestEnvironment {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "env: home", "tier: home");
    env.edit("stack/stack.yaml", "mode: enforce", "mode: audit");
    env
}

#[test]
fn help_lists_every_command() {
    insta::assert_snapshot!(TestEnvironment::new().run(&["--help"]).snapshot());
}

#[test]
fn every_command_has_help() {
    let env = TestEnvironment::new();
    for command in [
        "render",
        "check",
        "diff",
        "drift",
        "verify",
        "show",
        "explain",
        "init",
        "schema",
        "plugin",
        "completions",
        "man",
    ] {
        let run = env.run(&[command, "--help"]).expect_exit(0);
        assert!(run.stdout.contains("Usage: ztgit "), "{}", run.snapshot());
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    let env = TestEnvironment::new();
    for arguments in [
        &["rendre"][..],
        &["render", "--no-such-option"],
        &["render", "--out", "a", "--push"],
        &["render", "--format", "xml"],
        &["explain", "no-such-code"],
        &["completions", "no-such-shell"],
        &[],
    ] {
        env.run(arguments).expect_exit(2);
    }
}

#[test]
fn the_version_is_printed() {
    let run = TestEnvironment::new().run(&["--version"]).expect_exit(0);
    assert_eq!(run.stdout, format!("ztgit {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn check_counts_and_writes_nothing() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["check", "stack"]).snapshot());
    assert!(!env.exists("fleet"));
}

#[test]
fn diff_shows_what_a_render_would_change() {
    let env = changed();
    insta::assert_snapshot!(env.run(&["diff", "stack"]).snapshot());
}

#[test]
fn diff_speaks_json() {
    let env = changed();
    let report = env
        .run(&["diff", "stack", "--format", "json"])
        .expect_exit(0)
        .json();
    assert_eq!(report["kind"], "DiffReport");
    assert_eq!(report["apiVersion"], "ztgit.dev/v1alpha1");
    let changes = report["changes"].as_array().unwrap();
    let count = |kind: &str| {
        changes
            .iter()
            .filter(|change| change["change"] == kind)
            .count()
    };
    for kind in ["added", "changed", "removed"] {
        assert_eq!(report["summary"][kind], count(kind), "{kind}");
    }
    assert!(
        changes
            .iter()
            .all(|change| change["diff"].as_str().unwrap().contains("@@"))
    );
}

#[test]
fn diff_speaks_markdown_within_a_budget() {
    let env = changed();
    insta::assert_snapshot!(
        env.run(&["diff", "stack", "--format", "markdown"])
            .snapshot()
    );
    let run = env.run(&["diff", "stack", "--format", "markdown", "--budget", "1500"]);
    assert!(run.expect_exit(0).stdout.len() <= 1500);
}

#[test]
fn diff_says_by_its_exit_code_whether_there_are_changes() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let run = env.run(&["diff", "stack", "--exit-code"]).expect_exit(0);
    assert_eq!(run.stdout, "");
    env.edit("stack/stack.yaml", "http: 5000", "http: 5001");
    env.run(&["diff", "stack", "--exit-code"]).expect_exit(1);
    env.run(&["diff", "stack"]).expect_exit(0);
}

#[test]
fn a_diff_against_no_repository_is_everything() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let run = env.run(&["diff", "stack", "--exit-code"]).expect_exit(1);
    assert!(
        run.stderr.contains(" added, 0 changed, 0 removed"),
        "{}",
        run.stderr
    );
    assert!(!env.exists("fleet"));
}

#[test]
fn show_prints_where_each_value_comes_from() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.edit(
        "stack/stack.yaml",
        "  clusters:\n    home: {labels: {env: home}}\n",
        "  profiles: {quiet: {namespaces: {demo: {mode: observe}}}}\n  \
         clusters:\n    home: {labels: {env: home}, profiles: [quiet]}\n",
    );
    insta::assert_snapshot!(env.run(&["show", "home", "--stack", "stack"]).snapshot());
    insta::assert_snapshot!(
        "a_part_is_shown_alone",
        env.run(&["show", "home", "namespaces.demo.mode", "--stack", "stack"])
            .snapshot()
    );
}

#[test]
fn show_names_what_is_not_there() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["show", "hom", "--stack", "stack"]).snapshot());
    insta::assert_snapshot!(
        "a_part_that_is_not_there_is_named",
        env.run(&["show", "home", "namespaces.dmo", "--stack", "stack"])
            .snapshot()
    );
}

#[test]
fn init_writes_a_stack_that_renders() {
    let env = TestEnvironment::new();
    let run = env.run(&["init", "mine"]).expect_exit(0);
    assert_eq!(run.stdout, "wrote mine/stack.yaml\n");
    env.run(&["render", "mine"]).expect_exit(0);
    assert_eq!(env.commits("fleet"), 1);
}

#[test]
fn init_does_not_write_over_a_stack() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    insta::assert_snapshot!(env.run(&["init", "stack"]).snapshot());
    assert_eq!(env.read("stack/stack.yaml"), TWO_CLUSTERS);
}

#[test]
fn plugins_are_listed_with_what_they_may() {
    let env = TestEnvironment::new();
    let report = env
        .run(&["plugin", "list", "--format", "json"])
        .expect_exit(0)
        .json();
    let plugins = report["plugins"].as_array().unwrap();
    let names: Vec<&str> = plugins
        .iter()
        .map(|plugin| plugin["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "cilium",
            "crowdsec",
            "gateway-tls",
            "k3s",
            "nftables",
            "wireguard"
        ]
    );
    assert!(plugins.iter().all(|plugin| plugin["origin"] == "built-in"));
    let text = env.run(&["plugin", "list"]).expect_exit(0).stdout;
    assert!(text.contains("host paths: /etc/wireguard/"), "{text}");
}

#[test]
fn a_built_in_plugin_is_described() {
    let run = TestEnvironment::new().run(&["plugin", "inspect", "wireguard"]);
    for line in [
        "name      wireguard",
        "origin    built-in",
        "states    host-port",
        "config    peers  ",
    ] {
        assert!(
            run.stdout.contains(line),
            "no `{line}` in {}",
            run.snapshot()
        );
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    let env = TestEnvironment::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = env.run(&["completions", shell]).expect_exit(0);
        assert!(run.stdout.contains("allow-recreate"), "{shell}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let env = TestEnvironment::new();
    env.run(&["man", "--out", "man"]).expect_exit(0);
    for page in [
        "ztgit",
        "ztgit-render",
        "ztgit-drift-git",
        "ztgit-plugin-update",
    ] {
        assert!(
            env.read(&format!("man/{page}.1")).starts_with(".ie"),
            "{page}"
        );
    }
    assert!(
        env.run(&["man"])
            .expect_exit(0)
            .stdout
            .contains(".SH SYNOPSIS")
    );
}

#[test]
fn quiet_leaves_results_and_errors() {
    let env = TestEnvironment::new();
    let run = env.run(&["check", HOMELAB, "--quiet"]).expect_exit(0);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.starts_with("home: "), "{}", run.stdout);
}

#[test]
fn check_speaks_sarif() {
    let env = TestEnvironment::with_stack(&TWO_CLUSTERS.replace("mode: enforce", "mode: enforced"));
    let run = env
        .run(&["check", "stack", "--format", "sarif"])
        .expect_exit(2);
    let log = run.json();
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "invalid-value");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stack.yaml");
    assert_eq!(place["region"]["startLine"], 11);
}

#[test]
fn a_form_that_a_command_has_not_is_a_usage_error() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.run(&["render", "stack", "--format", "sarif"])
        .expect_exit(2);
    env.run(&["check", "stack", "--format", "markdown"])
        .expect_exit(2);
}

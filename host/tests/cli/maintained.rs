//! The maintained stacks: without findings, and as quiet in a diff as their
//! READMEs say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ztgit_node::Source;

use crate::environment::{TestEnvironment, files_below};

fn stacks() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks");
    let mut stacks: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("stack.yaml").is_file())
        .collect();
    stacks.sort();
    assert!(stacks.len() >= 3, "{stacks:?}");
    stacks
}

/// The payments stack, to be changed, with its first render in `fleet`.
fn payments() -> TestEnvironment {
    let env = TestEnvironment::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/payments");
    for (path, bytes) in files_below(&folder) {
        env.write(&format!("stack/{path}"), bytes);
    }
    env.run(&["render", "stack"]).expect_exit(0);
    env
}

/// The paths that the last render changed, each with how (`A`, `M`, `D`): those
/// of probes, and all others.
fn changed(env: &TestEnvironment) -> (BTreeSet<String>, BTreeSet<String>) {
    env.git(
        "fleet",
        &["show", "--no-renames", "--name-status", "--format="],
    )
    .lines()
    .map(|line| line.replace('\t', " "))
    .partition(|line| line.contains("probe"))
}

#[test]
fn every_maintained_stack_is_without_errors() {
    for stack in stacks() {
        let env = TestEnvironment::new();
        let run = env.run(&["check", stack.to_str().unwrap()]).expect_exit(0);
        let reserved = run.stderr.matches("reserved").count();
        let warnings = run.stderr.matches("warning[").count();
        // Hosts and addresses of example domains are all that a reader has to
        // replace.
        assert!(warnings <= reserved, "{}: {}", stack.display(), run.stderr);
    }
}

#[test]
fn a_node_takes_the_files_of_every_maintained_stack() {
    for stack in stacks() {
        let env = TestEnvironment::new();
        env.run(&["render", stack.to_str().unwrap(), "--out", "plain"])
            .expect_exit(0);
        let mut nodes = 0;
        for path in files_below(&env.path("plain/hosts")).into_keys() {
            let Some(folder) = path.strip_suffix("/manifest.json") else {
                continue;
            };
            if folder.contains("/_clients/") {
                continue;
            }
            let read = Source::read(&env.path("plain/hosts").join(folder));
            assert!(read.is_ok(), "{folder}: {read:#?}");
            nodes += 1;
        }
        assert!(nodes > 0, "{}", stack.display());
    }
}

#[test]
fn one_flow_changes_its_two_policies_and_what_lists_them() {
    let env = payments();
    env.edit(
        "stack/stack.yaml",
        "      api-to-postgres:",
        "      gateway-to-metrics: {from: frontend/web-gateway, to: payments/payments-api, port: metrics}\n      api-to-postgres:",
    );
    env.run(&["render", "stack"]).expect_exit(0);
    let expected = ["production", "staging"].into_iter().flat_map(|cluster| {
        let allow = format!("rendered/{cluster}/allow/cilium");
        let policy = "ciliumnetworkpolicy.cilium.io-gateway-to-metrics";
        [
            format!("A {allow}/frontend/{policy}.egress.yaml"),
            format!("A {allow}/payments/{policy}.ingress.yaml"),
            format!("M {allow}/kustomization.yaml"),
            format!("M .ztgit/inventory/{cluster}.json"),
        ]
    });
    let (probes, others) = changed(&env);
    assert_eq!(
        probes.len(),
        4,
        "the script and its manifest, twice: {probes:?}"
    );
    assert_eq!(others, expected.collect());
}

#[test]
fn a_namespace_that_is_enforced_adds_its_own_deny() {
    let env = payments();
    env.edit(
        "stack/stack.yaml",
        "namespaces: {frontend: {mode: audit}, payments: {mode: audit}}",
        "namespaces: {frontend: {mode: audit}, payments: {mode: enforce}}",
    );
    env.run(&["render", "stack"]).expect_exit(0);
    let (probes, others) = changed(&env);
    assert!(!probes.is_empty(), "what is refused now is tried");
    let expected = [
        "A rendered/production/enforce/cilium/payments/ciliumnetworkpolicy.cilium.io-zt-default-deny.yaml",
        "M .ztgit/inventory/production.json",
        "M rendered/production/apps/cilium/kustomization.yaml",
        "M rendered/production/enforce/cilium/kustomization.yaml",
        "M rendered/production/namespaces/stack/_cluster/namespace-payments.yaml",
    ];
    assert_eq!(others, expected.map(str::to_owned).into());
}

//! What a render does only when it is told to, or not at all.

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

const NAMESPACE_BODY: &str = "        mode: enforce
        workloads:
          web: {labels: {app: web}, ports: {http: 8080}}
          api: {labels: {app: api}, ports: {http: 5000}}
    flows:
      web-to-api: {from: demo/web, to: demo/api, port: http}
";

/// The stack with other lines where its one namespace and flow are.
fn with_namespaces(env: &TestEnvironment, lines: &str) {
    let namespaces = format!("    namespaces:\n      demo:\n{NAMESPACE_BODY}");
    assert!(TWO_CLUSTERS.contains(&namespaces));
    env.write("stack/stack.yaml", TWO_CLUSTERS.replace(&namespaces, lines));
}

#[test]
fn a_cluster_is_not_removed_unasked() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "    lab: {labels: {env: lab}}\n", "");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(env.commits("fleet"), 1);
}

#[test]
fn a_namespace_s_removal_needs_consent() {
    let env = TestEnvironment::rendered(&TWO_CLUSTERS.replace("mode: enforce", "mode: audit"));
    with_namespaces(&env, "");
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(env.commits("fleet"), 1);
    env.run(&["render", "stack", "--allow-removal"])
        .expect_exit(0);
    assert!(!env.exists("fleet/rendered/home/namespaces"));
}

#[test]
fn what_denies_and_what_allows_do_not_go_in_one_commit_with_any_consent() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    with_namespaces(&env, "");
    let run = env.run(&["render", "stack", "--allow-removal", "--allow-recreate"]);
    insta::assert_snapshot!(run.snapshot());
    assert_eq!(env.commits("fleet"), 1);
}

#[test]
fn a_namespace_goes_in_two_steps() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "mode: enforce", "mode: audit");
    env.run(&["render", "stack"]).expect_exit(0);
    with_namespaces(&env, "");
    env.run(&["render", "stack", "--allow-removal"])
        .expect_exit(0);
    assert_eq!(env.commits("fleet"), 3);
}

#[test]
fn a_dry_run_refuses_what_the_render_would() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "    lab: {labels: {env: lab}}\n", "");
    env.run(&["render", "stack", "--dry-run"]).expect_exit(2);
}

/// A hand-written object, and the phase that the stack puts it in.
fn with_manifest(phase: &str) -> String {
    let manifests =
        format!("\n    manifests: {{note: {{path: manifests/note.yaml, phase: {phase}}}}}");
    TWO_CLUSTERS.replacen("\n    flows:", &format!("{manifests}\n    flows:"), 1)
}

#[test]
fn an_object_that_moves_to_a_later_unit_needs_consent() {
    let env = TestEnvironment::with_stack(&with_manifest("platform"));
    env.write(
        "stack/manifests/note.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note, namespace: demo}\n",
    );
    env.run(&["render", "stack"]).expect_exit(0);
    env.write("stack/stack.yaml", with_manifest("apps"));
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert_eq!(env.commits("fleet"), 1);
    env.run(&["render", "stack", "--allow-recreate"])
        .expect_exit(0);
    assert_eq!(env.commits("fleet"), 2);
}

#[test]
fn cilium_goes_one_minor_version_at_a_time() {
    let version = |version: &str| {
        let lines = format!("  defaults:\n    cni: {{name: cilium, version: {version}}}\n");
        TWO_CLUSTERS.replace("  defaults:\n", &lines)
    };
    let env = TestEnvironment::rendered(&version("1.20.2"));
    env.write("stack/stack.yaml", version("1.19.5"));
    let run = env.run(&["render", "stack"]).expect_exit(2);
    assert!(run.stderr.contains("is a downgrade"), "{}", run.stderr);
    assert_eq!(env.commits("fleet"), 1);
}

#[test]
fn a_namespace_that_leaves_audit_out_is_pointed_at() {
    let env = TestEnvironment::rendered(&TWO_CLUSTERS.replace("mode: enforce", "mode: observe"));
    env.write("stack/stack.yaml", TWO_CLUSTERS);
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(
        run.stderr.contains("from observe to enforce"),
        "{}",
        run.stderr
    );
}

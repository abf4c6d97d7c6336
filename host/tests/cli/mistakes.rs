//! Wrong stacks: every independent mistake in one run, each at its place, and
//! nothing written.

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

/// Thirteen mistakes, all of them different.
const MISTAKES: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: Stack
metadata: {name: mistakes}
spec:
  plugins: {cilium: {}, wireguard: {}}
  profiles:
    edge: {labels: {tier: edge}}
  clusters:
    home:
      profiles: [egde]
      labels: {debug: no}
      flux: {source: {url: \"https://git.example.net/fleet.git\"}}
      network:
        podCIDRs: [10.42.0.0/16]
        serviceCIDRs: [10.42.128.0/17]
      nodes:
        pi-1: {role: server, addresses: [192.168.1.10]}
      namespaces:
        demo:
          mod: enforce
          workloads:
            web: {labels: {app: web, version: 1.20}, ports: {http: 8080}}
            db: {labels: {app: db}, ports: {redis: \"6379\"}}
            db: {labels: {app: db2}}
      flows:
        a-web-to-cache: {from: demo/web, to: demo/cache, ports: [80]}
        b-web-to-web: {from: demo/web, to: demo/web, port: htpp}
        c-from-nowhere: {from: dmo/web, to: demo/web, port: http}
      config:
        wiregaurd: {}
        wireguard:
          endpoint: vpn.example.net
          port: 99999
        cilium: {gatway: {}}
";

#[test]
fn every_mistake_is_found_in_one_run_at_its_place() {
    let env = TestEnvironment::with_stack(MISTAKES);
    insta::assert_snapshot!(env.run(&["render", "stack"]).snapshot());
    assert!(!env.exists("fleet") && !env.exists("stack/ztgit.lock"));
}

#[test]
fn the_report_has_every_mistake_with_its_place() {
    let env = TestEnvironment::with_stack(MISTAKES);
    let run = env
        .run(&["check", "stack", "--format", "json"])
        .expect_exit(2);
    insta::assert_snapshot!(serde_json::to_string_pretty(&run.json()).unwrap());
}

#[test]
fn a_render_that_fails_reports_once() {
    let env = TestEnvironment::with_stack(MISTAKES);
    let run = env
        .run(&["render", "stack", "--format", "json"])
        .expect_exit(2);
    assert_eq!(run.json()["kind"], "Diagnostics");
}

#[test]
fn a_plugin_that_is_not_built_in_is_named() {
    let stack = MISTAKES.split("  profiles:").next().unwrap();
    let env = TestEnvironment::with_stack(&stack.replace("wireguard", "wiregaurd"));
    insta::assert_snapshot!(env.run(&["check", "stack"]).snapshot());
}

#[test]
fn a_directory_without_a_stack_is_named() {
    let env = TestEnvironment::new();
    env.write("empty/README.md", "nothing here\n");
    insta::assert_snapshot!(env.run(&["render", "empty"]).snapshot());
}

#[test]
fn a_mistake_in_a_cluster_s_own_file_is_found_there() {
    let env = TestEnvironment::with_stack(
        "apiVersion: ztgit.dev/v1alpha1\nkind: Stack\nmetadata: {name: fleet}\nspec: {plugins: {cilium: {}}}\n",
    );
    env.write(
        "stack/clusters/home.yaml",
        "apiVersion: ztgit.dev/v1alpha1\nkind: Cluster\nmetadata: {name: home}\n\
         spec:\n  flux: {source: {url: \"https://git.example.net/fleet.git\"}}\n  lables: {env: home}\n",
    );
    insta::assert_snapshot!(env.run(&["check", "stack"]).snapshot());
}

#[test]
fn a_private_key_in_a_stack_is_named_and_never_shown() {
    let key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    let peer = format!("    config: {{wireguard: {{peers: {{a: {{privateKey: {key}}}}}}}}}\n");
    let env = TestEnvironment::with_stack(&format!("{TWO_CLUSTERS}{peer}"));
    let run = env.run(&["check", "stack"]).expect_exit(2);
    assert!(
        run.stderr
            .contains("stack.yaml, line 20, holds a WireGuard private key"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains(&key[..10]) && !run.stdout.contains(&key[..10]));
}

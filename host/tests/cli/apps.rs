//! Apps on some of many clusters: whoever has one is rendered again when it changes,
//! nobody else is, and what comes out is what comes out without a cache.

use std::fs;

use crate::environment::TestEnvironment;
use crate::fleets::{answers, tree};
use crate::stacks::TWO_CLUSTERS;

/// Placed on one of the two clusters, by label.
const JOBS: &str = "\
apiVersion: ztgit.dev/v1alpha1
kind: App
metadata: {name: jobs}
spec:
  placement: {labels: {env: lab}}
  namespaces:
    jobs:
      mode: audit
      workloads:
        runner: {labels: {app: runner}, ports: {http: 8080}}
        queue: {labels: {app: queue}, ports: {http: 9090}}
  flows:
    runner-to-queue: {from: jobs/runner, to: jobs/queue, port: http}
";
/// A profile whose label places nothing yet.
const PROFILE: &str = "  profiles: {upstairs: {labels: {floor: up}}}\n  clusters:\n    home: {profiles: [upstairs], labels";

fn with_app() -> TestEnvironment {
    let stack = TWO_CLUSTERS.replace("  clusters:\n    home: {labels", PROFILE);
    let env = TestEnvironment::with_stack(&stack);
    env.write("stack/apps/jobs.yaml", JOBS);
    env.run(&["render", "stack"]).expect_exit(0);
    env
}

/// Renders with what is known and without, and compares the trees and what was said.
fn same_without_a_cache(env: &TestEnvironment, after: &str) {
    let known = env
        .run(&["render", "stack", "--allow-removal"])
        .expect_exit(0);
    let fresh = ["render", "stack", "--allow-removal", "--no-cache"];
    let fresh = env
        .run(&[&fresh[..], &["--repo", "fresh"]].concat())
        .expect_exit(0);
    assert_eq!(tree(env, "fleet"), tree(env, "fresh"), "{after}");
    assert_eq!(known.stderr, fresh.stderr, "{after}");
}

/// The clusters that have the namespace of an app.
fn placed_on(env: &TestEnvironment, namespace: &str) -> Vec<&'static str> {
    let namespace = format!("namespaces/stack/_cluster/namespace-{namespace}.yaml");
    let has = |cluster: &&str| env.exists(&format!("fleet/rendered/{cluster}/{namespace}"));
    ["home", "lab"].into_iter().filter(has).collect()
}

#[test]
fn an_app_counts_only_for_the_clusters_that_have_it() {
    let env = with_app();
    let before = answers(&env);
    env.edit("stack/apps/jobs.yaml", "http: 9090", "http: 9091");
    env.run(&["render", "stack"]).expect_exit(0);
    let one = answers(&env) - before;
    env.edit(
        "stack/stack.yaml",
        "    namespaces:",
        "    labels: {all: of-them}\n    namespaces:",
    );
    env.run(&["render", "stack"]).expect_exit(0);
    let both = answers(&env) - before - one;
    assert_eq!(both, 2 * one, "what one cluster keeps, and what two do");
    same_without_a_cache(&env, "an edit");
}

#[test]
fn an_app_is_rendered_where_it_is_placed_now() {
    let env = with_app();
    let app = "stack/apps/jobs.yaml";
    let steps: [(&str, &str, &str, &[&str]); 6] = [
        (app, "{env: lab}", "{env: home}", &["home"]),
        (
            app,
            "labels: {env: home}",
            "clusters: [home, lab]",
            &["home", "lab"],
        ),
        (
            app,
            "clusters: [home, lab]",
            "labels: {floor: down}, clusters: [lab]",
            &["lab"],
        ),
        (
            "stack/stack.yaml",
            "floor: up",
            "floor: down",
            &["home", "lab"],
        ),
        (app, "clusters: [lab]", "clusters: []", &["home"]),
        (
            "stack/stack.yaml",
            "{env: lab}",
            "{env: lab, floor: down}",
            &["home", "lab"],
        ),
    ];
    for (file, before, after, clusters) in steps {
        env.edit(file, before, after);
        same_without_a_cache(&env, after);
        assert_eq!(placed_on(&env, "jobs"), clusters, "{after}");
    }
}

#[test]
fn an_app_that_comes_is_renamed_or_goes_is_rendered_as_without_a_cache() {
    let env = with_app();
    let other = JOBS
        .replace("jobs", "batch")
        .replace("runner-to", "batch-runner-to");
    env.write("stack/apps/batch.yaml", other);
    same_without_a_cache(&env, "a second app");
    assert_eq!(placed_on(&env, "batch"), ["lab"]);

    env.edit("stack/apps/jobs.yaml", "{name: jobs}", "{name: work}");
    same_without_a_cache(&env, "another name");

    let file = |name: &str| env.path(&format!("stack/apps/{name}.yaml"));
    fs::rename(file("jobs"), file("work")).unwrap();
    same_without_a_cache(&env, "another file");
    assert_eq!(placed_on(&env, "jobs"), ["lab"]);

    fs::remove_file(file("work")).unwrap();
    same_without_a_cache(&env, "one app less");
    assert!(placed_on(&env, "jobs").is_empty());
}

/// Consent to an app is by its name.
#[test]
fn a_renamed_app_that_nobody_consents_to_is_refused() {
    let env = with_app();
    env.edit(
        "stack/stack.yaml",
        "{env: lab}",
        "{env: lab}, exposure: {jobs: {fqdns: [api.example.net]}}",
    );
    let flow =
        "  flows:\n    out: {from: jobs/runner, to: {fqdn: api.example.net}, ports: [443]}\n";
    env.edit("stack/apps/jobs.yaml", "  flows:\n", flow);
    env.run(&["render", "stack"]).expect_exit(0);
    env.edit("stack/apps/jobs.yaml", "{name: jobs}", "{name: work}");
    let run = env.run(&["render", "stack"]).expect_exit(2);
    assert!(run.stderr.contains("app-consent"), "{}", run.stderr);
}

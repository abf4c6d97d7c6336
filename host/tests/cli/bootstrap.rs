//! `ztgit bootstrap`: objects and words.

use crate::environment::TestEnvironment;
use crate::stacks::TWO_CLUSTERS;

const URL: &str = r#"url: "https://git.example.net/fleet.git""#;
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJf0 ci@example.net";

/// The two clusters with another source.
fn with_source(source: &str) -> TestEnvironment {
    assert!(TWO_CLUSTERS.contains(URL));
    TestEnvironment::with_stack(&TWO_CLUSTERS.replace(URL, source))
}

fn bootstrap(env: &TestEnvironment) -> String {
    let arguments = ["bootstrap", "home", "--stack", "stack"];
    env.run(&arguments).snapshot()
}

#[test]
fn a_cluster_pulls_the_fleet_branch() {
    insta::assert_snapshot!(bootstrap(&with_source(URL)));
}

#[test]
fn a_cluster_pulls_its_branch_and_trusts_those_who_are_named() {
    let source = format!(
        "url: \"ssh://git@git.example.net/fleet.git\", name: fleet, layout: slice, \
         secretRef: fleet-key, verify: {{keys: {{ci: \"{KEY}\"}}}}"
    );
    insta::assert_snapshot!(bootstrap(&with_source(&source)));
}

#[test]
fn a_cluster_pulls_its_artifact() {
    let key = r"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
    let source = format!(
        "kind: OCIRepository, url: \"oci://registry.example.net/fleet\", \
         secretRef: registry, verify: {{keys: {{ci: \"{key}\"}}}}"
    );
    insta::assert_snapshot!(bootstrap(&with_source(&source)));
}

#[test]
fn the_report_has_objects_and_steps() {
    let env = with_source(URL);
    let arguments = ["bootstrap", "home", "--stack", "stack", "--format", "json"];
    let report = env.run(&arguments).expect_exit(0).json();
    assert_eq!(report["objects"][1]["spec"]["path"], "./clusters/home");
    assert_eq!(report["steps"].as_array().unwrap().len(), 4);
}

#[test]
fn another_controller_s_source_is_not_made_here() {
    let source = "kind: ExternalArtifact, url: \"https://git.example.net/fleet.git\"";
    insta::assert_snapshot!(bootstrap(&with_source(source)));
}

#[test]
fn what_does_not_belong_to_a_source_s_kind_is_found_at_its_place() {
    let source = format!(
        "kind: OCIRepository, url: \"https://registry.example.net/fleet\", layout: slice, \
         branch: main, verify: {{keys: {{ci: \"{KEY}\"}}}}"
    );
    insta::assert_snapshot!(bootstrap(&with_source(&source)));
}

#[test]
fn the_objects_are_committed_where_flux_finds_them() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let write = ["bootstrap", "home", "--stack", "stack", "--write"];
    insta::assert_snapshot!(env.run(&write).snapshot());
    let printed = env.run(&write[..4]).stdout;
    let written = env.read("fleet/clusters/home/bootstrap.yaml");
    assert!(written.ends_with(&printed));
    let again = env.run(&write).expect_exit(0);
    assert_eq!(again.stdout, "up to date\n");
    env.run(&["render", "stack"]).expect_exit(0);
    assert_eq!(env.read("fleet/clusters/home/bootstrap.yaml"), written);
}

#[test]
fn what_flux_bootstrap_keeps_is_left_to_it() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.write(
        "fleet/clusters/home/flux-system/gotk-sync.yaml",
        "# Flux's\n",
    );
    env.commit_all("fleet", "flux bootstrap");
    let write = ["bootstrap", "home", "--stack", "stack", "--write"];
    insta::assert_snapshot!(env.run(&write).snapshot());
}

#[test]
fn a_file_of_somebody_else_s_stays() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.write("fleet/clusters/home/bootstrap.yaml", "# mine\n");
    env.commit_all("fleet", "mine");
    let write = ["bootstrap", "home", "--stack", "stack", "--write"];
    insta::assert_snapshot!(env.run(&write).snapshot());
}

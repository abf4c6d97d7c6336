//! Many clusters: what is reused from earlier runs is what would be rendered, and
//! hides nothing; parts of a fleet add up to the whole.

use std::path::Path;

use crate::environment::TestEnvironment;
use crate::stacks::{POLICY, TWO_CLUSTERS};

const JOB_SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../examples/kubernetes-indexed-job/render-shard"
);
pub(crate) const FLEET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/fleet");

pub(crate) fn tree(env: &TestEnvironment, repository: &str) -> String {
    env.git(repository, &["rev-parse", "HEAD^{tree}"])
}

#[test]
fn what_the_cache_knows_is_what_is_rendered_without_it() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "{env: lab}", "{env: lab, floor: two}");
    env.run(&["render", "stack"]).expect_exit(0);
    let fresh = ["render", "stack", "--no-cache", "--repo", "fresh"];
    env.run(&fresh).expect_exit(0);
    assert_eq!(tree(&env, "fleet"), tree(&env, "fresh"));
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.run(&["render", "stack", "--no-cache"]).expect_exit(0);
    assert!(!env.exists("home/.cache/ztgit"));
    env.run(&["render", "stack"]).expect_exit(0);
    assert!(env.exists("home/.cache/ztgit"));
}

#[test]
fn a_file_that_was_changed_by_hand_is_found_also_when_the_cache_knows_everything() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.run(&["render", "stack"]).expect_exit(0);
    let before = tree(&env, "fleet");
    env.write(&format!("fleet/{POLICY}"), "changed\n");
    env.commit_all("fleet", "by hand");
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(
        run.stderr
            .contains(&format!("{POLICY} was changed by hand"))
    );
    assert_eq!(tree(&env, "fleet"), before);
}

#[test]
fn a_forged_inventory_beside_a_changed_file_hides_nothing() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let before = tree(&env, "fleet");
    let policy = format!("fleet/{POLICY}");
    let digest = |env: &TestEnvironment| ztgit::tree::Sha256::of(&env.read_bytes(&policy));
    let written = digest(&env).to_string();
    env.write(&policy, "changed\n");
    let forged = digest(&env).to_string();
    env.edit("fleet/.ztgit/inventory/home.json", &written, &forged);
    env.commit_all("fleet", "by hand");
    let run = env.run(&["render", "stack"]).expect_exit(0);
    for path in [POLICY, ".ztgit/inventory/home.json"] {
        let named = format!("{path} was changed by hand");
        assert!(run.stderr.contains(&named), "{}", run.stderr);
    }
    assert_eq!(tree(&env, "fleet"), before);
}

#[test]
fn what_another_stack_gave_was_not_changed_by_hand() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(!run.stderr.contains("by hand"), "{}", run.stderr);
}

#[test]
fn a_shared_file_without_the_end_of_its_block_is_left_alone() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let end = "# ztgit: end of managed block\n";
    env.edit("fleet/.sourceignore", end, "/mine/\n");
    env.commit_all("fleet", "by hand");
    let torn = env.read("fleet/.sourceignore");
    let run = env.run(&["render", "stack"]).expect_exit(3);
    assert!(run.stderr.contains(".sourceignore:1: "), "{}", run.stderr);
    assert_eq!(env.read("fleet/.sourceignore"), torn);
}

#[test]
fn a_user_s_file_beside_rendered_ones_stays_and_disturbs_nothing() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    env.write("fleet/rendered/home/NOTES", "mine\n");
    env.commit_all("fleet", "a note");
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(run.stdout.ends_with("up to date\n"), "{}", run.stdout);
    assert_eq!(env.read("fleet/rendered/home/NOTES"), "mine\n");
}

#[test]
fn findings_of_clusters_that_are_not_rendered_again_are_reported_again() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.edit(
        "stack/stack.yaml",
        "  clusters:",
        "    exceptions: {old: {code: wide-range, reason: nobody remembers}}\n  clusters:",
    );
    let first = env.run(&["render", "stack"]).expect_exit(0);
    let second = env.run(&["render", "stack"]).expect_exit(0);
    assert!(first.stderr.contains("warning"), "{}", first.stderr);
    assert_eq!(first.stderr, second.stderr);
}

/// The two clusters with a profile each, and something to warn of in both.
fn with_profiles() -> String {
    let profiles = "  profiles:
    upstairs: {labels: {floor: up}}
    downstairs: {labels: {floor: down}}
    nowhere: {labels: {floor: none}}
  clusters:
    home: {profiles: [upstairs], labels: {env: home}}
    lab: {profiles: [downstairs], labels: {env: lab}}
";
    let (common, _) = TWO_CLUSTERS.split_once("  clusters:").expect("it has some");
    format!("{common}{profiles}")
}

pub(crate) fn answers(env: &TestEnvironment) -> u64 {
    let info = env.run(&["cache", "info", "--format", "json"]).json();
    info["answers"].as_u64().expect("a number")
}

#[test]
fn a_profile_counts_only_for_the_clusters_that_have_it() {
    let env = TestEnvironment::rendered(&with_profiles());
    let before = answers(&env);
    env.edit("stack/stack.yaml", "floor: none", "floor: other, and: more");
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(run.stdout.ends_with("up to date\n"), "{}", run.stdout);
    assert_eq!(answers(&env), before, "nothing was rendered");

    env.edit("stack/stack.yaml", "floor: down}", "floor: cellar}");
    env.run(&["render", "stack"]).expect_exit(0);
    let one = answers(&env) - before;
    env.edit(
        "stack/stack.yaml",
        "namespaces:",
        "labels: {all: of-them}\n    namespaces:",
    );
    env.run(&["render", "stack"]).expect_exit(0);
    let both = answers(&env) - before - one;
    assert_eq!(both, 2 * one, "what one cluster keeps, and what two do");

    env.run(&["render", "stack", "--no-cache", "--repo", "fresh"])
        .expect_exit(0);
    assert_eq!(tree(&env, "fleet"), tree(&env, "fresh"));
}

#[test]
fn an_edit_anywhere_is_rendered_as_without_a_cache() {
    let env = TestEnvironment::rendered(&with_profiles());
    let edits = [
        ("  profiles:\n", "  profiles: # of floors\n"),
        ("    downstairs:", "    between: {}\n    downstairs:"),
        ("[upstairs]", "[between, upstairs]"),
        (
            "between: {}",
            "between: {labels: {floor: mezzanine, and: stairs}}",
        ),
        ("[between, upstairs]", "[upstairs, between]"),
        ("    nowhere: {labels: {floor: none}}\n", ""),
        (
            "{labels: {floor: up}}",
            "\n      labels:\n        floor: |\n          up",
        ),
        (
            "    lab:",
            "    attic: {profiles: [between], labels: {env: home}}\n    lab:",
        ),
        ("port: http}", "port: 5000}"),
    ];
    for (before, after) in edits {
        env.edit("stack/stack.yaml", before, after);
        let known = env.run(&["render", "stack"]).expect_exit(0);
        let fresh = env
            .run(&["render", "stack", "--no-cache", "--repo", "fresh"])
            .expect_exit(0);
        assert_eq!(tree(&env, "fleet"), tree(&env, "fresh"), "{after}");
        assert_eq!(known.stderr, fresh.stderr, "{after}");
    }
}

#[test]
fn a_manifest_counts_only_for_the_clusters_that_name_it() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let manifest = |value: &str| {
        let text = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: extra, namespace: demo}}\ndata: {{key: {value}}}\n"
        );
        env.write("stack/manifests/extra.yaml", &text);
        env.write("stack/manifests/unused.yaml", &text);
    };
    manifest("one");
    env.edit(
        "stack/stack.yaml",
        "{env: lab}",
        "{env: lab}, manifests: {extra: {path: manifests/extra.yaml}}",
    );
    env.run(&["render", "stack"]).expect_exit(0);
    manifest("two");
    env.run(&["render", "stack"]).expect_exit(0);
    env.run(&["render", "stack", "--no-cache", "--repo", "fresh"])
        .expect_exit(0);
    assert_eq!(tree(&env, "fleet"), tree(&env, "fresh"));
    let before = answers(&env);
    env.write("stack/manifests/unused.yaml", "");
    env.run(&["render", "stack"]).expect_exit(0);
    assert_eq!(answers(&env), before, "nothing was rendered");
}

#[test]
fn what_was_found_is_shown_where_it_has_moved_to() {
    let unused = "exceptions: {old: {code: wide-range, reason: nobody remembers}}";
    let stack = with_profiles()
        .replace("{floor: down}", &format!("{{floor: down}}, {unused}"))
        .replace("{env: home}", &format!("{{env: home}}, {unused}"));
    let env = TestEnvironment::rendered(&stack);
    env.edit(
        "stack/stack.yaml",
        "    upstairs:",
        "    new:\n      labels: {a: b}\n    upstairs:",
    );
    let known = env.run(&["render", "stack"]).expect_exit(0);
    let fresh = env
        .run(&["render", "stack", "--no-cache", "--repo", "fresh"])
        .expect_exit(0);
    assert!(known.stderr.contains("warning"), "{}", known.stderr);
    assert_eq!(known.stderr, fresh.stderr);
}

#[test]
fn a_damaged_cache_costs_nothing_but_time() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let cache = crate::environment::files_below(&env.path("home/.cache/ztgit"));
    for file in cache.keys() {
        env.write(&format!("home/.cache/ztgit/{file}"), "damaged");
    }
    let run = env.run(&["render", "stack"]).expect_exit(0);
    assert!(run.stdout.ends_with("up to date\n"), "{}", run.stdout);
}

#[test]
fn the_cache_is_shown_and_cleared() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    assert!(answers(&env) > 0);
    env.run(&["cache", "clear"]).expect_exit(0);
    assert_eq!(answers(&env), 0);
}

#[test]
fn the_shares_of_a_fleet_add_up_to_the_whole() {
    let env = TestEnvironment::new();
    env.run(&["render", FLEET, "--repo", "whole"])
        .expect_exit(0);
    for index in 0..3 {
        let share = format!("{index}/3");
        env.run(&["render", FLEET, "--repo", "parts", "--shard", &share])
            .expect_exit(0);
    }
    assert_eq!(tree(&env, "whole"), tree(&env, "parts"));
    env.run(&["drift", "git", FLEET, "--repo", "parts", "--strict"])
        .expect_exit(0);
}

#[test]
fn a_share_writes_its_own_clusters_and_no_others() {
    let env = TestEnvironment::new();
    let clusters = |repository: &str| {
        let rendered = env.path(repository).join("rendered");
        let names = std::fs::read_dir(rendered).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    for index in 0..2 {
        let (share, repository) = (format!("{index}/2"), format!("part-{index}"));
        env.run(&["render", FLEET, "--repo", &repository, "--shard", &share])
            .expect_exit(0);
    }
    let (first, second) = (clusters("part-0"), clusters("part-1"));
    assert!(first.is_disjoint(&second));
    assert_eq!(first.len() + second.len(), 6);
}

#[test]
fn waves_are_one_commit_each_and_what_is_to_come_is_pending() {
    let env = TestEnvironment::new();
    let render = |wave: &str| env.run(&["render", FLEET, "--wave", wave]).expect_exit(0);
    render("canary");
    let drift = env
        .run(&["drift", "git", FLEET, "--format", "json"])
        .expect_exit(0)
        .json();
    assert_eq!(drift["summary"]["pending"], 5);
    assert_eq!(drift["summary"]["drift"], 0);
    env.run(&["verify", "--stack", FLEET]).expect_exit(0);
    render("early");
    render("main");
    assert_eq!(env.commits("fleet"), 3);
    env.run(&["drift", "git", FLEET, "--strict"]).expect_exit(0);
    env.run(&["render", FLEET, "--repo", "at-once"])
        .expect_exit(0);
    assert_eq!(tree(&env, "fleet"), tree(&env, "at-once"));
}

#[test]
fn a_wave_that_no_cluster_belongs_to_is_an_error() {
    let env = TestEnvironment::new();
    let run = env
        .run(&["render", FLEET, "--wave", "canary", "--wave", "cannary"])
        .expect_exit(2);
    insta::assert_snapshot!(run.snapshot());
}

#[test]
fn a_render_that_fails_leaves_no_repository_behind() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    env.edit("stack/stack.yaml", "to: demo/api", "to: demo/apy");
    env.run(&["render", "stack"]).expect_exit(2);
    assert!(!Path::new(&env.path("fleet")).exists());
}

#[test]
fn the_fleet_has_no_findings() {
    let env = TestEnvironment::new();
    let run = env.run(&["check", FLEET]).expect_exit(0);
    assert!(run.stdout.ends_with("no problems\n"), "{}", run.stdout);
}

/// What the pods of the Indexed Job under `examples/` do.
#[test]
fn shares_that_push_at_the_same_time_lose_nothing() {
    const SHARDS: usize = 3;
    let env = TestEnvironment::new();
    env.run(&["render", FLEET, "--repo", "whole"])
        .expect_exit(0);
    for (path, bytes) in crate::environment::files_below(Path::new(FLEET)) {
        env.write(&format!("stack/{path}"), bytes);
    }
    env.git("stack", &["init", "--quiet"]);
    env.commit_all("stack", "a fleet");
    env.git("", &["init", "--quiet", "--bare", "origin.git"]);
    env.git("", &["init", "--quiet", "first"]);
    env.git(
        "first",
        &["commit", "--quiet", "--allow-empty", "--message", "begin"],
    );
    env.git("first", &["push", "--quiet", "../origin.git", "main"]);
    // By path git would copy the repository, whatever the script asks for.
    let url = |name: &str| format!("file://{}", env.path(name).display());
    let pods: Vec<_> = (0..SHARDS)
        .map(|index| {
            std::fs::create_dir(env.path(&format!("pod-{index}"))).unwrap();
            let mut pod = env.script(JOB_SCRIPT);
            pod.current_dir(env.path(&format!("pod-{index}")))
                .env("JOB_COMPLETION_INDEX", index.to_string())
                .env("SHARDS", SHARDS.to_string())
                .env("STACK_URL", url("stack"))
                .env("STACK_PATH", ".")
                .env("FLEET_URL", url("origin.git"))
                .env("FLEET_BRANCH", "main");
            pod.spawn().unwrap()
        })
        .collect();
    for mut pod in pods {
        assert!(pod.wait().unwrap().success());
    }
    assert_eq!(tree(&env, "whole"), tree(&env, "origin.git"));
    assert_eq!(env.commits("origin.git"), 1 + SHARDS);
}

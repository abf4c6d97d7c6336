//! `ztgit publish --oci`, against Debian's registry.

use std::process::Command;

use serde_json::Value;
use ztgit_test_support::{Guard, RegistryServer, require_tool};

use crate::environment::{Run, TestEnvironment};
use crate::fleets::FLEET;
use crate::stacks::TWO_CLUSTERS;

fn publish(env: &TestEnvironment, registry: &RegistryServer, options: &[&str]) -> Run {
    let url = format!("--oci=oci://{}/fleet", registry.host());
    let arguments = [&["publish", "--format", "json", &url], options].concat();
    env.run(&arguments)
}

/// The clusters whose artifacts a run has pushed.
fn changed(run: &Run) -> Vec<String> {
    let report: Value = run.json();
    let slices = report["slices"].as_array().unwrap().iter();
    let changed = slices.filter(|slice| slice["changed"] == true);
    changed
        .map(|slice| slice["cluster"].as_str().unwrap().to_owned())
        .collect()
}

/// What a registry has at an address, by `curl`.
fn get(registry: &RegistryServer, path: &str) -> Vec<u8> {
    let url = format!("http://{}/v2/fleet/{path}", registry.host());
    let accept = "Accept: application/vnd.oci.image.manifest.v1+json";
    let mut curl = Command::new("curl");
    let output = curl.args(["-sSf", "-H", accept, &url]).output().unwrap();
    assert!(output.status.success(), "{url}: {output:?}");
    output.stdout
}

fn manifest(registry: &RegistryServer, cluster: &str) -> Value {
    let bytes = get(registry, &format!("{cluster}/manifests/latest"));
    serde_json::from_slice(&bytes).unwrap()
}

/// A rendered fleet and an empty registry; `None` where a tool is missing.
fn world() -> Option<(TestEnvironment, RegistryServer)> {
    require_tool("curl")?;
    let registry = RegistryServer::start(Guard::Open)?;
    Some((TestEnvironment::rendered(TWO_CLUSTERS), registry))
}

#[test]
fn an_artifact_is_what_flux_in_its_cluster_reads() {
    let Some((env, registry)) = world() else {
        return;
    };
    let run = publish(&env, &registry, &[]).expect_exit(0);
    assert_eq!(changed(&run), ["home", "lab"]);
    let manifest = manifest(&registry, "home");
    assert_eq!(
        manifest["annotations"]["org.opencontainers.image.revision"],
        format!("main@sha1:{}", env.head("fleet"))
    );
    let layer = &manifest["layers"][0];
    assert_eq!(
        layer["mediaType"],
        "application/vnd.cncf.flux.content.v1.tar+gzip"
    );
    let blob = get(
        &registry,
        &format!("home/blobs/{}", layer["digest"].as_str().unwrap()),
    );
    env.write("home.tar.gz", blob);
    let list = env.tool("tar", &["-tzf", "home.tar.gz"]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let expected = env.git(
        "fleet",
        &[
            "ls-tree",
            "-r",
            "--name-only",
            "HEAD",
            "clusters/home",
            "rendered/home",
        ],
    );
    assert_eq!(list.trim_end(), expected);
}

#[test]
fn only_the_cluster_that_changed_gets_an_artifact() {
    let Some((env, registry)) = world() else {
        return;
    };
    publish(&env, &registry, &[]).expect_exit(0);
    let before = manifest(&registry, "lab");
    env.write("fleet/clusters/home/note.yaml", "# a note\n");
    env.commit_all("fleet", "a note");
    let run = publish(&env, &registry, &[]).expect_exit(0);
    assert_eq!(changed(&run), ["home"]);
    assert_eq!(manifest(&registry, "lab"), before);
}

/// The digest of what a cluster's artifact holds, without what it says of its origin.
fn content(registry: &RegistryServer, artifact: &str) -> String {
    let manifest = manifest(registry, artifact);
    let [layer] = manifest["layers"].as_array().unwrap().as_slice() else {
        panic!("{manifest}");
    };
    layer["digest"].as_str().unwrap().to_owned()
}

#[test]
fn shares_that_share_nothing_but_the_registry_publish_the_artifacts_of_the_whole() {
    const SHARDS: usize = 3;
    let Some(registry) = require_tool("curl").and_then(|_| RegistryServer::start(Guard::Open))
    else {
        return;
    };
    let env = TestEnvironment::new();
    env.run(&["render", FLEET]).expect_exit(0);
    let whole = changed(&publish(&env, &registry, &[]).expect_exit(0));
    assert_eq!(whole.len(), 6);

    let parts = format!("--oci=oci://{}/fleet/parts", registry.host());
    let mut published = Vec::new();
    for index in 0..SHARDS {
        let (share, repository) = (format!("{index}/{SHARDS}"), format!("part-{index}"));
        let part = ["--repo", &repository, "--shard", &share];
        env.run(&[&["render", FLEET], &part[..]].concat())
            .expect_exit(0);
        let publish = ["publish", "--format", "json", &parts];
        let run = env.run(&[&publish[..], &part].concat()).expect_exit(0);
        published.extend(changed(&run));
    }
    published.sort();
    assert_eq!(published, whole);
    for cluster in whole {
        let part = content(&registry, &format!("parts/{cluster}"));
        assert_eq!(part, content(&registry, &cluster), "{cluster}");
    }
}

#[test]
fn an_older_fleet_is_not_published_over_a_newer_artifact() {
    let Some((env, registry)) = world() else {
        return;
    };
    env.git("", &["clone", "--quiet", "fleet", "other"]);
    env.write("fleet/clusters/home/note.yaml", "# a note\n");
    env.commit_all("fleet", "a note");
    publish(&env, &registry, &[]).expect_exit(0);
    let before = manifest(&registry, "home");
    let run = publish(&env, &registry, &["--repo", "other"]).expect_exit(3);
    assert!(
        run.stderr.contains("does not contain"),
        "{}",
        run.snapshot()
    );
    assert_eq!(manifest(&registry, "home"), before);
}

#[test]
fn a_registry_that_cannot_be_reached_is_not_done() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let run = env.run(&["publish", "--oci=oci://127.0.0.1:1/fleet"]);
    run.expect_exit(3);
}

#[test]
fn the_registry_of_another_scheme_is_refused() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let run = env.run(&["publish", "--oci=https://registry.example.net/fleet"]);
    insta::assert_snapshot!(run.snapshot());
}

#[test]
fn git_s_keys_do_not_sign_artifacts() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let run = env.run(&["publish", "--oci=oci://127.0.0.1:1/fleet", "--sign"]);
    insta::assert_snapshot!(run.snapshot());
}

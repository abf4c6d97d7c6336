//! The Job of `examples/kubernetes-indexed-job`, as its README creates it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use ztgit_flux_tests::{Api, Cluster, Installation, ObjectId};

const EXAMPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../examples/kubernetes-indexed-job"
);
const NAMESPACE: &str = "ztgit";
const PODS: u64 = 4;

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn the_indexed_job_and_its_pods_are_accepted_in_a_restricted_namespace() {
    let cluster = Cluster::start(&[]);
    let api = cluster.api();
    let restricted = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {
            "name": NAMESPACE,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    });
    api.administer(&restricted).expect("a namespace");
    create(cluster.kubeconfig());

    let job = ObjectId::namespaced("batch/v1", "Job", NAMESPACE, "render-fleet");
    let job = api.object(&job).expect("it answers").expect("it is there");
    let spec = &job["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!(spec["completions"], PODS);
    assert_eq!(spec["podReplacementPolicy"], "Failed");
    let pod = &spec["template"]["spec"];
    let shards = json!({"name": "SHARDS", "value": PODS.to_string()});
    let variables = pod["containers"][0]["env"].as_array();
    assert!(variables.expect("it has some").contains(&shards), "{pod}");
    assert_has_script(api, pod);
    // What the Job's controller would make of it; there is none here.
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "render-fleet-0", "namespace": NAMESPACE},
        "spec": pod,
    });
    api.administer(&pod).expect("its pods are admitted");
}

/// The README's command; a field that nobody knows is an error.
fn create(kubeconfig: &Path) {
    let output = Command::new(Installation::locate().program("kubectl"))
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(["create", "--validate=strict", "--kustomize", EXAMPLE])
        .output()
        .expect("kubectl is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("Warning"), "{errors}");
}

/// The map that the pods mount, under the name that kustomize gave it.
fn assert_has_script(api: &Api, pod: &Value) {
    let volumes = pod["volumes"].as_array().expect("it has some");
    let map = volumes
        .iter()
        .find_map(|volume| volume["configMap"]["name"].as_str());
    let map = map.expect("the script is mounted");
    let map = ObjectId::namespaced("v1", "ConfigMap", NAMESPACE, map);
    let map = api.object(&map).expect("it answers").expect("it is there");
    let script = std::fs::read_to_string(format!("{EXAMPLE}/render-shard"));
    assert_eq!(
        map["data"]["render-shard"],
        script.expect("the example has it")
    );
}

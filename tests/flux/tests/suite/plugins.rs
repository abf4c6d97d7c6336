//! A plugin in a registry, as Flux's source-controller sees it.

use std::fs;

use serde_json::json;
use ztgit_flux_tests::{ObjectId, Stack, World, ensure, wait_for};
use ztgit_test_support::{Guard, RegistryServer, guest};

const SOURCE: &str = "source.toolkit.fluxcd.io/v1";

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_pushed_plugin_is_an_artifact_whose_signature_and_layer_flux_takes() {
    let Some(registry) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let world = World::start(&Stack::shop(), "west", &[]);
    let key = world.user().make_artifact_key();
    let repository = format!("{}/plugins/raw", registry.host());
    let component = guest("well-behaved");
    let pushed = world.user().ztgit(&[
        "plugin",
        "push",
        &component.display().to_string(),
        &format!("{repository}:1.0.0"),
        "--sign=artifacts.key",
    ]);
    assert_eq!(pushed.exit, 0, "{}", pushed.said);

    let signers = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "publishers", "namespace": "flux-system"},
        "stringData": {"ours.pub": key},
    });
    world.api().administer(&signers).expect("it is a Secret");
    let source = json!({
        "apiVersion": SOURCE, "kind": "OCIRepository",
        "metadata": {"name": "plugin", "namespace": "flux-system"},
        "spec": {
            "interval": "10m",
            "url": format!("oci://{repository}"),
            "ref": {"tag": "1.0.0"},
            "layerSelector": {"mediaType": "application/wasm", "operation": "copy"},
            "verify": {"provider": "cosign", "secretRef": {"name": "publishers"}},
        },
    });
    world.flux().bootstrap_as_printed(&source.to_string());

    let id = ObjectId::namespaced(SOURCE, "OCIRepository", "flux-system", "plugin");
    let status = wait_for("the plugin's artifact", || {
        let status = world.get(&id)["status"].clone();
        ensure(status["artifact"].is_object(), || status.to_string())?;
        Ok(status)
    });
    let manifest = pushed
        .stdout
        .trim()
        .split_once('@')
        .expect("it is pinned")
        .1;
    let artifact = &status["artifact"];
    assert_eq!(
        artifact["revision"],
        format!("1.0.0@{manifest}"),
        "{status}"
    );
    let bytes = fs::read(component).expect("the guest was just built").len();
    assert_eq!(artifact["size"], bytes, "{status}");
    let verified = |condition: &serde_json::Value| {
        condition["type"] == "SourceVerified" && condition["status"] == "True"
    };
    let conditions = status["conditions"].as_array();
    assert!(conditions.into_iter().flatten().any(verified), "{status}");
}

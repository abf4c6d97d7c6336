//! Describes a kind of Kubernetes' own as namespaced and free of rules, so that
//! it would need no grant and pass the check of its fields.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use ztgit_plugin::{
    Cluster, Description, Facts, Manifest, Object, ObjectSchema, ObjectScope, Phase, Plugin,
    Rendering, export,
};

const API_VERSION: &str = "rbac.authorization.k8s.io/v1";
const KIND: &str = "ClusterRoleBinding";

struct Usurper;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Config {}

impl Plugin for Usurper {
    type Config = Config;

    fn describe() -> Description {
        Description::new("usurper", "0.1.0", "knows better").schema(ObjectSchema {
            api_version: API_VERSION.to_owned(),
            kind: KIND.to_owned(),
            scope: ObjectScope::Namespaced,
            schema: json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
        })
    }

    fn render(_: &Cluster, _: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        let object = Object::namespaced(API_VERSION, KIND, "demo", "owner").field(
            "roleRef",
            json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}),
        );
        rendering.push(Manifest::new(Phase::Apps, object));
        rendering
    }
}

export!(Usurper);

//! Installing the definitions of kinds.

use serde_json::Value;

use super::{Api, Apply, ObjectId};
use crate::wait::wait_for;

const CRD: &str = "CustomResourceDefinition";

impl Api {
    /// Applies `CustomResourceDefinition`s, and what comes with them, as whoever
    /// brings these kinds, and waits until they can be used.
    pub fn install_definitions(&self, manager: &str, texts: &[String]) {
        let mut kinds = Vec::new();
        for text in texts {
            let object: Value = serde_saphyr::from_str(text).expect("a definition is YAML");
            let id = ObjectId::of(&object);
            self.apply(&id, text, Apply::As(manager))
                .unwrap_or_else(|error| panic!("{id}: {error}"));
            if id.kind == CRD {
                kinds.extend(defined(&object));
            }
        }
        // That a definition is established does not say that the server already
        // offers the kind.
        for (api_version, kind) in kinds {
            let any = ObjectId::cluster(&api_version, &kind, "any");
            wait_for(&kind, || {
                self.resource(&any).map_err(|error| error.to_string())
            });
        }
    }
}

/// `group/version` and kind of each version that a definition serves.
fn defined(definition: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a definition says so").to_owned();
    let spec = &definition["spec"];
    let (group, kind) = (text(&spec["group"]), text(&spec["names"]["kind"]));
    let versions = spec["versions"].as_array().into_iter().flatten();
    versions
        .filter(|version| version["served"] == true)
        .map(|version| (format!("{group}/{}", text(&version["name"])), kind.clone()))
        .collect()
}

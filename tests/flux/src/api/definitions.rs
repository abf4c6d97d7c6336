//! Installing the definitions of kinds.

use std::time::Duration;

use serde_json::Value;

use super::{Api, Apply, ObjectId};
use crate::wait::wait_for;

impl Api {
    /// Applies `CustomResourceDefinition`s, and what comes with them, as whoever
    /// brings these kinds, and waits until they can be used.
    pub fn install_definitions(&self, manager: &str, texts: &[String]) {
        let mut ids = Vec::new();
        for text in texts {
            let object: Value = serde_saphyr::from_str(text).expect("a definition is YAML");
            let id = ObjectId::of(&object);
            self.apply(&id, text, Apply::As(manager))
                .unwrap_or_else(|error| panic!("{id}: {error}"));
            ids.push(id);
        }
        for id in ids {
            wait_for(&id.to_string(), Duration::from_mins(1), || {
                let object = self.object(&id).map_err(|error| error.to_string())?;
                let is_established = object.is_some_and(|object| {
                    id.kind != "CustomResourceDefinition" || is_true(&object, "Established")
                });
                is_established
                    .then_some(())
                    .ok_or_else(|| "not established".to_owned())
            });
        }
    }
}

fn is_true(object: &Value, condition: &str) -> bool {
    object["status"]["conditions"]
        .as_array()
        .is_some_and(|conditions| {
            conditions
                .iter()
                .any(|found| found["type"] == condition && found["status"] == "True")
        })
}

//! Guests of published versions of the interface keep running.

use std::fs;
use std::path::Path;

use serde_json::json;
use ztgit::tree::Sha256;
use ztgit_plugin::Artifact;
use ztgit_test_support::guests;

use super::components::{Candidate, render};

/// Every version that guests in the wild may have been built against, with the
/// sha256 of its text. A line is added with a version, and none is changed.
const PUBLISHED: &[(&str, &str)] = &[(
    "0.1.0",
    "sha256:9a0953f687bad3752bfd3ba512960dc4a5938baf05185b36ef5db59df738eb60",
)];

#[test]
pub(crate) fn the_text_of_a_published_version_does_not_change() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/components/published");
    for (version, digest) in PUBLISHED {
        let text = fs::read(tests.join(version).join("plugin.wit")).expect("it is kept");
        assert_eq!(Sha256::of(&text).to_string(), *digest, "{version}");
    }
}

#[test]
pub(crate) fn a_guest_of_a_published_version_runs() {
    for (version, _) in PUBLISHED {
        let candidate = Candidate::new("frozen", guests::published_guest(version));
        let plugin = candidate.load().map_err(|error| candidate.shown(&error));
        let plugin = plugin.expect("it is still a plugin");
        assert_eq!(plugin.description().summary, "from before");
        let rendering = render(&plugin, &json!({})).expect("it renders");
        let [Artifact::Manifest(manifest)] = rendering.artifacts.as_slice() else {
            panic!("{rendering:?}")
        };
        assert_eq!(manifest.object.name(), "old");
    }
}

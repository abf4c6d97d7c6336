//! Components that are damaged: whatever becomes of them, the host goes on.
//! A panic of the host fails these tests by itself.

use ztgit::name::PluginName;
use ztgit::plugin::{CanonicalJson, Limits, Plugin, Runtime, Wasi};
use ztgit_test_support::guest;

use super::components::{cluster, render};

/// How many places are tried.
const PLACES: usize = 400;

fn component() -> Vec<u8> {
    std::fs::read(guest("well-behaved")).expect("the guest was just built")
}

/// Little fuel: damage may make a loop of anything.
fn runtime() -> Runtime {
    Runtime::new(Limits {
        fuel: 1_000_000,
        memory: 8 << 20,
        ..Limits::default()
    })
}

/// Uses it as far as it can be used; whether it is a plugin at all.
fn try_it(runtime: &Runtime, bytes: &[u8]) -> bool {
    let name = PluginName::new("damaged").expect("a label");
    let Ok(plugin) = Plugin::third_party(runtime, name, bytes, None, Wasi::Refused) else {
        return false;
    };
    let config = serde_json::json!({});
    let _ = plugin.facts(&cluster(), &CanonicalJson::of(&config));
    let _ = render(&plugin, &config);
    true
}

#[test]
pub(crate) fn a_component_with_a_byte_flipped_does_not_harm_the_host() {
    let (runtime, whole) = (runtime(), component());
    let mut refused = 0;
    for place in (0..whole.len()).step_by(whole.len() / PLACES + 1) {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[place] ^= flip;
            refused += u32::from(!try_it(&runtime, &damaged));
        }
    }
    assert!(refused > 0, "no damage was noticed");
}

#[test]
pub(crate) fn a_component_that_is_cut_short_is_refused() {
    let (runtime, whole) = (runtime(), component());
    assert!(try_it(&runtime, &whole));
    for length in (0..whole.len()).step_by(whole.len() / PLACES + 1) {
        let accepted = try_it(&runtime, &whole[..length]);
        assert!(!accepted, "the first {length} bytes are a plugin");
    }
}

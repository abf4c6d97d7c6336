//! Components that are damaged: whatever becomes of them, the host goes on.
//! A panic of the host fails these tests by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::json;
use ztgit::name::PluginName;
use ztgit::plugin::{CanonicalJson, CompileCache, Limits, Plugin, Runtime, Wasi};
use ztgit::tree::Sha256;
use ztgit_test_support::guest;

use super::components::{cluster, in_time, render};

/// How many places the tests try that keep what they compile.
const PLACES: usize = 400;
/// What is changed of a byte: its lowest bit, its highest, all of them.
const FLIPS: [u8; 3] = [0x01, 0x80, 0xff];

fn component() -> Vec<u8> {
    fs::read(guest("well-behaved")).expect("the guest was just built")
}

/// Little fuel: damage may make a loop of anything.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Runtime::new(Limits {
        fuel: 1_000_000,
        memory: 8 << 20,
        ..Limits::default()
    })
});

/// What becomes of a component, as far as it can be used. Nothing: it is no plugin.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    summary: String,
    facts: String,
    rendering: String,
}

/// Uses it. What it is called by is the digest of these bytes and no others.
fn try_it(bytes: &[u8], cache: Option<&CompileCache>) -> Option<Outcome> {
    let name = PluginName::new("damaged").expect("a label");
    let plugin = Plugin::third_party(&RUNTIME, name, bytes, cache, Wasi::Refused).ok()?;
    assert_eq!(*plugin.digest(), Sha256::of(bytes));
    let config = json!({});
    let facts = plugin.facts(&cluster(), &CanonicalJson::of(&config));
    Some(Outcome {
        summary: plugin.description().summary.clone(),
        facts: format!("{facts:?}"),
        rendering: format!("{:?}", render(&plugin, &config)),
    })
}

/// Every so many bytes of a text of that length.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by(length / PLACES + 1)
}

fn flipped(whole: &[u8], place: usize, flip: u8) -> Vec<u8> {
    let mut damaged = whole.to_vec();
    damaged[place] ^= flip;
    damaged
}

#[test]
pub(crate) fn a_component_with_any_byte_flipped_does_not_harm_the_host() {
    let whole = component();
    let tried = FLIPS.len() * whole.len();
    // One after the other: the compiler has threads of its own.
    let refused = in_time(move || {
        let damaged =
            (0..whole.len()).flat_map(|place| FLIPS.map(|flip| flipped(&whole, place, flip)));
        damaged
            .filter(|damaged| try_it(damaged, None).is_none())
            .count()
    });
    assert!(0 < refused && refused < tried, "{refused} of {tried}");
}

/// Damage that is harmless makes another component, not a known one.
#[test]
pub(crate) fn a_damaged_component_does_not_get_another_one_s_code_from_the_cache() {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let cache = CompileCache::new(directory.path());
    let whole = component();
    let sound = try_it(&whole, Some(&cache));
    assert_eq!(sound.map(|outcome| outcome.summary).as_deref(), Some("raw"));
    let mut differ = 0;
    for place in places(whole.len()) {
        let damaged = flipped(&whole, place, 0x01);
        let with_cache = try_it(&damaged, Some(&cache));
        assert_eq!(with_cache, try_it(&damaged, None), "byte {place}");
        differ += u32::from(with_cache.is_some_and(|outcome| outcome.summary != "raw"));
    }
    assert!(differ > 0, "no damage changed the summary");
}

#[test]
pub(crate) fn compiled_code_that_was_changed_in_the_cache_is_not_run() {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let cache = CompileCache::new(directory.path());
    let whole = component();
    let sound = try_it(&whole, Some(&cache));
    let file = only_file(&directory.path().join("ztgit/components"));
    let compiled = fs::read(&file).expect("it was just written");
    for place in places(compiled.len()).step_by(20) {
        fs::write(&file, flipped(&compiled, place, 0x01)).expect("it is ours");
        assert_eq!(try_it(&whole, Some(&cache)), sound, "byte {place}");
        let again = fs::read(&file).expect("it was written anew");
        assert!(again == compiled, "byte {place} is still another");
    }
}

/// The one file that is anywhere below a directory.
fn only_file(directory: &Path) -> PathBuf {
    let mut entries = fs::read_dir(directory).expect("it is there");
    let path = entries
        .next()
        .expect("it is not empty")
        .expect("it is readable")
        .path();
    assert!(
        entries.next().is_none(),
        "more than one below {}",
        directory.display()
    );
    if path.is_dir() {
        only_file(&path)
    } else {
        path
    }
}

/// A cut where nothing follows but sections that say who made it leaves a whole plugin.
fn assert_refused_or_the_same(whole: &[u8], sound: Option<&Outcome>, length: usize) {
    let cut = try_it(&whole[..length], None);
    let is_same = cut.as_ref() == sound;
    assert!(
        cut.is_none() || is_same,
        "the first {length} bytes do something else"
    );
}

#[test]
pub(crate) fn a_component_that_is_cut_anywhere_is_refused_or_does_the_same() {
    let whole = component();
    let sound = try_it(&whole, None);
    assert!(sound.is_some());
    for length in 0..whole.len() {
        assert_refused_or_the_same(&whole, sound.as_ref(), length);
    }
    assert_eq!(try_it(&whole[..whole.len() / 2], None), None);
}

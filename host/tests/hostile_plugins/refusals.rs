//! What is refused before any of its code runs.

use std::fmt::Write as _;

use ztgit::plugin::{PluginError, Refusal};
use ztgit_test_support::guests;

use super::components::Candidate;

/// The reason, which has to come before the first call; and the text.
fn refused(candidate: &Candidate) -> (Refusal, String) {
    let error = candidate.refusal();
    let shown = candidate.shown(&error);
    match error {
        PluginError::Refused { reason, .. } => (reason, shown),
        other => panic!("its code ran: {other:?}"),
    }
}

#[test]
pub(crate) fn text_is_no_plugin() {
    let candidate = Candidate::new("text", b"#!/bin/sh\n".to_vec());
    let (reason, shown) = refused(&candidate);
    assert!(matches!(reason, Refusal::NotWebAssembly));
    assert_eq!(shown, "is refused: it is not a WebAssembly component");
}

#[test]
pub(crate) fn a_module_is_no_plugin_and_what_makes_one_of_it_is_said() {
    let (reason, shown) = refused(&Candidate::guest("module"));
    assert!(matches!(reason, Refusal::CoreModule));
    assert_eq!(
        shown,
        "is refused: it is a core WebAssembly module, not a component; wrap it with `wasm-tools component new`"
    );
}

#[test]
pub(crate) fn a_component_of_no_world_is_no_plugin() {
    let (reason, shown) = refused(&Candidate::guest("empty"));
    assert!(matches!(reason, Refusal::NoPlugin));
    assert_eq!(
        shown,
        "is refused: it does not export `ztgit:plugin/plugin@0.1.0`"
    );
}

#[test]
pub(crate) fn a_component_of_another_world_is_no_plugin() {
    let (reason, _) = refused(&Candidate::guest("other-world"));
    assert!(matches!(reason, Refusal::NoPlugin));
}

#[test]
pub(crate) fn another_version_of_the_interface_is_named_beside_the_one_that_is_spoken() {
    let bytes = guests::raw_guest_of("well-behaved", |text| text.replace("@0.1.0", "@0.2.0"));
    let (reason, shown) = refused(&Candidate::new("newer", bytes));
    assert!(matches!(reason, Refusal::Version { .. }));
    assert_eq!(
        shown,
        "is refused: it was built against ztgit:plugin@0.2.0, this ztgit speaks 0.1.0"
    );
}

#[test]
pub(crate) fn another_version_of_the_log_is_named_beside_the_one_that_is_spoken() {
    let (reason, shown) = refused(&Candidate::guest("newer-log"));
    assert!(matches!(reason, Refusal::Version { .. }));
    assert_eq!(
        shown,
        "is refused: it was built against ztgit:plugin@0.9.0, this ztgit speaks 0.1.0"
    );
}

#[test]
pub(crate) fn an_interface_of_the_right_name_with_a_case_more_is_refused() {
    let one_more = |text: &str| text.replace("        apps,\n", "        apps,\n        later,\n");
    let bytes = guests::raw_guest_of("well-behaved", one_more);
    let (reason, shown) = refused(&Candidate::new("one-more", bytes));
    assert!(matches!(reason, Refusal::Types { .. }));
    assert_eq!(
        shown,
        "is refused: its functions do not have the types of ztgit:plugin@0.1.0: `render`, result `result`, field `artifacts`, each, case `manifest`, field `phase`: case `later` is not in the interface"
    );
}

#[test]
pub(crate) fn the_import_of_a_clock_is_refused_by_name() {
    let (reason, shown) = refused(&Candidate::guest("clock"));
    assert!(matches!(reason, Refusal::Wasi { .. }));
    assert_eq!(
        shown,
        "is refused: it imports WASI (clocks/wall-clock), which a plugin gets only where the stack says `wasi: true`"
    );
}

#[test]
pub(crate) fn the_import_of_an_interface_that_nobody_knows_is_refused_by_name() {
    let (reason, shown) = refused(&Candidate::guest("unknown-interface"));
    assert!(matches!(reason, Refusal::ForeignImport(_)));
    assert!(shown.contains("it imports `evil:sockets/raw`"), "{shown}");
}

#[test]
pub(crate) fn twenty_thousand_imports_are_refused() {
    let mut text = "(component".to_owned();
    for index in 0..20_000 {
        write!(text, " (import \"evil:flood/i{index}\" (instance))").expect("a string grows");
    }
    let (reason, _) = refused(&Candidate::new(
        "flood",
        guests::from_text(&format!("{text})")),
    ));
    assert!(matches!(
        reason,
        Refusal::ForeignImport(_) | Refusal::Invalid(_)
    ));
}

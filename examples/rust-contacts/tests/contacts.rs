//! The plugin run natively, without WebAssembly and without ztgit.

use contacts::Contacts;
use serde_json::json;
use ztgit_plugin::testing::Harness;

fn harness() -> Harness<Contacts> {
    Harness::homelab().config(json!({"people": {"ada": "+1 555 0100", "grace": "+1 555 0101"}}))
}

#[test]
fn every_node_shows_whom_to_call() {
    assert_eq!(
        harness().render().file("pi-1", "/etc/motd.d/break-glass"),
        "Locked out of home? Call\nada: +1 555 0100\ngrace: +1 555 0101\n"
    );
}

#[test]
fn the_namespace_is_asked_for() {
    let facts = harness().facts().facts;
    assert_eq!(facts[0].value, json!({"name": "break-glass"}));
}

#[test]
fn a_contact_without_a_stand_in_is_a_warning() {
    let rendered = harness()
        .config(json!({"people": {"ada": "+1 555 0100"}}))
        .render();
    assert_eq!(rendered.warnings(), ["one-contact"]);
}

//! What a stack makes of registries that mean harm, and what that costs: `just
//! hostile-plugins` writes the figures to `docs/hostile-plugins.md`.

use ztgit_test_support::suite;

use crate::registries;

suite! {
    "host/tests/cli/registries.rs";
    54 "somebody who changes a layer in a registry" => "exit code 4, nothing kept":
        registries::a_layer_that_was_changed_in_the_registry_is_refused;
    57 "whoever moves a tag, offers an older version that is signed too, takes a signature away, edits the lock" => "exit code 4, nothing pinned or written":
        registries::a_moved_tag_changes_nothing_until_it_is_accepted,
        registries::an_older_version_is_not_pinned_until_it_is_accepted,
        registries::an_older_artifact_behind_a_tag_is_noticed_by_its_own_version,
        registries::a_signature_that_is_not_there_or_by_another_key_is_refused,
        registries::a_signature_that_was_removed_fails_the_next_update,
        registries::a_lock_that_was_changed_is_refused;
    58 "somebody who changes a file of the cache before a render" => "exit code 4":
        registries::a_cached_file_that_was_changed_is_refused;
}

#[test]
fn the_page_has_these_cases() {
    SUITE.assert_on_page();
}

#[test]
#[ignore = "alone in the process, so that its numbers are one case's"]
fn costs() {
    // Guests are built before anything is measured.
    ztgit_test_support::guest("puppet");
    SUITE.measure();
}

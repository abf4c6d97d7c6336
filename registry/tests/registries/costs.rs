//! What each case costs: `just hostile-plugins` writes the figures to
//! `docs/hostile-plugins.md`.

use ztgit_test_support::suite;

use crate::{cached, hostile, real, signatures};

suite! {
    "registry/tests/registries";
    54 "a registry that sends another manifest, other bytes" => "a digest error, nothing kept":
        hostile::another_manifest_than_the_digest_asked_for_is_refused,
        hostile::a_manifest_that_contradicts_its_own_header_is_refused,
        hostile::a_flipped_byte_is_refused,
        real::a_layer_that_was_changed_in_the_registry_is_refused;
    55 "a registry that cuts off, goes on for ever, compresses, stalls" => "an error within the limits":
        hostile::a_layer_that_is_cut_off_says_where,
        hostile::a_layer_longer_than_its_manifest_says_is_cut_off,
        hostile::a_layer_larger_than_the_limit_is_not_even_asked_for,
        hostile::manifests_and_lists_of_tags_end_at_the_limit,
        hostile::a_list_of_tags_that_goes_round_in_circles_ends,
        hostile::a_compressed_answer_is_not_unpacked,
        hostile::a_server_that_stalls_ends_in_time;
    56 "a registry that sends whoever logs in somewhere else" => "no credentials go there":
        hostile::credentials_do_not_follow_a_redirect_to_another_host,
        hostile::a_challenge_from_another_host_gets_no_credentials,
        hostile::an_upload_to_another_host_goes_without_credentials,
        hostile::a_chain_of_redirects_ends,
        hostile::each_refusal_is_what_it_is;
    57 "an artifact that has no signature, another key's, another artifact's" => "refused":
        signatures::an_artifact_without_signature_is_unsigned,
        signatures::a_signature_holds_for_its_key_only,
        signatures::a_signature_of_another_artifact_is_told_apart;
    58 "somebody who changes a file of the cache" => "hashed again, refused":
        cached::a_cached_file_with_any_byte_changed_is_refused;
}

#[test]
fn every_case_is_held_by_a_test() {
    assert_eq!(SUITE.numbers(), (54..=58).collect::<Vec<_>>());
}

#[test]
fn the_page_has_these_cases() {
    SUITE.assert_on_page();
}

#[test]
#[ignore = "alone in the process, so that its numbers are one case's"]
fn costs() {
    SUITE.measure();
}

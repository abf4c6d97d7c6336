//! What each case costs: `just hostile-plugins` writes the table to
//! `docs/hostile-registries.md`.

use ztgit_test_support::{cases, costs};

use crate::{cached, hostile, real, signatures};

cases! {
    54 "sends another manifest, other bytes" => "a digest error, nothing kept":
        hostile::another_manifest_than_the_digest_asked_for_is_refused,
        hostile::a_manifest_that_contradicts_its_own_header_is_refused,
        hostile::a_flipped_byte_is_refused,
        real::a_layer_that_was_changed_in_the_registry_is_refused;
    55 "cuts off, goes on for ever, compresses, stalls" => "an error within the limits":
        hostile::a_layer_that_is_cut_off_says_where,
        hostile::a_layer_longer_than_its_manifest_says_is_cut_off,
        hostile::a_layer_larger_than_the_limit_is_not_even_asked_for,
        hostile::manifests_and_lists_of_tags_end_at_the_limit,
        hostile::a_list_of_tags_that_goes_round_in_circles_ends,
        hostile::a_compressed_answer_is_not_unpacked,
        hostile::a_server_that_stalls_ends_in_time;
    56 "sends whoever logs in somewhere else" => "no credentials go there":
        hostile::credentials_do_not_follow_a_redirect_to_another_host,
        hostile::a_challenge_from_another_host_gets_no_credentials,
        hostile::an_upload_to_another_host_goes_without_credentials,
        hostile::a_chain_of_redirects_ends,
        hostile::each_refusal_is_what_it_is;
    57 "has no signature, another key's, another artifact's" => "refused":
        signatures::an_artifact_without_signature_is_unsigned,
        signatures::a_signature_holds_for_its_key_only,
        signatures::a_signature_of_another_artifact_is_told_apart;
    58 "changes a file of the cache" => "hashed again, refused":
        cached::a_cached_file_with_any_byte_changed_is_refused;
}

const HEAD: &str = "\
# Registries that mean harm

Each row is a case that the suite holds against Debian's registry or a server that
answers what a test tells it (`registry/tests/registries`). Seconds and memory are the
worst of a case's tests, of the whole test process in a debug build. What a stack makes
of it all, moved tags and older versions too, is held by `host/tests/cli/registries.rs`.

Written by `just hostile-plugins`; the figures are one machine's.

| case | a registry, or whoever comes between, … | ends with | tests | s | MiB |
|---|---|---|---|---|---|
";

#[test]
fn every_case_is_held_by_a_test() {
    let numbers: Vec<u8> = CASES.iter().map(|case| case.number).collect();
    assert_eq!(numbers, (54..=58).collect::<Vec<_>>());
}

#[test]
#[ignore = "alone in the process, so that its numbers are one case's"]
fn costs() {
    let table = HEAD.to_owned() + &costs::rows(CASES);
    costs::update("hostile-registries.md", &table);
}

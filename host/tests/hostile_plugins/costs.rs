//! What each case costs the host: `just hostile-plugins` writes the figures to
//! `docs/hostile-plugins.md`.

use ztgit_test_support::suite;

use super::{
    answers, compiling, determinism, facts_beyond_grants, host_files, limits, mutations, objects,
    on_disk, refusals,
};

suite! {
    "host/tests/hostile_plugins";
    1 "loops for ever, in a call or as it starts" => "fuel, else the deadline":
        limits::an_endless_loop_in_render_uses_up_its_fuel,
        limits::an_endless_loop_in_describe_uses_up_its_fuel,
        limits::an_endless_loop_at_the_start_uses_up_its_fuel,
        limits::an_endless_loop_under_the_limits_of_the_program_uses_up_its_fuel,
        limits::work_that_fuel_does_not_end_ends_at_the_deadline;
    2 "takes memory without an end, or all at once" => "the limit of memory":
        limits::memory_without_an_end_is_refused,
        limits::a_large_memory_from_the_beginning_is_refused,
        limits::a_large_table_from_the_beginning_is_refused;
    3 "calls itself for ever" => "the limit of the stack":
        limits::recursion_on_the_stack_of_rust_is_named,
        limits::recursion_on_the_stack_of_webassembly_is_named;
    4 "answers with one text a hundred times over, or far too much" => "the limit of the answer":
        limits::one_text_a_hundred_times_over_is_too_large_an_answer,
        limits::one_large_file_is_too_large_an_answer,
        limits::a_flood_of_log_lines_is_bounded,
        answers::a_short_text_that_is_a_large_value_is_refused_before_it_is_parsed;
    5 "answers with what lies outside its memory or is no text" => "an error":
        answers::a_list_beyond_the_end_of_memory_is_an_error,
        answers::an_answer_beyond_the_end_of_memory_is_an_error,
        answers::a_misaligned_answer_is_an_error,
        answers::a_text_that_is_not_utf8_is_an_error;
    6 "makes resources without an end" => "the limit of handles":
        limits::a_flood_of_resources_is_bounded;
    7 "is cheap to have and expensive to compile" => "the limits of the compiler's process":
        compiling::a_component_that_takes_the_compiler_too_long_is_refused,
        compiling::a_component_that_takes_the_compiler_too_much_memory_is_refused,
        compiling::a_component_that_compiles_to_too_much_code_is_refused,
        compiling::a_compile_bomb_in_a_stack_ends_with_a_message_and_exit_code_5;
    8 "panics or traps" => "its name, digest and message":
        limits::a_panic_carries_its_message_with_control_characters_escaped,
        limits::a_trap_in_describe_is_named;
    9 "is a module, of another world, of another version" => "three distinct errors":
        refusals::a_module_is_no_plugin_and_what_makes_one_of_it_is_said,
        refusals::a_component_of_another_world_is_no_plugin,
        refusals::another_version_of_the_interface_is_named_beside_the_one_that_is_spoken,
        refusals::an_interface_of_the_right_name_with_a_case_more_is_refused;
    10 "is damaged: bytes flipped, cut short" => "no harm":
        mutations::a_component_with_any_byte_flipped_does_not_harm_the_host,
        mutations::a_damaged_component_does_not_get_another_one_s_code_from_the_cache,
        mutations::compiled_code_that_was_changed_in_the_cache_is_not_run,
        mutations::a_component_that_is_cut_anywhere_is_refused_or_does_the_same;
    11 "imports a clock, or an interface that nobody knows" => "refused, the import named":
        refusals::the_import_of_a_clock_is_refused_by_name,
        refusals::the_import_of_an_interface_that_nobody_knows_is_refused_by_name;
    12 "imports twenty thousand interfaces" => "refused":
        refusals::twenty_thousand_imports_are_refused;
    13 "writes to paths that climb, or are not normal" => "refused":
        host_files::paths_that_are_not_absolute_and_normal_are_refused,
        host_files::a_path_that_climbs_out_of_a_granted_directory_is_refused;
    14 "writes to paths that mean something to git" => "refused":
        host_files::paths_that_mean_something_to_git_are_refused;
    15 "writes to paths that mean something to Flux or SOPS" => "refused":
        host_files::paths_that_mean_something_to_flux_or_sops_are_refused;
    16 "writes to paths that no checkout could hold" => "refused":
        host_files::paths_that_no_checkout_could_hold_are_refused;
    17 "writes one path twice: in other letters, as file and directory" => "both named":
        host_files::paths_that_differ_in_case_alone_are_both_named,
        host_files::paths_that_differ_in_composition_alone_are_both_named,
        host_files::a_file_and_one_that_needs_it_as_a_directory_are_both_named,
        host_files::two_plugins_that_write_one_file_are_both_named,
        objects::two_plugins_that_emit_one_object_are_both_named;
    18 "writes where a link leads elsewhere" => "refused, nothing written there":
        on_disk::a_link_in_the_way_of_a_file_is_not_followed;
    19 "depends on hash order, NaN bits and addresses" => "equal bytes in a thousand renders":
        determinism::hash_order_nan_bits_and_addresses_are_equal_in_a_thousand_renders;
    20 "speaks in escape sequences" => "made visible":
        answers::escape_sequences_in_findings_are_made_visible,
        objects::escape_sequences_in_the_name_of_an_object_are_made_visible,
        objects::escape_sequences_in_what_exceeds_a_grant_are_made_visible;
    21 "writes host files that root would run or read for it" => "exit code 5, the line named":
        on_disk::a_command_in_a_wireguard_file_is_refused_by_its_line,
        on_disk::what_a_ruleset_would_read_or_look_up_is_refused_by_its_line;
    22 "emits or states what it was not granted" => "exit code 5, the grant named":
        objects::a_cluster_role_binding_needs_a_grant_of_its_kind,
        objects::an_object_in_a_namespace_that_is_not_granted_is_refused,
        objects::a_plugin_cannot_redescribe_a_kind_of_kubernetes,
        facts_beyond_grants::trusting_the_whole_internet_needs_a_grant_that_wide,
        facts_beyond_grants::opening_port_22_needs_a_grant_of_that_port,
        facts_beyond_grants::switching_enforcement_off_needs_a_grant_of_that_value,
        facts_beyond_grants::a_flow_into_another_namespace_needs_a_grant_of_that_namespace;
    23 "has Flux substitute variables" => "annotated so that nothing is substituted":
        objects::flux_substitutes_nothing_in_an_object_with_a_variable;
}

#[test]
fn every_case_is_held_by_a_test() {
    assert_eq!(SUITE.numbers(), (1..=23).collect::<Vec<_>>());
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

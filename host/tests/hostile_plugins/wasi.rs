//! What a guest gets that the stack lets have WASI: nothing of the machine, and
//! the same in every call.

use std::sync::LazyLock;

use serde_json::json;
use ztgit::error::{CommandError, Exit};
use ztgit::plugin::{Failure, Plugin, PluginError, Refusal, Wasi};
use ztgit_plugin::Artifact;
use ztgit_test_support::guests;

use super::components::{Candidate, RUNTIME, in_time, render};
use super::stage::Stage;

static PROWLER: LazyLock<Plugin<'static>> = LazyLock::new(|| {
    Candidate::guest("prowler")
        .load_with(&RUNTIME, Wasi::Frozen)
        .expect("it describes itself")
});

fn reach(what: &'static str) -> Result<String, PluginError> {
    let mut rendering = in_time(move || render(&PROWLER, &json!({ "reach": what })))?;
    let Some(Artifact::File(file)) = rendering.artifacts.pop() else {
        panic!("{rendering:?}")
    };
    Ok(String::from_utf8(file.content).expect("the guest writes text"))
}

fn found(what: &'static str) -> String {
    reach(what).unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

/// What ended the call, in words.
fn ended(what: &'static str) -> (Failure, String) {
    match reach(what) {
        Err(PluginError::Failed { failure, .. }) => {
            let shown = failure.to_string();
            (failure, shown)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_the_stack_s_consent_it_is_refused_and_the_interfaces_are_named() {
    let candidate = Candidate::guest("prowler");
    let error = candidate.refusal();
    assert!(matches!(
        &error,
        PluginError::Refused {
            reason: Refusal::Wasi { .. },
            ..
        }
    ));
    assert_eq!(
        candidate.shown(&error),
        "is refused: it imports WASI (cli/environment, cli/exit, cli/stderr, cli/stdin, cli/stdout, \
         clocks/monotonic-clock, clocks/wall-clock, filesystem/preopens, filesystem/types, io/error, \
         io/poll, io/streams, random/insecure, random/insecure-seed, random/random, \
         sockets/instance-network, sockets/ip-name-lookup, sockets/network, sockets/tcp, \
         sockets/tcp-create-socket, sockets/udp, sockets/udp-create-socket), \
         which a plugin gets only where the stack says `wasi: true`"
    );
    let error = CommandError::from(error);
    assert_eq!(error.exit, Exit::Plugin);
    assert!(
        error.hints[0].contains("add `wasi: true` to `spec.plugins.prowler`"),
        "{error:?}"
    );
}

#[test]
fn the_stack_s_consent_is_what_lets_it_run() {
    let grants = json!({"hostPaths": ["/etc/found"]});
    let stage = Stage::default().with("prowler", "prowler", &grants, json!({"reach": "files"}));
    assert!(stage.run().is_err());
    let outcome = stage.with_wasi("prowler").run();
    let outcome = outcome.expect("it may import WASI").clean();
    assert_eq!(
        outcome.file("hosts/home/pi-1/files/etc/found"),
        "0 directories"
    );
}

#[test]
fn there_is_no_environment() {
    assert_eq!(found("environment"), "[] [] None");
}

#[test]
fn there_is_nothing_to_read() {
    assert_eq!(found("input"), "true");
}

#[test]
fn there_is_no_directory_to_open_a_file_in() {
    assert_eq!(found("files"), "0 directories");
}

#[test]
fn sockets_are_denied() {
    assert_eq!(found("sockets"), "denied denied");
}

#[test]
fn names_are_not_resolved() {
    assert_eq!(found("names"), "denied");
}

#[test]
fn both_clocks_stand_at_zero() {
    assert_eq!(found("clocks"), "0 0 0");
}

#[test]
fn a_sleep_of_a_hundred_years_is_over_at_once() {
    assert_eq!(found("sleep"), "[0, 1, 2] true");
}

#[test]
fn waiting_for_the_clock_to_move_uses_up_the_fuel() {
    assert!(matches!(ended("spin").0, Failure::Fuel { .. }));
}

#[test]
fn random_numbers_are_the_same_in_every_call() {
    let first = found("randomness");
    assert_eq!(found("randomness"), first);
    // The generator's first output, least byte first.
    assert!(
        first.starts_with("[af, cd, 1d, 7b, 39, a8, 20, e2,"),
        "{first}"
    );
}

#[test]
fn random_bytes_beyond_the_host_s_memory_are_refused() {
    assert_eq!(
        ended("random-flood").1,
        "its call was ended: it asked for 1099511627776 random bytes at once"
    );
}

#[test]
fn what_it_said_on_standard_error_is_shown_when_it_dies() {
    let (failure, shown) = ended("last-words");
    assert!(matches!(failure, Failure::Panic { .. }));
    assert!(
        shown.starts_with("it panicked: Traceback:\n  File \"app.py\"\n\\u{1b}[31mValueError: no"),
        "{shown}"
    );
}

#[test]
fn a_flood_on_standard_output_is_bounded() {
    assert!(matches!(ended("output-flood").0, Failure::Log { .. }));
}

#[test]
fn an_exit_ends_the_call() {
    assert_eq!(
        ended("exit").1,
        "its call was ended: a plugin has nothing that `wasi:cli/exit#exit` could act on"
    );
}

#[test]
fn a_function_without_a_purpose_here_ends_the_call() {
    assert_eq!(
        ended("splice").1,
        "its call was ended: a plugin has nothing that `wasi:io/streams#[method]output-stream.splice` could act on"
    );
}

fn refused_with_wasi(text: &str) -> String {
    let candidate = Candidate::new("odd", guests::from_text(text));
    match candidate.load_with(&RUNTIME, Wasi::Frozen) {
        Ok(_) => panic!("it is taken for a plugin"),
        Err(error) => candidate.shown(&error),
    }
}

#[test]
fn other_packages_of_wasi_are_refused_all_the_same() {
    assert_eq!(
        refused_with_wasi(r#"(component (import "wasi:http/types@0.2.0" (instance)))"#),
        "is refused: it imports `wasi:http/types@0.2.0`, but a plugin may import only `ztgit:plugin/log@0.1.0`"
    );
}

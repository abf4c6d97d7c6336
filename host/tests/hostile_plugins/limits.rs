//! Work, memory, stack and size without an end.

use serde_json::json;
use ztgit::plugin::{Failure, Limits, PluginError, Runtime};
use ztgit_test_support::guests;

use super::components::{Candidate, RUNTIME, in_time, misbehave, render};

/// A guest that must end badly.
struct Case {
    guest: &'static str,
    act: Act,
}

/// When it does it.
#[derive(Clone, Copy)]
enum Act {
    /// When it is asked what it is.
    Describe,
    Render,
    /// In `render`, as its config says.
    Misdeed(&'static str),
}

impl Case {
    /// The guest, built before anything is measured.
    fn candidate(&self) -> Candidate {
        if self.guest == "resource-flood" {
            return Candidate::new(self.guest, guests::raw_guest_of(self.guest, with_resource));
        }
        Candidate::guest(self.guest)
    }

    /// Lets it happen.
    fn run(&self, candidate: &Candidate, runtime: &Runtime) -> PluginError {
        let plugin = match candidate.load_in(runtime) {
            Ok(plugin) => plugin,
            Err(error) => return error,
        };
        let outcome = match self.act {
            Act::Describe => panic!("{} describes itself", self.guest),
            Act::Render => render(&plugin, &json!({})),
            Act::Misdeed(misdeed) => misbehave(&plugin, misdeed),
        };
        outcome.expect_err("it ends badly")
    }
}

/// The world of `resource-flood` has one interface more.
fn with_resource(text: &str) -> String {
    let interface = "interface flood { resource thing; }\nworld renderer {\n export flood;";
    text.replace("world renderer {", interface)
}

macro_rules! cases {
    ($($name:ident: $guest:literal, $act:expr, $failure:pat, $text:literal;)*) => {
        $(#[test]
        pub(crate) fn $name() {
            let (shown, error) = in_time(|| {
                let case = Case { guest: $guest, act: $act };
                let candidate = case.candidate();
                let error = case.run(&candidate, &RUNTIME);
                (candidate.shown(&error), error)
            });
            let PluginError::Failed { failure, .. } = &error else { panic!("{error:?}") };
            assert!(matches!(failure, $failure), "{failure:?}");
            assert_eq!(shown, $text);
        })*
    };
}

cases! {
    an_endless_loop_in_render_uses_up_its_fuel:
        "misbehaving", Act::Misdeed("endless-loop"), Failure::Fuel { limit: 2_000_000_000 },
        "failed in `render`: it used up its fuel of 2000000000 units: an endless loop, or far too much work";
    an_endless_loop_in_describe_uses_up_its_fuel:
        "loop-in-describe", Act::Describe, Failure::Fuel { .. },
        "failed in `describe`: it used up its fuel of 2000000000 units: an endless loop, or far too much work";
    an_endless_loop_at_the_start_uses_up_its_fuel:
        "loop-in-start", Act::Describe, Failure::Fuel { .. },
        "failed in `describe`: it used up its fuel of 2000000000 units: an endless loop, or far too much work";
    memory_without_an_end_is_refused:
        "misbehaving", Act::Misdeed("memory-bomb"), Failure::Memory { .. },
        "failed in `render`: it asked for more than 256 MiB of memory";
    a_large_memory_from_the_beginning_is_refused:
        "large-memory", Act::Describe, Failure::Memory { .. },
        "failed in `describe`: it asked for more than 256 MiB of memory";
    a_large_table_from_the_beginning_is_refused:
        "large-table", Act::Describe, Failure::Table { limit: 100_000 },
        "failed in `describe`: it asked for a table of more than 100000 entries";
    recursion_on_the_stack_of_rust_is_named:
        "misbehaving", Act::Misdeed("recursion"), Failure::Stack { .. },
        "failed in `render`: it overflowed its stack of 1024 KiB: recursion without an end";
    recursion_on_the_stack_of_webassembly_is_named:
        "endless-calls", Act::Render, Failure::Stack { .. },
        "failed in `render`: it overflowed its stack of 1024 KiB: recursion without an end";
    one_text_a_hundred_times_over_is_too_large_an_answer:
        "aliased-strings", Act::Render, Failure::Output { .. },
        "failed in `render`: its answer is larger than 128 MiB";
    one_large_file_is_too_large_an_answer:
        "misbehaving", Act::Misdeed("large-file"), Failure::Output { .. },
        "failed in `render`: its answer is larger than 128 MiB";
    a_flood_of_log_lines_is_bounded:
        "misbehaving", Act::Misdeed("log-flood"), Failure::Log { limit: 100_000 },
        "failed in `render`: it logged more than 100000 lines";
    a_flood_of_resources_is_bounded:
        "resource-flood", Act::Render, Failure::Ended { .. },
        "failed in `render`: its call was ended: cannot allocate another handle: store handle limit exceeded";
    a_trap_in_describe_is_named:
        "trap-in-describe", Act::Describe, Failure::Trap { .. },
        "failed in `describe`: it trapped: wasm trap: wasm `unreachable` instruction executed\n    in describe";
}

#[test]
pub(crate) fn an_endless_loop_under_the_limits_of_the_program_uses_up_its_fuel() {
    let shown = in_time(|| {
        let runtime = Runtime::default();
        let candidate = Candidate::guest("misbehaving");
        let plugin = candidate.load_in(&runtime).expect("it describes itself");
        candidate.shown(&misbehave(&plugin, "endless-loop").expect_err("it ends badly"))
    });
    assert_eq!(
        shown,
        "failed in `render`: it used up its fuel of 10000000000 units: an endless loop, or far too much work"
    );
}

#[test]
pub(crate) fn work_that_fuel_does_not_end_ends_at_the_deadline() {
    let shown = in_time(|| {
        let limits = Limits {
            fuel: u64::MAX,
            deadline_ticks: 20,
            ..Limits::default()
        };
        let runtime = Runtime::new(limits);
        let candidate = Candidate::guest("misbehaving");
        let plugin = candidate.load_in(&runtime).expect("it describes itself");
        candidate.shown(&misbehave(&plugin, "endless-loop").expect_err("it ends badly"))
    });
    assert_eq!(shown, "failed in `render`: it did not end within 2 s");
}

#[test]
pub(crate) fn a_panic_carries_its_message_with_control_characters_escaped() {
    let candidate = Candidate::guest("misbehaving");
    let plugin = candidate.load().expect("it describes itself");
    let error = misbehave(&plugin, "panic").expect_err("it ends badly");
    let shown = candidate.shown(&error);
    let begin = "failed in `render`: it panicked: panicked at misbehaving/src/lib.rs:";
    assert!(shown.starts_with(begin), "{shown}");
    assert!(
        shown.ends_with("\n\\u{1b}[2J\\u{202e}gone\\u{0}"),
        "{shown}"
    );
}

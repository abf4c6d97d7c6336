//! Answers that are not what the interface says.

use serde_json::json;
use ztgit::error::{CommandError, Exit};
use ztgit::plugin::CanonicalJson;

use super::components::{Candidate, cluster, misbehave, misbehaving, render};
use super::stage::Stage;

fn answer(guest: &str) -> String {
    let candidate = Candidate::guest(guest);
    let plugin = match candidate.load() {
        Ok(plugin) => plugin,
        Err(error) => return candidate.shown(&error),
    };
    let config = json!({});
    let outcome = plugin
        .facts(&cluster(), &CanonicalJson::of(&config))
        .and_then(|_| render(&plugin, &config));
    candidate.shown(&outcome.expect_err("the answer is invalid"))
}

#[test]
pub(crate) fn a_list_beyond_the_end_of_memory_is_an_error() {
    assert_eq!(
        answer("list-out-of-bounds"),
        "failed in `render`: its call was ended: list pointer/length out of bounds of memory"
    );
}

#[test]
pub(crate) fn an_answer_beyond_the_end_of_memory_is_an_error() {
    assert_eq!(
        answer("answer-out-of-bounds"),
        "failed in `render`: its call was ended: pointer out of bounds of memory"
    );
}

#[test]
pub(crate) fn a_misaligned_answer_is_an_error() {
    assert_eq!(
        answer("misaligned-answer"),
        "failed in `render`: its call was ended: return pointer not aligned"
    );
}

#[test]
pub(crate) fn a_text_that_is_not_utf8_is_an_error() {
    assert_eq!(
        answer("invalid-utf8"),
        "failed in `describe`: its call was ended: invalid utf-8 sequence of 1 bytes from index 0"
    );
}

#[test]
pub(crate) fn a_schema_that_is_not_json_is_an_error() {
    assert_eq!(
        answer("invalid-schema-text"),
        "gave an invalid answer from `describe`: the config's schema is not JSON: key must be a string at line 1 column 2"
    );
}

#[test]
pub(crate) fn an_object_that_is_not_json_is_an_error() {
    assert_eq!(
        answer("unparsable-object"),
        "gave an invalid answer from `render`: an object is not JSON: expected value at line 1 column 1"
    );
}

#[test]
pub(crate) fn a_fact_that_is_not_json_is_an_error_and_its_kind_is_escaped() {
    assert_eq!(
        answer("unparsable-fact"),
        r"gave an invalid answer from `facts`: a fact `\u{1b}[31m` is not JSON: expected value at line 1 column 1"
    );
}

/// Sixteen bytes and more of the host's memory for each byte of the answer.
#[test]
pub(crate) fn a_short_text_that_is_a_large_value_is_refused_before_it_is_parsed() {
    assert_eq!(
        answer("json-bomb"),
        "gave an invalid answer from `facts`: its JSON takes more than 512 MiB once it is parsed"
    );
}

#[test]
pub(crate) fn escape_sequences_in_findings_are_made_visible() {
    let rendering = misbehave(misbehaving(), "escape-sequences").expect("a finding is no failure");
    let [found] = rendering.diagnostics.as_slice() else {
        panic!("{rendering:?}")
    };
    assert_eq!(found.code, r"\u{1b}]0;code\u{7}");
    assert_eq!(found.message, r"\u{1b}[31mred\u{202e}\u{61c}\u{0}");
    assert_eq!(found.hints, [r"\u{1b}[8mhidden"]);
}

fn described(guest: &str) -> Result<(), CommandError> {
    Stage::default()
        .with("raw", guest, &json!({}), json!({}))
        .run()
        .map(drop)
}

#[test]
pub(crate) fn a_schema_that_refers_to_itself_is_no_end_of_the_host() {
    assert!(described("endless-schema").is_ok());
}

#[test]
pub(crate) fn a_schema_on_the_machine_of_whoever_renders_is_not_read() {
    let error = described("fetched-schema").expect_err("it is refused");
    assert_eq!(error.exit, Exit::Plugin);
    let begin = "plugin `raw` describes itself wrongly: its config's schema is invalid: \
                 Resource 'file:///etc/passwd' is not present";
    assert!(error.message.starts_with(begin), "{}", error.message);
}

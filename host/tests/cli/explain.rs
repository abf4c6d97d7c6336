//! `ztgit explain`: every code that the host reports has a text.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use crate::environment::{TestEnvironment, files_below};

/// The codes in the host's source: the first argument of a diagnostic's
/// constructor, and the code of a refusal.
fn reported() -> BTreeSet<String> {
    let constructor = r#"Diagnostic::(?:error|warning)\(\s*"([a-z0-9-]+)""#;
    let any_severity = r#"Diagnostic::new\([^,()"]+,\s*"([a-z0-9-]+)""#;
    let refusal = r#"\bcode: "([a-z0-9-]+)""#;
    let tuple = r#"\(\s*"([a-z0-9]+-[a-z0-9-]+)",\s*(?:format!\(|first_line\(|"[^"]*"\.to_owned\(\))"#;
    let pattern = Regex::new(&[constructor, any_severity, refusal, tuple].join("|")).unwrap();
    let sources = files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut codes = BTreeSet::new();
    for (path, bytes) in sources {
        if !path.ends_with(".rs") || path.contains("tests") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for found in pattern.captures_iter(code) {
            codes.extend(found.iter().skip(1).flatten().map(|code| code.as_str().to_owned()));
        }
    }
    codes
}

#[test]
fn the_search_finds_codes_of_every_form() {
    let codes = reported();
    for code in ["unknown-key", "duplicate-key", "removal", "ambiguous-scalar"] {
        assert!(codes.contains(code), "{code} is not in {codes:?}");
    }
}

#[test]
fn every_code_of_the_host_has_a_text() {
    let env = TestEnvironment::new();
    let listed = env.run(&["explain"]).expect_exit(0).stdout;
    let listed: BTreeSet<&str> = listed.lines().collect();
    let reported = reported();
    let without: Vec<&String> =
        reported.iter().filter(|code| !listed.contains(code.as_str())).collect();
    assert!(without.is_empty(), "codes without a text: {without:?}");
}

#[test]
fn every_text_can_be_read() {
    let env = TestEnvironment::new();
    let listed = env.run(&["explain"]).expect_exit(0).stdout;
    for code in listed.lines() {
        let run = env.run(&["explain", code]).expect_exit(0);
        assert!(run.stdout.lines().count() > 3, "{}", run.snapshot());
    }
}

#[test]
fn a_plugin_s_code_is_the_plugin_s_to_explain() {
    insta::assert_snapshot!(TestEnvironment::new().run(&["explain", "wireguard/x"]).snapshot());
}

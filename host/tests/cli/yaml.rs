//! Hostile and ambiguous YAML: each case is refused with its code, at its
//! place.

use crate::environment::TestEnvironment;

const ENVELOPE: &str =
    "apiVersion: ztgit.dev/v1alpha1\nkind: Stack\nmetadata: {name: hostile}\nspec:\n";

/// The codes and places of the errors in these bytes.
fn findings_of(bytes: &[u8]) -> Vec<String> {
    let env = TestEnvironment::new();
    env.write("stack/stack.yaml", bytes);
    let report = env
        .run(&["check", "stack", "--format", "json"])
        .expect_exit(2)
        .json();
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| {
            let place = &finding["location"];
            format!(
                "{} {}:{}",
                finding["code"].as_str().unwrap(),
                place["line"],
                place["column"]
            )
        })
        .collect()
}

/// The same with an envelope of four lines in front.
fn findings(spec: &str) -> Vec<String> {
    findings_of(format!("{ENVELOPE}{spec}").as_bytes())
}

#[test]
fn anchors_and_aliases_are_refused_before_they_grow() {
    let laughs = "  a: &a [x, x]\n  b: &b [*a, *a]\n  c: [*b, *b]\n";
    assert_eq!(findings(laughs), ["yaml-anchor 5:9"]);
    assert_eq!(findings("  a: &a [*a]\n"), ["yaml-anchor 5:9"]);
}

#[test]
fn deep_nesting_is_refused_in_every_style() {
    let nested =
        |unit: &str, times: usize| findings(&format!("  a:\n    {}\n", unit.repeat(times)));
    assert_eq!(nested("- ", 50_000), ["yaml-budget 6:129"]);
    assert_eq!(nested("{a: ", 50_000), ["yaml-budget 6:1"]);
    assert_eq!(nested("[", 100_000), ["yaml-budget 6:1"]);
}

#[test]
fn a_key_that_is_there_twice_is_refused_however_it_is_written() {
    assert_eq!(
        findings("  plugins: {}\n  plugins: {}\n")[0],
        "duplicate-key 6:3"
    );
    assert_eq!(
        findings("  plugins: {cilium: {}, cilium: {}}\n")[0],
        "duplicate-key 5:25"
    );
    assert_eq!(
        findings("  plugins: {cilium: {}, \"cilium\": {}}\n")[0],
        "duplicate-key 5:25"
    );
}

#[test]
fn merge_keys_are_refused() {
    assert_eq!(
        findings("  clusters:\n    a: {<<: {labels: {}}}\n"),
        ["merge-key 6:9"]
    );
}

#[test]
fn tags_that_mean_something_to_some_program_are_refused() {
    assert_eq!(
        findings("  clusters: !include other.yaml\n"),
        ["yaml-tag 5:22"]
    );
    assert_eq!(findings("  clusters: !foo {}\n"), ["yaml-tag 5:18"]);
}

#[test]
fn bytes_that_no_person_can_see_are_refused() {
    assert_eq!(findings("  plugins: {}\0\n"), ["control-character 5:14"]);
    assert_eq!(
        findings("  plugins: {\"\u{feff}a\": {}}\n"),
        ["control-character 5:14"]
    );
    let marked = format!("\u{feff}{ENVELOPE}  plugins: {{}}\n");
    assert_eq!(findings_of(marked.as_bytes()), ["control-character 1:1"]);
}

#[test]
fn other_encodings_are_refused() {
    let text = format!("{ENVELOPE}  plugins: {{}}\n");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [&b"\xfe\xff"[..], &wide].concat();
    assert_eq!(findings_of(&marked), ["not-utf-8 1:1"]);
    let broken = [text.as_bytes(), b"# \xff\n"].concat();
    assert_eq!(findings_of(&broken), ["not-utf-8 6:3"]);
}

#[test]
fn keys_are_texts() {
    assert_eq!(findings("  plugins: {1: {}}\n")[0], "ambiguous-scalar 5:13");
    assert_eq!(
        findings("  plugins: {true: {}}\n")[0],
        "ambiguous-scalar 5:13"
    );
    assert_eq!(findings("  plugins: {~: {}}\n"), ["yaml-syntax 5:13"]);
    assert_eq!(findings("  plugins: {[a]: {}}\n"), ["yaml-syntax 5:13"]);
    assert_eq!(
        findings("  plugins:\n    ? {a: b}\n    : {}\n"),
        ["yaml-syntax 6:7"]
    );
}

#[test]
fn a_scalar_that_readers_disagree_about_is_to_be_quoted() {
    for scalar in [
        "no",
        "No",
        "off",
        "on",
        "ON",
        "y",
        "Y",
        "n",
        "yes",
        "010",
        "0o10",
        "0x10",
        "0b1",
        "08",
        "1_000",
        "1:30",
        "1:30:00",
        "2026-11-21",
        "2026-11-21T10:00:00Z",
        ".inf",
        "-.inf",
        ".nan",
    ] {
        let labels = format!("  clusters: {{home: {{labels: {{debug: {scalar}}}}}}}\n");
        let found = findings(&labels);
        assert!(
            found.contains(&"ambiguous-scalar 5:37".to_owned()),
            "{scalar}: {found:?}"
        );
    }
}

#[test]
fn a_scalar_that_all_readers_take_for_a_text_needs_no_quotes() {
    for scalar in [
        "yess", "1.2.3", "10.0.0.1", "a:b", "1h", "v1", "nope", "12-3", "\"no\"", "'010'",
    ] {
        let labels = format!("  clusters: {{home: {{labels: {{debug: {scalar}}}}}}}\n");
        assert_eq!(findings(&labels), ["missing-key 5:14"], "{scalar}");
    }
}

#[test]
fn a_number_is_never_silently_something_else() {
    let port = |port: &str| {
        let peers = "from: {entity: world}, to: {entity: host}";
        let cluster = "flux: {source: {url: \"https://git.example.net\"}}";
        findings(&format!(
            "  clusters:\n    a:\n      {cluster}\n      flows: {{a: {{{peers}, ports: [{port}]}}}}\n"
        ))
    };
    assert_eq!(port("80.0"), ["float 8:70"]);
    assert_eq!(port("8e1"), ["float 8:70"]);
    assert_eq!(port("65536"), ["invalid-value 8:70"]);
    assert_eq!(port("-1"), ["invalid-value 8:70"]);
    assert_eq!(port("0"), ["invalid-value 8:70"]);
    assert_eq!(port("1.5"), ["invalid-value 8:70"]);
    assert!(port("18446744073709551616").contains(&"number-too-large 8:70".to_owned()));
    assert!(port("1e400").contains(&"number-too-large 8:70".to_owned()));
    assert!(port(".inf").contains(&"ambiguous-scalar 8:70".to_owned()));
}

#[test]
fn a_second_document_is_refused() {
    assert_eq!(
        findings("  plugins: {}\n---\na: b\n"),
        ["second-document 6:1"]
    );
    assert_eq!(
        findings("  plugins: {}\n...\n---\na: b\n"),
        ["second-document 6:1"]
    );
}

#[test]
fn what_trails_behind_the_document_is_refused() {
    assert_eq!(findings("  plugins: {} garbage\n"), ["yaml-syntax 5:1"]);
    assert_eq!(findings("  plugins: {}\n}\n"), ["yaml-syntax 6:1"]);
    assert_eq!(
        findings("  plugins: {}\n...\ngarbage\n"),
        ["second-document 6:1"]
    );
}

#[test]
fn what_is_no_map_is_no_stack() {
    assert_eq!(findings_of(b""), ["not-a-document 1:1"]);
    assert_eq!(findings_of(b"[a]\n"), ["not-a-document 1:1"]);
    assert_eq!(findings_of(b"hello\n"), ["not-a-document 1:1"]);
}

use proptest::prelude::*;
use serde_json::{Value, json};

use super::to_yaml;

/// What readers have been seen to take for something else, and neighbours.
#[rustfmt::skip]
const NASTY: &[&str] = &[
    "", " ", "a ", " a", "\t", "\ta", "a\t", "a\tb", "\n", "a\n", "a\n\n", "\na", "a\nb", "a\nb\n",
    "a\n\tb\n", "\ta\nb", " a\nb", "a\n b\n  \nc", "a\n  ", "a \nb", "# a\nb\n", "---\na\n",
    "a\n---\n...\n", "a\r\nb", "a\rb", "y", "N", "yes", "No", "on", "OFF", "true", "False", "null",
    "Null", "~", "=", "<<", "-", "--", "---", "--- a", "...", "- a", "-a", "--a=b", "? a", "?",
    ": a", ":", "a:", "a: b", "a:b", "a #b", "a#b", "#a", "&a", "*a", "!a", "!!str a", "|", ">",
    "|-", "%a", "@a", "`a", "'a'", "\"a\"", "a'b", "a\"b", "\\", "a\\nb", "{}", "[]", "{a", "[a",
    "a,b", ",", "]", "}", "0", "-0", "+1", "1", "1_000", "1__0", "_1", "1,000", "010", "0o10",
    "0O7", "0x1F", "0X1F", "0b1_0", "1:30", "1:30:59.5", "190:20:30", "1.", ".5", "1.5", "1e3",
    "1E+3", "1e", "e3", "0x1p-2", ".", "..", ".inf", "-.INF", "+.inf", ".NaN", "inf", "nan",
    "Infinity", "0.0.0.0", "10.0.0.1", "10.0.0.0/8", "1.20.2", "2001-01-01", "2001-1-1 1:1:1",
    "2001-12-14t21:59:43.10-05:00", "12:30", "fd00::1", "2001:db8::/32", "1Gi", "100m", "5d",
    "99999999999999999999", "http://a.b:80/c?d=e#f", "\0", "\u{7}", "\u{1b}[31m", "\u{7f}",
    "\u{85}", "a\u{85}b", "\u{a0}", "\u{2028}", "a\n\u{2029}b", "\u{feff}", "\u{feff}a\nb",
    "\u{fffe}", "\u{ffff}", "\u{fffd}", "\u{200b}", "\u{202e}a", "é", "日本", "日本\n語\n", "😀",
    "👩\u{200d}💻", "\u{10ffff}", "\u{e000}", "${VAR}", "$$", "{{ .Values.x }}", "%YAML 1.1",
];

fn read(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn text() -> impl Strategy<Value = String> {
    let nasty = || prop::sample::select(NASTY).prop_map(str::to_owned);
    prop_oneof![
        nasty(),
        prop::collection::vec(nasty(), 2..4).prop_map(|parts| parts.concat()),
        "[ -~]{0,20}",
        "[0-9eExob_.:+-]{1,8}",
        "[ab #:\t\n-]{0,20}",
        any::<String>(),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => text().prop_map(Value::String),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_filter("JSON has finite numbers only", |f| f.is_finite()).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn every_value_comes_back(value in value()) {
        prop_assert_eq!(read(&to_yaml(&value)), value);
    }

    #[test]
    fn what_comes_back_is_written_alike(value in value()) {
        let text = to_yaml(&value);
        prop_assert_eq!(to_yaml(&read(&text)), text);
    }

    #[test]
    fn the_order_of_insertion_does_not_matter(entries in prop::collection::btree_map(text(), scalar(), 0..8)) {
        let forwards: Value = entries.clone().into_iter().collect::<serde_json::Map<_, _>>().into();
        let backwards: Value = entries.into_iter().rev().collect::<serde_json::Map<_, _>>().into();
        prop_assert_eq!(to_yaml(&forwards), to_yaml(&backwards));
    }

    #[test]
    fn a_document_is_printable_and_ends_in_one_newline(value in value()) {
        let text = to_yaml(&value);
        prop_assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text:?}");
        prop_assert!(!text.contains(['\r', '\0', '\u{85}', '\u{2028}', '\u{feff}', '\u{1b}']), "{text:?}");
    }
}

#[test]
fn every_nasty_text_comes_back_from_every_place() {
    for nasty in NASTY {
        let value = json!({
            "value": nasty, "item": [nasty, [nasty]], "after": 1,
            "key": {*nasty: {*nasty: [nasty]}}, "last": {"x": nasty},
        });
        assert_eq!(read(&to_yaml(&value)), value, "{nasty:?}");
        assert_eq!(read(&to_yaml(&json!(nasty))), json!(nasty), "{nasty:?}");
    }
}

#[test]
fn an_object_reads_like_that_of_kubectl() {
    let object = json!({
        "spec": {
            "endpointSelector": {"matchLabels": {"k8s:app": "api"}},
            "egress": [
                {"toFQDNs": [{"matchPattern": "*.example.com"}], "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]},
                {},
            ],
            "matrix": [[1, 2], [], ["a"]],
            "enableDefaultDeny": {"egress": true},
            "labels": {},
            "none": null,
        },
        "metadata": {"namespace": "demo", "name": "api", "annotations": {"on": "yes"}},
        "kind": "CiliumNetworkPolicy",
        "apiVersion": "cilium.io/v2",
    });
    insta::assert_snapshot!(to_yaml(&object), @r#"
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata:
      annotations:
        "on": "yes"
      name: api
      namespace: demo
    spec:
      egress:
      - toFQDNs:
        - matchPattern: "*.example.com"
        toPorts:
        - ports:
          - port: "443"
            protocol: TCP
      - {}
      enableDefaultDeny:
        egress: true
      endpointSelector:
        matchLabels:
          k8s:app: api
      labels: {}
      matrix:
      - - 1
        - 2
      - []
      - - a
      none: null
    "#);
}

#[test]
fn scripts_stay_readable() {
    let object = json!({
        "data": {
            "crlf": "a\r\nb\r\n",
            "list": ["one\n\ttwo\n", "one\ntwo"],
            "nftables.conf": "#!/usr/sbin/nft -f\nflush ruleset\n\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\n",
        },
    });
    insta::assert_snapshot!(to_yaml(&object), @r#"
    data:
      crlf: "a\r\nb\r\n"
      list:
      - |
        one
        	two
      - |-
        one
        two
      nftables.conf: |
        #!/usr/sbin/nft -f
        flush ruleset

        table inet filter {
        	chain input {
        		type filter hook input priority 0; policy drop;
        	}
        }
    "#);
}

#[test]
fn numbers_are_floats_to_every_reader_or_integers_to_every_reader() {
    let numbers = json!([
        0,
        -1,
        u64::MAX,
        i64::MIN,
        1.0,
        -0.0,
        0.1,
        1e16,
        1e100,
        1.5e-7,
        5e-324,
        f64::MAX,
        1e-5,
        123_456_789_012_345_680_000.0
    ]);
    insta::assert_snapshot!(to_yaml(&numbers), @r#"
    - 0
    - -1
    - 18446744073709551615
    - -9223372036854775808
    - 1.0
    - -0.0
    - 0.1
    - 1.0e+16
    - 1.0e+100
    - 1.5e-7
    - 5.0e-324
    - 1.7976931348623157e+308
    - 1.0e-5
    - 1.2345678901234568e+20
    "#);
}

#[test]
fn values_at_the_top() {
    for (value, text) in [
        (json!(null), "null\n"),
        (json!({}), "{}\n"),
        (json!([]), "[]\n"),
        (json!("a"), "a\n"),
        (json!("no"), "\"no\"\n"),
        (json!("---\na"), "|-\n  ---\n  a\n"),
        (json!([["a"]]), "- - a\n"),
    ] {
        assert_eq!(to_yaml(&value), text);
    }
}

#[test]
fn a_key_too_long_for_one_line_is_marked() {
    let simple = "k".repeat(1024);
    let long = "k".repeat(1025);
    assert_eq!(to_yaml(&json!({&simple: 1})), format!("{simple}: 1\n"));
    let value = json!({&long: {"a": 1}, "z": {&long: [1, "x\ny"]}});
    assert_eq!(
        to_yaml(&value),
        format!("? {long}\n:\n  a: 1\nz:\n  ? {long}\n  :\n  - 1\n  - |-\n    x\n    y\n")
    );
    assert_eq!(read(&to_yaml(&value)), value);
}

#[test]
fn writing_appends() {
    let mut text = String::from("---\n");
    super::write(&json!({"a": 1}), &mut text);
    assert_eq!(text, "---\na: 1\n");
}

//! Formats of strings.

use super::super::format::Format;

/// Which of these texts a format refuses.
fn refused<'a>(name: &str, texts: &[&'a str]) -> Vec<&'a str> {
    let format = Format::named(name).unwrap();
    texts
        .iter()
        .copied()
        .filter(|text| !format.accepts_text(text))
        .collect()
}

#[test]
fn quantities() {
    let texts = [
        "1", "+1.5", ".5", "5.", "1Ki", "1e3", "1E-3", "1E", "100m", "", ".", "1 Gi", "1gi", "1e",
        "e3",
    ];
    assert_eq!(
        refused("quantity", &texts),
        ["", ".", "1 Gi", "1gi", "1e", "e3"]
    );
}

#[test]
fn cidrs() {
    let texts = [
        "10.0.0.0/8",
        "fd00::/64",
        "10.0.0.1/33",
        "10.0.0/8",
        "10.0.0.1",
        "10.0.0.0/+8",
    ];
    assert_eq!(
        refused("cidr", &texts),
        ["10.0.0.1/33", "10.0.0/8", "10.0.0.1", "10.0.0.0/+8"]
    );
}

#[test]
fn addresses() {
    assert_eq!(
        refused("ipv4", &["10.0.0.1", "10.0.0.01", "::1"]),
        ["10.0.0.01", "::1"]
    );
    assert_eq!(
        refused("ipv6", &["::1", "10.0.0.1", "g::"]),
        ["10.0.0.1", "g::"]
    );
    assert_eq!(
        refused("mac", &["00:1b:44:11:3a:b7", "00:1b:44:11:3a"]),
        ["00:1b:44:11:3a"]
    );
}

#[test]
fn times() {
    let texts = [
        "2006-01-02T15:04:05Z",
        "2006-01-02T15:04:05.25+02:00",
        "2024-02-29T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2006-01-02",
        "2006-01-02 15:04:05Z",
        "2006-01-02T25:04:05Z",
    ];
    assert_eq!(refused("date-time", &texts), texts[3..]);
    assert_eq!(
        refused("date", &["2006-01-02", "2006-13-02", "06-01-02"]),
        ["2006-13-02", "06-01-02"]
    );
}

#[test]
fn durations() {
    let texts = [
        "1m30s", "1.5h", "0", "2 days", "1 week", "", "10", "1x", "s", "-5s", "1m-5s",
    ];
    assert_eq!(refused("duration", &texts), ["", "10", "1x", "s", "1m-5s"]);
}

#[test]
fn base64_with_padding() {
    let texts = ["", "aGVsbG8=", "aGVs\nbG8=", "aGVsbG8", "a===", "aG=sbG8="];
    assert_eq!(refused("byte", &texts), ["aGVsbG8", "a===", "aG=sbG8="]);
}

#[test]
fn identifiers() {
    let uuid = "123e4567-e89b-12d3-a456-426614174000";
    assert_eq!(refused("uuid", &[uuid, &uuid[1..]]), [&uuid[1..]]);
    assert_eq!(
        refused("uri", &["https://a/b", "/path", "urn:x", "a b:c", "path"]),
        ["a b:c", "path"]
    );
    assert_eq!(
        refused("hostname", &["a.example", "A.example", "a_b"]),
        ["a_b"]
    );
    assert_eq!(refused("email", &["a@b", "a@", "b"]), ["a@", "b"]);
}

#[test]
fn formats_that_no_api_server_enforces_are_none() {
    assert_eq!(Format::named("idn-hostname"), None);
}

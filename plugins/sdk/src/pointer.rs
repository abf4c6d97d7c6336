//! JSON Pointers (RFC 6901): how a place in config or cluster is named.

/// A pointer from its segments, each escaped.
///
/// ```
/// assert_eq!(ztgit_plugin::pointer::pointer(["hosts", "a/b"]), "/hosts/a~1b");
/// ```
pub fn pointer<'a>(segments: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for segment in segments {
        push(&mut text, segment);
    }
    text
}

/// Adds one segment to a pointer.
pub fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for character in segment.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The segments of a pointer, unescaped.
pub fn segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer
        .split('/')
        .skip(1)
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

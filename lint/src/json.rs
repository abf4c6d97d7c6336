//! Looking into JSON by JSON Pointers (RFC 6901), without a copy of their segments:
//! rules do it for every object.

use std::borrow::Cow;

use serde_json::Value;

/// What a pointer leads to, through objects only.
pub(crate) fn at<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    let (mut value, mut rest) = (value, pointer);
    while let Some(behind) = rest.strip_prefix('/') {
        let end = behind.bytes().position(|byte| byte == b'/');
        let (segment, further) = behind.split_at(end.unwrap_or(behind.len()));
        value = value.as_object()?.get(&*unescaped(segment))?;
        rest = further;
    }
    Some(value)
}

fn unescaped(segment: &str) -> Cow<'_, str> {
    if segment.bytes().any(|byte| byte == b'~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// A list in an object; empty where there is none.
pub(crate) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    let found = at(value, pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// A text in an object; empty where there is none.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    let found = at(value, pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

//! JSON Merge Patch (RFC 7396) over nodes: defaults, then profiles in the order
//! named, then the cluster; what came last keeps its place.

use super::node::{Field, Mapping, Node, NodeValue};

/// Applies a patch.
///
/// A `null` removes what it meets, with one exception: under `config` it says
/// that a plugin takes no part, and has to stay.
pub(super) fn merge(target: &mut Node, patch: &Node) {
    merge_at(target, patch, Place::Root);
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Root,
    Config,
    Elsewhere,
}

fn merge_at(target: &mut Node, patch: &Node, place: Place) {
    let NodeValue::Mapping(fields) = &patch.value else {
        *target = patch.clone();
        return;
    };
    if target.as_mapping().is_none() {
        *target = Node {
            value: NodeValue::Mapping(Mapping::new()),
            span: patch.span,
        };
    }
    target.span = patch.span;
    let NodeValue::Mapping(existing) = &mut target.value else {
        unreachable!("it was just made a map");
    };
    for (key, field) in fields {
        let below = match place {
            Place::Root if key == "config" => Place::Config,
            _ => Place::Elsewhere,
        };
        if field.node.value == NodeValue::Null && place != Place::Config {
            existing.remove(key);
            continue;
        }
        let target = existing.entry(key.clone()).or_insert_with(|| Field {
            key: field.key,
            node: Node {
                value: NodeValue::Null,
                span: field.node.span,
            },
        });
        target.key = field.key;
        merge_at(&mut target.node, &field.node, below);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, Sources};
    use crate::stack::parse;

    fn node(text: &str) -> Node {
        let mut sources = Sources::default();
        let file = sources.add("text", text.into());
        let node = parse::parse(&sources, file, text.as_bytes(), &mut Diagnostics::default());
        node.expect("the text is YAML")
    }

    /// Appendix A of RFC 7396: original, patch, result.
    const EXAMPLES: [(&str, &str, &str); 15] = [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (
            r#"{"a":{"b":"c"}}"#,
            r#"{"a":{"b":"d","c":null}}"#,
            r#"{"a":{"b":"d"}}"#,
        ),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ];

    #[test]
    fn the_examples_of_the_rfc_come_out_as_it_says() {
        for (original, patch, result) in EXAMPLES {
            let mut target = node(original);
            merge(&mut target, &node(patch));
            assert_eq!(
                target.to_json(),
                node(result).to_json(),
                "{original} with {patch}"
            );
        }
    }

    #[test]
    fn merging_a_patch_twice_changes_nothing_more() {
        for (original, patch, _) in EXAMPLES {
            let mut once = node(original);
            merge(&mut once, &node(patch));
            let mut twice = once.clone();
            merge(&mut twice, &node(patch));
            assert_eq!(twice.to_json(), once.to_json(), "{original} with {patch}");
        }
    }
}

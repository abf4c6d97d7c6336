//! `stack.yaml` in pieces, so that a change can be told from one that is elsewhere.
//!
//! Enters: the parsed file. Leaves: ranges that together are the whole file. A profile
//! or a cluster is a piece of its own; whatever is around them is common to all. A
//! place within a piece is found again by its distance from the piece's beginning,
//! wherever another edit has moved the piece to.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::node::{Field, Node, NodeValue};

/// What a part of `stack.yaml` is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// What all clusters depend on: the first such part of the file, the second, …
    Common(usize),
    /// Of the clusters that take this profile.
    Profile(String),
    /// Of this cluster.
    Cluster(String),
}

/// All pieces, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Pieces(Vec<(Piece, Range<u32>)>);

impl Pieces {
    pub(super) fn of(text: &str, spec: &Node) -> Self {
        let mut own = in_section(spec, "profiles", Piece::Profile);
        own.extend(in_section(spec, "clusters", Piece::Cluster));
        own.sort_by_key(|(_, range)| range.start);
        let end = u32::try_from(text.len()).expect("a file has at most 10 MiB");
        if !are_apart(&own, text) {
            own.clear();
        }
        let mut pieces = Vec::with_capacity(own.len() + 3);
        let (mut at, mut common) = (0, 0);
        for (piece, range) in own {
            if at < range.start {
                pieces.push((Piece::Common(common), at..range.start));
                common += 1;
            }
            at = range.end;
            pieces.push((piece, range));
        }
        pieces.push((Piece::Common(common), at..end));
        Self(pieces)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Piece, Range<u32>)> {
        self.0.iter().map(|(piece, range)| (piece, range.clone()))
    }
}

/// Members of a section of the spec, each as far as the next one's key.
fn in_section(
    spec: &Node,
    section: &str,
    piece: impl Fn(String) -> Piece,
) -> Vec<(Piece, Range<u32>)> {
    let members = spec.get(section).and_then(Node::as_mapping);
    let mut members: Vec<(&String, &Field)> = members.into_iter().flatten().collect();
    members.sort_by_key(|(_, field)| field.key.start);
    let begins = members.iter().map(|(_, field)| field.key.start);
    let last = members.last().map(|(_, field)| end_of(field));
    let ends: Vec<u32> = begins.skip(1).chain(last).collect();
    let ranges = members.iter().zip(ends);
    ranges
        .map(|((name, field), end)| (piece((*name).clone()), field.key.start..end))
        .collect()
}

/// Behind the last scalar: where a map ends is not for certain, and what is left out
/// here is common to all, which costs time at worst.
fn end_of(field: &Field) -> u32 {
    last_scalar(&field.node).max(field.key.end)
}

fn last_scalar(node: &Node) -> u32 {
    let below = match &node.value {
        NodeValue::Mapping(fields) => fields.values().map(end_of).max(),
        NodeValue::Sequence(items) => items.iter().map(last_scalar).max(),
        _ => Some(node.span.end),
    };
    below.unwrap_or_default()
}

/// Whether the ranges are what they should be: one behind the other, each beginning
/// with its key. An unusual way to write a key is not worth a mistake here.
fn are_apart(own: &[(Piece, Range<u32>)], text: &str) -> bool {
    let in_order = own.windows(2).all(|two| two[0].1.end <= two[1].1.start);
    let with_keys = own.iter().all(|(piece, range)| {
        let (Piece::Profile(name) | Piece::Cluster(name)) = piece else {
            return false;
        };
        let text = text.get(range.start as usize..range.end as usize);
        text.is_some_and(|text| {
            text.trim_start_matches(['"', '\''])
                .starts_with(name.as_str())
        })
    });
    in_order && with_keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostics, Sources};
    use crate::stack::parse;

    fn pieces(text: &str) -> Vec<(Piece, String)> {
        let mut sources = Sources::default();
        let file = sources.add("stack.yaml", text.into());
        let node = parse::parse(&sources, file, text.as_bytes(), &mut Diagnostics::default());
        let node = node.expect("the text is YAML");
        let pieces = Pieces::of(text, node.get("spec").expect("there is a spec"));
        pieces
            .iter()
            .map(|(piece, range)| {
                let range = range.start as usize..range.end as usize;
                (piece.clone(), text[range].to_owned())
            })
            .collect()
    }

    fn profile(name: &str, text: &str) -> (Piece, String) {
        (Piece::Profile(name.to_owned()), text.to_owned())
    }

    fn common(number: usize, text: &str) -> (Piece, String) {
        (Piece::Common(number), text.to_owned())
    }

    #[test]
    fn profiles_and_clusters_are_pieces_and_the_rest_is_common() {
        let text = "\
spec:
  profiles:
    a: {labels: {x: \"1\"}}
    b:
      flows: [p, q]
  defaults: {}
  clusters:
    home: {}
    # the last one
metadata: {}
";
        assert_eq!(
            pieces(text),
            [
                common(0, "spec:\n  profiles:\n    "),
                profile("a", "a: {labels: {x: \"1\"}}\n    "),
                profile("b", "b:\n      flows: [p, q"),
                common(1, "]\n  defaults: {}\n  clusters:\n    "),
                (Piece::Cluster("home".to_owned()), "home".to_owned()),
                common(2, ": {}\n    # the last one\nmetadata: {}\n"),
            ]
        );
    }

    #[test]
    fn a_section_on_one_line_has_pieces_too() {
        let text = "spec: {profiles: {'a': {x: 1}, \"b\": {y: 2}}}\n";
        assert_eq!(
            pieces(text),
            [
                common(0, "spec: {profiles: {"),
                profile("a", "'a': {x: 1}, "),
                profile("b", "\"b\": {y: 2"),
                common(1, "}}}\n"),
            ]
        );
    }

    #[test]
    fn a_key_that_is_written_in_escapes_leaves_all_in_common() {
        let text = "spec: {profiles: {\"\\x61\": {x: 1}}}\n";
        assert_eq!(pieces(text), [common(0, text)]);
    }

    #[test]
    fn a_last_member_without_any_text_ends_with_its_key() {
        let text = "spec:\n  profiles:\n    a:\n  defaults: {}\n";
        let found = pieces(text);
        assert_eq!(found[1], profile("a", "a"));
    }
}

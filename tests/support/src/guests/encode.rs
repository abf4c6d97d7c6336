//! Modules and text to components.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WIT: &str = include_str!("../../../../wit/plugin.wit");
const FRAME: &str = include_str!("../../../components/raw/frame.wat");
/// What a file beside the frame may define anew, each with what it begins with
/// in the frame.
const REPLACEABLE: [&str; 4] = [
    "(memory $memory",
    "(func $describe",
    "(func $facts",
    "(func $render",
];

/// A component from a module that carries its own world.
pub(super) fn component(module: &[u8]) -> Vec<u8> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .unwrap_or_else(|error| panic!("the module is no plugin: {error:#}"))
}

/// WebAssembly as its text has it.
pub(super) fn text(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// A component of the frame and the parts that take the place of the frame's.
pub(super) fn raw(parts: &str, edit: impl Fn(&str) -> String) -> Vec<u8> {
    of_world(&edit(WIT), &edit(&fill_frame(parts)))
}

/// A component of instructions for the world of a WIT.
pub(super) fn of_world(wit: &str, instructions: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("plugin.wit", wit)
        .unwrap_or_else(|error| panic!("the WIT does not parse: {error:#}"));
    let world = resolve
        .select_world(&[package], Some("renderer"))
        .expect("the WIT has the world");
    let mut module = text(instructions);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the module takes a section more");
    component(&module)
}

/// The frame without what the parts define, and the parts: last, so that their
/// data take the place of the frame's; first where the text format wants it.
fn fill_frame(parts: &str) -> String {
    let mut frame = FRAME.to_owned();
    for begin in REPLACEABLE
        .into_iter()
        .filter(|begin| parts.contains(begin))
    {
        let start = frame.find(begin).expect("the frame defines it");
        let end = start + expression(&frame[start..]);
        frame.replace_range(start..end, "");
    }
    if parts.contains("(import") {
        return frame.replacen("(module", &format!("(module\n{parts}"), 1);
    }
    let end = frame.rfind(')').expect("the frame is one expression");
    frame.insert_str(end, parts);
    frame
}

/// The length of the expression that a text begins with.
fn expression(text: &str) -> usize {
    let mut depth = 0;
    let end = text.find(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    end.expect("the frame's brackets are balanced") + 1
}

//! Text of several lines, one under the other.
//!
//! A literal block (`|`) shows a script as it is, but readers find its margin
//! by looking at the first line, so that line has to begin with a visible
//! character; an explicit margin (`|2`) is not an answer, because readers
//! disagree on what it is relative to in a sequence. Text that ends in blank
//! lines is quoted too: editors and git hooks cut them off.

use super::quoted::is_readable;

/// Whether a text is written as a literal block: all readers give it back and
/// it has more than one line to show.
pub(super) fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text
            .chars()
            .all(|character| matches!(character, '\n' | '\t') || is_readable(character))
}

/// Appends the block and the end of its last line.
pub(super) fn write(text: &str, column: usize, out: &mut String) {
    let (header, lines) = match text.strip_suffix('\n') {
        Some(lines) => ("|\n", lines),
        None => ("|-\n", text),
    };
    out.push_str(header);
    for line in lines.split('\n') {
        if !line.is_empty() {
            super::indent(column, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

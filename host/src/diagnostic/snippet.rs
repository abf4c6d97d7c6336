//! Findings as annotated snippets for a terminal.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Severity, Sources, Span};

/// How many lines of a snippet's text are handed to the renderer around the
/// cause, so that a large file costs no more than a small one.
const CONTEXT_LINES: usize = 2;
/// Bytes around the cause that are handed over of a long line.
const CONTEXT_BYTES: usize = 100;

/// Whether escape sequences for colour may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences.
    Plain,
    /// Colours.
    Coloured,
}

/// A finding as text, without a newline at its end.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let level = match diagnostic.weight() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut title = diagnostic.message.clone();
    if let Some(cluster) = &diagnostic.cluster {
        title = format!("{title} (cluster {cluster})");
    }
    if let Some(reason) = &diagnostic.accepted {
        title = format!("accepted, {reason}: {title}");
    }
    let mut group = Group::with_title(
        level
            .primary_title(title.as_str())
            .id(diagnostic.code.as_str()),
    );
    let windows: Vec<(Window<'_>, Option<&str>)> = diagnostic
        .span
        .iter()
        .map(|span| (window(sources, *span), None))
        .chain(
            diagnostic
                .related
                .iter()
                .map(|(span, what)| (window(sources, *span), Some(what.as_str()))),
        )
        .collect();
    for (window, label) in &windows {
        let kind = if label.is_none() {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let mut annotation = kind.span(window.range.clone());
        if let Some(label) = label {
            annotation = annotation.label(*label);
        }
        let snippet = Snippet::source(window.text)
            .line_start(window.first_line)
            .annotation(annotation);
        group = match window.column {
            None => group.element(snippet.path(window.name)),
            Some(column) => {
                let place = Origin::path(window.name).line(window.first_line);
                group.element(place.char_column(column)).element(snippet)
            }
        };
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.decor_style(DecorStyle::Ascii).render(&[group])
}

struct Window<'a> {
    name: &'a str,
    text: &'a str,
    first_line: usize,
    range: Range<usize>,
    /// The column of the cause, where the text is a part of its line only.
    column: Option<usize>,
}

/// The part around a span of a line that is too long to be shown.
fn part_of_line(sources: &Sources, span: Span, start: usize, end: usize) -> Window<'_> {
    let text = sources.text(span.file);
    let end = text.floor_char_boundary(end.min(start + CONTEXT_BYTES));
    let from = text.ceil_char_boundary(start.saturating_sub(CONTEXT_BYTES));
    let from = text[from..start]
        .rfind('\n')
        .map_or(from, |newline| from + newline + 1);
    let to = text.floor_char_boundary(end + CONTEXT_BYTES);
    let to = text[end..to].find('\n').map_or(to, |newline| end + newline);
    let (line, column) = sources.position(span);
    Window {
        name: sources.name(span.file),
        text: &text[from..to],
        first_line: line,
        range: start - from..end - from,
        column: Some(column),
    }
}

/// The lines around a span. A span over many lines is shown by its first.
fn window(sources: &Sources, span: Span) -> Window<'_> {
    let text = sources.text(span.file);
    let start = text.floor_char_boundary(span.start as usize);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |newline| start + newline);
    let end = text
        .floor_char_boundary(span.end as usize)
        .clamp(start, line_end);

    let mut from = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    for _ in 0..CONTEXT_LINES {
        if from > 0 {
            from = text[..from - 1]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
        }
    }
    let mut to = line_end;
    for _ in 0..CONTEXT_LINES {
        if to < text.len() {
            to = text[to + 1..]
                .find('\n')
                .map_or(text.len(), |newline| to + 1 + newline);
        }
    }
    if to - from > (1 + 2 * CONTEXT_LINES) * 2 * CONTEXT_BYTES {
        return part_of_line(sources, span, start, end);
    }
    Window {
        name: sources.name(span.file),
        text: &text[from..to],
        first_line: sources.line(span.file, from),
        range: start - from..end - from,
        column: None,
    }
}

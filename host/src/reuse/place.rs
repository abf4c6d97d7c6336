//! Places as records keep them: files by name instead of number, and in `stack.yaml`
//! by the distance from the beginning of a piece, because other pieces may change.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Span;
use crate::stack::{Outline, Piece};

/// Where the pieces of a stack are now.
pub(super) struct Places<'s> {
    outline: &'s Outline,
    pieces: Vec<(&'s Piece, Span)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredSpan {
    within: Within,
    range: Range<u32>,
}

#[derive(Serialize, Deserialize)]
enum Within {
    File(String),
    Piece(Piece),
}

impl<'s> Places<'s> {
    pub(super) fn of(outline: &'s Outline) -> Self {
        Self {
            outline,
            pieces: outline.pieces().collect(),
        }
    }

    /// The text of a piece, where there is one.
    pub(super) fn text(&self, piece: &Piece) -> Option<&'s str> {
        Some(self.outline.sources.slice(self.place(piece)?))
    }

    fn place(&self, piece: &Piece) -> Option<Span> {
        let found = self.pieces.iter().find(|(found, _)| *found == piece)?;
        Some(found.1)
    }

    /// None for what reaches over several pieces.
    pub(super) fn stored(&self, span: Span) -> Option<StoredSpan> {
        let is_cut = self.pieces.iter().any(|(_, of)| of.file == span.file);
        if !is_cut {
            let name = self.outline.sources.name(span.file);
            return Some(StoredSpan {
                within: Within::File(name.to_owned()),
                range: span.start..span.end,
            });
        }
        let around = |of: &Span| of.start <= span.start && span.end <= of.end;
        let (piece, of) = self.pieces.iter().find(|(_, of)| around(of))?;
        Some(StoredSpan {
            within: Within::Piece((*piece).clone()),
            range: span.start - of.start..span.end - of.start,
        })
    }

    /// None where the stack has no such place, and what was kept is not of this stack.
    pub(super) fn restored(&self, stored: &StoredSpan) -> Option<Span> {
        let (file, begin) = match &stored.within {
            Within::File(name) => (self.outline.file(name)?, 0),
            Within::Piece(piece) => {
                let of = self.place(piece)?;
                (of.file, of.start)
            }
        };
        Some(Span {
            file,
            start: begin + stored.range.start,
            end: begin + stored.range.end,
        })
    }
}

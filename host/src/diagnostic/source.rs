//! The texts that spans point into.

use std::sync::Arc;

/// A file among [`Sources`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which file.
    pub file: FileId,
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset behind the last byte.
    pub end: u32,
}

/// All files that were read, in the order in which they were.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

#[derive(Debug, Clone)]
struct Source {
    name: String,
    text: Arc<str>,
    /// Where each line but the first begins: a large file with many findings
    /// must not be counted through for each of them.
    lines: Arc<[u32]>,
}

impl Sources {
    /// Adds a file; its name is what diagnostics show.
    pub fn add(&mut self, name: &str, text: Arc<str>) -> FileId {
        let id = u32::try_from(self.files.len()).expect("a stack has fewer than 2^32 files");
        let lines = text
            .match_indices('\n')
            .map(|(newline, _)| u32::try_from(newline + 1).expect("a file has less than 4 GiB"));
        let lines = lines.collect();
        self.files.push(Source {
            name: name.to_owned(),
            text,
            lines,
        });
        FileId(id)
    }

    /// The file's name.
    pub fn name(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].name
    }

    /// The file's text.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].text
    }

    /// The text that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file)
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// Line and column of a span's start, both from 1; columns count
    /// characters.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let text = self.text(span.file);
        let start = text.floor_char_boundary(span.start as usize);
        let line = self.line(span.file, start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        (line, text[line_start..start].chars().count() + 1)
    }

    /// The line, from 1, that an offset is on.
    pub fn line(&self, file: FileId, offset: usize) -> usize {
        self.files[file.0 as usize]
            .lines
            .partition_point(|start| *start as usize <= offset)
            + 1
    }

    /// `file:line:column` of a span's start.
    pub fn locate(&self, span: Span) -> String {
        let (line, column) = self.position(span);
        format!("{}:{line}:{column}", self.name(span.file))
    }
}

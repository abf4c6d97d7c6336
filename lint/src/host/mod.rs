//! Files of nodes and clients, read as far as rules look into them.
//!
//! Enters: the files of a subject, whoever gave them. Leaves: rulesets, tunnels
//! and YAML with the lines on which they stand. What is not understood is left
//! out: whether a file is valid is for the program that reads it.

pub(crate) mod firewall;
pub(crate) mod k3s;
pub(crate) mod nftables;
pub(crate) mod ports;
pub(crate) mod wireguard;
pub(crate) mod yaml;

use std::path::Path;

use ztgit_plugin::FileTarget;

use crate::finding::{Found, Place};
use crate::subject::{HostFile, Subject};

/// A file of a subject, with its index.
#[derive(Clone, Copy)]
pub(crate) struct FileSpot<'s> {
    /// Its index in the subject.
    pub(crate) index: usize,
    /// The file.
    pub(crate) file: &'s HostFile<'s>,
}

/// Whether a path ends in this extension.
pub(crate) fn is_of_type(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Every file.
pub(crate) fn files<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = FileSpot<'s>> {
    let files = subject.files.iter().enumerate();
    files.map(|(index, file)| FileSpot { index, file })
}

/// The file of an index.
fn file<'s>(subject: &'s Subject<'s>, index: usize) -> FileSpot<'s> {
    let file = &subject.files[index];
    FileSpot { index, file }
}

impl<'s> FileSpot<'s> {
    /// Its text; empty where it is none.
    pub(crate) fn text(self) -> &'s str {
        std::str::from_utf8(self.file.content).unwrap_or_default()
    }

    /// The node that it is for, unless it is a client's.
    pub(crate) fn node(self) -> Option<&'s str> {
        match self.file.target {
            FileTarget::Node(node) => Some(node),
            FileTarget::Client(_) => None,
        }
    }

    /// What findings about it are about: its path, with whose it is.
    pub(crate) fn name(self) -> String {
        let (FileTarget::Node(owner) | FileTarget::Client(owner)) = self.file.target;
        format!("{owner}:{}", self.file.path)
    }

    /// The first line, from 1, that has a text in it; the first of all without.
    pub(crate) fn line_of(self, needle: &str) -> usize {
        let mut lines = self.text().lines();
        lines
            .position(|line| line.contains(needle))
            .map_or(1, |index| index + 1)
    }

    /// A finding at a line.
    pub(crate) fn finding(
        self,
        line: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Found {
        Found::new(
            self.name(),
            Place::File(self.index, line.max(1)),
            message,
            hint,
        )
    }
}

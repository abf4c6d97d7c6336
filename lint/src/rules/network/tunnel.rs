//! Files of WireGuard, as far as rules look into them.

use std::net::IpAddr;

use ipnet::IpNet;
use ztgit_plugin::FileTarget;

use crate::meet::range;
use crate::subject::HostFile;

/// A line `key = value` of a file, from 1.
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// The settings of a tunnel; none for other files.
pub(super) fn lines<'a>(file: &'a HostFile<'_>) -> Vec<Line<'a>> {
    let text = std::str::from_utf8(file.content).unwrap_or_default();
    if !text.lines().any(|line| line.trim() == "[Interface]") {
        return Vec::new();
    }
    let numbered = text.lines().enumerate();
    numbered
        .filter_map(|(index, line)| {
            let (key, value) = line.split('#').next()?.split_once('=')?;
            Some(Line {
                number: index + 1,
                key: key.trim(),
                value: value.trim(),
            })
        })
        .collect()
}

impl Line<'_> {
    /// The ranges of a list of them.
    pub(super) fn ranges(&self) -> impl Iterator<Item = IpNet> {
        self.value.split(',').filter_map(|text| range(text.trim()))
    }

    /// The addresses of a list of them, whatever their prefix.
    pub(super) fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.ranges().map(|range| range.addr())
    }
}

/// Whether a file is a client's.
pub(super) fn is_client(file: &HostFile<'_>) -> bool {
    matches!(file.target, FileTarget::Client(_))
}

/// What findings about a file are about: its path, with whose it is.
pub(super) fn name(file: &HostFile<'_>) -> String {
    let (FileTarget::Node(owner) | FileTarget::Client(owner)) = file.target;
    format!("{owner}:{}", file.path)
}

//! Files, as they are on the disk.

use crate::digest::Sha256;
use crate::format::EXCLUSIVE_DIRECTORIES;
use crate::host::Host;
use crate::path::HostPath;
use crate::root::{Found, Kind as FileKind};
use crate::source::LARGEST_FILE;
use crate::state::{Installation, InstalledFile};

use super::report::{Finding, Kind};

/// Everything that differs, and what could not be looked at.
pub(super) fn findings(host: &Host<'_>, expected: &Installation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, file) in &expected.files {
        match host.root.look(path) {
            Err(error) => findings.push(Finding::unknown(path.as_str(), &error.to_string())),
            Ok(None) => findings.push(Finding::new(path, Kind::Missing, "a file", "nothing")),
            // The host's own.
            Ok(Some(_)) if !file.is_managed() => {}
            Ok(Some(found)) => differences(host, path, file, found, &mut findings),
        }
    }
    for directory in EXCLUSIVE_DIRECTORIES {
        extra(host, directory, expected, &mut findings);
    }
    findings
}

fn differences(
    host: &Host<'_>,
    path: &HostPath,
    file: &InstalledFile,
    found: Found,
    findings: &mut Vec<Finding>,
) {
    let mut differ = |kind, expected: &str, found: &str| {
        findings.push(Finding::new(path, kind, expected, found));
    };
    if found.kind != FileKind::File {
        return differ(Kind::Type, "a file", name_of(found.kind));
    }
    let wanted = host.owned(file.mode);
    let metadata = found.metadata;
    if metadata.mode != wanted.mode {
        differ(
            Kind::Mode,
            &wanted.mode.to_string(),
            &metadata.mode.to_string(),
        );
    }
    if (metadata.uid, metadata.gid) != (wanted.uid, wanted.gid) {
        let name = |uid: u32, gid: u32| format!("{uid}:{gid}");
        let (wanted, found) = (
            name(wanted.uid, wanted.gid),
            name(metadata.uid, metadata.gid),
        );
        differ(Kind::Owner, &wanted, &found);
    }
    if found.links != 1 {
        differ(Kind::Links, "1", &found.links.to_string());
    }
    match host.root.read(path, LARGEST_FILE) {
        Err(error) => findings.push(Finding::unknown(path.as_str(), &error.to_string())),
        Ok(bytes) => {
            let sha256 = Sha256::of(&bytes);
            if sha256 != file.sha256 {
                differ(Kind::Content, &file.sha256.to_string(), &sha256.to_string());
            }
        }
    }
}

fn name_of(kind: FileKind) -> &'static str {
    match kind {
        FileKind::File => "a file",
        FileKind::Directory => "a directory",
        FileKind::SymbolicLink => "a symbolic link",
        FileKind::Other => "something else",
    }
}

/// What stands where only ztgit's files do.
fn extra(host: &Host<'_>, directory: &str, expected: &Installation, findings: &mut Vec<Finding>) {
    let names = match host.root.list(directory.trim_start_matches('/')) {
        Ok(names) => names,
        Err(error) => return findings.push(Finding::unknown(directory, &error.to_string())),
    };
    for (name, kind) in names {
        let text = format!("{directory}/{name}");
        let Ok(path) = HostPath::new(&text) else {
            findings.push(Finding::of(&text, Kind::Extra, "nothing", "an entry"));
            continue;
        };
        let below = format!("{text}/");
        let is_ours = |known: &HostPath| known.as_str().starts_with(&below);
        if kind == FileKind::Directory && expected.files.keys().any(is_ours) {
            extra(host, &text, expected, findings);
        } else if !expected.files.contains_key(&path) {
            findings.push(Finding::new(&path, Kind::Extra, "nothing", "an entry"));
        }
    }
}

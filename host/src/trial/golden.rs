//! Outcomes beside what is expected: the directory `expected` of a case.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::case::{Case, CaseError};
use super::outcome::Outcome;
use crate::tree::diff::{TreeDiff, unified};
use crate::tree::{Blob, FileMode, TreePath};

type Files = BTreeMap<TreePath, Vec<u8>>;

/// How an outcome differs from what is expected, as a unified diff; empty where
/// it does not.
pub fn difference(case: &Case, outcome: &Outcome) -> Result<String, CaseError> {
    let expected = read(&expected(case))?;
    let difference = TreeDiff::between(blobs(&expected), blobs(&outcome.files));
    Ok(difference
        .iter()
        .map(|(path, change)| unified(path, &change))
        .collect())
}

/// Makes an outcome the expected one.
pub fn update(case: &Case, outcome: &Outcome) -> io::Result<()> {
    let directory = expected(case);
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    for (path, bytes) in &outcome.files {
        let file = directory.join(path.as_str());
        fs::create_dir_all(file.parent().expect("it lies in the directory"))?;
        fs::write(file, bytes)?;
    }
    Ok(())
}

fn expected(case: &Case) -> PathBuf {
    case.directory.join("expected")
}

fn blobs(files: &Files) -> impl Iterator<Item = (&TreePath, Blob<'_>)> {
    files.iter().map(|(path, bytes)| {
        let mode = FileMode::Regular;
        (path, Blob { bytes, mode })
    })
}

/// All files below a directory; none where it is not there.
fn read(directory: &Path) -> Result<Files, CaseError> {
    let mut files = Files::new();
    if directory.is_dir() {
        collect(directory, "", &mut files)?;
    }
    Ok(files)
}

fn collect(directory: &Path, prefix: &str, files: &mut Files) -> Result<(), CaseError> {
    let failed = |path: &Path, source| CaseError::Read {
        path: path.to_owned(),
        source,
    };
    for entry in fs::read_dir(directory).map_err(|error| failed(directory, error))? {
        let path = entry.map_err(|error| failed(directory, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let inner = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{inner}/"), files)?;
            continue;
        }
        let key = TreePath::new(&inner)
            .map_err(|error| failed(&path, io::Error::new(io::ErrorKind::InvalidData, error)))?;
        let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
        files.insert(key, bytes);
    }
    Ok(())
}
